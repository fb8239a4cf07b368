"""Who must agree, and the proof that they did."""

from collections.abc import Iterable, Mapping, Sequence

from core.domain.actions import Action
from core.domain.errors import QuorumLost
from core.domain.fingerprint import Fingerprint
from core.domain.operation import Decision, Operation, State
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


def who_decides(
    rule: ApprovalRule, requester: Person, everybody: Iterable[Person], rights: RoleRights
) -> tuple[PersonId, ...]:
    """The requester's leader if that person may approve, else every approver; never the requester."""
    if rule.ask is AskWhom.NOBODY:
        return ()
    able = {
        person.id: person
        for person in everybody
        if person.id != requester.id and rights.allows(person, Right.APPROVE)
    }
    if rule.ask is AskWhom.LEADER and rule.votes == 1 and requester.leader in able:
        assert requester.leader is not None
        return (requester.leader,)
    return tuple(sorted(able))


def who_still_decides(
    action: Action,
    rule: ApprovalRule,
    requester: Person | None,
    everybody: Iterable[Person],
    rights: RoleRights,
) -> tuple[PersonId, ...]:
    """As `who_decides`, and nobody when the requester has left or may no longer ask for it."""
    if requester is None or not rights.allows(requester, action.right):
        return ()
    return who_decides(rule, requester, everybody, rights)


def undecidable(
    person: Person, rules: Mapping[Action, ApprovalRule], everybody: Sequence[Person], rights: RoleRights
) -> tuple[Action, ...]:
    """What this person may ask for although too few others could approve it."""
    return tuple(
        action
        for action, rule in rules.items()
        if rights.allows(person, action.right) and len(who_decides(rule, person, everybody, rights)) < rule.votes
    )


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
