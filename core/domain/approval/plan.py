"""Which people are asked to approve an operation."""

from collections.abc import Iterable, Mapping, Sequence

from core.domain.actions import Action
from core.domain.people import Person, PersonId, Right, RoleRights
from core.domain.policy import ApprovalRule, AskWhom


def who_decides(
    rule: ApprovalRule, requester: Person, everybody: Iterable[Person], rights: RoleRights
) -> tuple[PersonId, ...]:
    """Returns the requester's leader if that person may approve, else every approver; never the requester."""
    if rule.ask is AskWhom.NOBODY:
        return ()
    # The requester is left out here, so no rule and no role can let people decide their own requests.
    able = {
        person.id: person
        for person in everybody
        if person.id != requester.id and rights.allows(person, Right.APPROVE)
    }
    # A leader has one vote, so a rule that needs several asks every approver.
    if rule.ask is AskWhom.LEADER and rule.votes == 1 and requester.leader in able:
        assert requester.leader is not None  # narrows the type: None is never in `able`
        return (requester.leader,)
    return tuple(sorted(able))


def who_still_decides(
    action: Action,
    rule: ApprovalRule,
    requester: Person | None,
    everybody: Iterable[Person],
    rights: RoleRights,
) -> tuple[PersonId, ...]:
    """Returns what `who_decides` does, but nobody when the requester has left or has lost the right."""
    if requester is None or not rights.allows(requester, action.right):
        return ()
    return who_decides(rule, requester, everybody, rights)


def undecidable(
    person: Person, rules: Mapping[Action, ApprovalRule], everybody: Sequence[Person], rights: RoleRights
) -> tuple[Action, ...]:
    """Returns the actions that this person may ask for although too few other people could approve them."""
    return tuple(
        action
        for action, rule in rules.items()
        if rights.allows(person, action.right) and len(who_decides(rule, person, everybody, rights)) < rule.votes
    )
