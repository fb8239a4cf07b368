"""The proof that enough approvers have agreed to an operation."""

from collections.abc import Mapping

from core.domain.approval.vote import Decision
from core.domain.errors import QuorumLost
from core.domain.fingerprint import Fingerprint
from core.domain.operation.life import State
from core.domain.operation.operation import Operation
from core.domain.people import Person, PersonId, Right, RoleRights
from core.domain.policy import ApprovalRule, AskWhom

# Private to the module: code that does not hold this object cannot construct an Approved.
_MINT = object()


class Approved:
    """The proof that the policy is satisfied: only `approved` makes it, and `execute` accepts nothing else.

    `operation` is the operation's number, `fence` the fencing number of the worker that claimed it.
    """

    __slots__ = ("fence", "fingerprint", "operation")

    def __init__(self, operation: int, fingerprint: Fingerprint, fence: int, *, mint: object) -> None:
        if mint is not _MINT:  # a TypeError and no Refusal: only wrong code gets here, never a person
            raise TypeError("Approved is made by core.domain.approval.approved.approved() only")
        self.operation = operation
        self.fingerprint = fingerprint
        self.fence = fence


def approved(
    operation: Operation, rule: ApprovalRule, people: Mapping[PersonId, Person], rights: RoleRights
) -> Approved:
    """Count the votes again, with the roles of this moment, inside the transaction that starts the work.

    Raises QuorumLost when votes are missing or somebody rejected, or when the requester has lost the right.
    """
    # Only the claim by a worker sets this state, and with it the fencing number of the proof.
    if operation.state is not State.EXECUTING:
        raise QuorumLost(f"{operation.label} is not taken for execution")
    # One rejection ends an operation, however many people have approved it.
    if operation.current_votes(Decision.REJECT):
        raise QuorumLost(f"{operation.label} holds a rejection")
    # The policy may have changed since the request was made: the stricter of the two counts.
    needed = max(rule.votes, operation.votes_needed) if rule.ask is not AskWhom.NOBODY else operation.votes_needed
    valid = [
        vote
        for vote in operation.current_votes(Decision.APPROVE)
        if vote.person != operation.requester
        and rights.allows(people.get(vote.person), Right.APPROVE)
        # A user id that was given to somebody new does not bring the votes of its former holder along.
        and people[vote.person].generation == vote.generation
    ]
    if len(valid) < needed:
        raise QuorumLost(f"{operation.label} has {len(valid)} of {needed} votes")
    if not rights.allows(people.get(operation.requester), operation.action.right):
        raise QuorumLost(f"{operation.label}: the requester has lost the right")
    return Approved(operation.number, operation.fingerprint, operation.fence, mint=_MINT)
