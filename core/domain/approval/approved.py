"""The proof that those who must agree did."""

from collections.abc import Mapping

from core.domain.approval.vote import Decision
from core.domain.errors import QuorumLost
from core.domain.fingerprint import Fingerprint
from core.domain.operation.life import State
from core.domain.operation.operation import Operation
from core.domain.people import Person, PersonId, Right, RoleRights
from core.domain.policy import ApprovalRule, AskWhom

_MINT = object()


class Approved:
    """The value only a satisfied policy can make, and the only thing `execute` accepts."""

    __slots__ = ("fence", "fingerprint", "operation")

    def __init__(self, operation: int, fingerprint: Fingerprint, fence: int, *, mint: object) -> None:
        if mint is not _MINT:
            raise TypeError("Approved is made by core.domain.approval.approved() only")
        self.operation = operation
        self.fingerprint = fingerprint
        self.fence = fence


def approved(
    operation: Operation, rule: ApprovalRule, people: Mapping[PersonId, Person], rights: RoleRights
) -> Approved:
    """Count the votes again, with the roles of now, inside the transaction that starts the work.

    Raises QuorumLost.
    """
    if operation.state is not State.EXECUTING:
        raise QuorumLost(f"{operation.label} is not taken for execution")
    if operation.current_votes(Decision.REJECT):
        raise QuorumLost(f"{operation.label} holds a rejection")
    needed = max(rule.votes, operation.votes_needed) if rule.ask is not AskWhom.NOBODY else operation.votes_needed
    valid = [
        vote
        for vote in operation.current_votes(Decision.APPROVE)
        if vote.person != operation.requester
        and rights.allows(people.get(vote.person), Right.APPROVE)
        and people[vote.person].generation == vote.generation
    ]
    if len(valid) < needed:
        raise QuorumLost(f"{operation.label} has {len(valid)} of {needed} votes")
    if not rights.allows(people.get(operation.requester), operation.action.right):
        raise QuorumLost(f"{operation.label}: the requester has lost the right")
    return Approved(operation.number, operation.fingerprint, operation.fence, mint=_MINT)
