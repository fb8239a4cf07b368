"""Tests for every use case and every set of roles who passes the gate, and how the others are refused. No I/O."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.actions import Action
from core.domain.errors import AlreadyClosed, NotAllowed, NotYours, Refusal
from core.domain.operation.life import State
from core.domain.people import Person, PersonId, Right, Role, RoleRights
from core.domain.prompts import LISTS, Asking, Prompt
from core.domain.use_cases import ForWhom, RightOf, UseCase
from core.services import use_cases
from core.services.gate import NOTHING, Asker, Matter, Unnamed, admit, somebody
from core.services.use_cases import USE_CASES
from tests.cards import LI, NOW, WANG, ZHAO, operation

EVERYBODY = "rep lead approver admin auditor"
THEIRS = "rep lead admin"
"""The roles whose work it is to change records."""
DECIDE = "approver admin"
MAY = {
    "void": THEIRS,
    "archive": THEIRS,
    "delete": THEIRS,
    "restore": THEIRS,
    "undo": THEIRS,
    "bring back": THEIRS,
    "archive instead": THEIRS,
    "cancel": EVERYBODY,
    "approve": DECIDE,
    "reject": DECIDE,
    "run": EVERYBODY,
    "withdraw": EVERYBODY,
    "nudge": EVERYBODY,
    "keep": EVERYBODY,
    "follow up": EVERYBODY,
    "contacted": EVERYBODY,
    "snooze": EVERYBODY,
    "my requests": EVERYBODY,
    "waiting": EVERYBODY,
    "find": EVERYBODY,
    "my customers": EVERYBODY,
    "log": EVERYBODY,
    "greet": EVERYBODY,
    "thanks": EVERYBODY,
    "help": EVERYBODY,
    "speak": EVERYBODY,
    "leave alone": EVERYBODY,
    "not offered": EVERYBODY,
    "not read": EVERYBODY,
}
"""The roles that may do each use case, as this release grants them. Where the right depends on the request or
question, the use case is not listed here.
"""
MAY_ASK_FOR = {
    Action.VOID: THEIRS,
    Action.ARCHIVE: THEIRS,
    Action.DELETE: THEIRS,
    Action.RESTORE: THEIRS,
    Action.PURGE: "admin",
    Action.EDIT_SEGMENT: THEIRS,
}
_WORK = "help view void archive delete restore groups"
GRANTS = RoleRights(
    {
        role: frozenset(Right(right) for right in rights.split())
        for role, rights in {
            Role.REP: _WORK,
            Role.LEAD: _WORK,
            Role.APPROVER: "help view approve",
            Role.ADMIN: f"{_WORK} purge approve audit admin",
            Role.AUDITOR: "help view audit",
        }.items()
    }
)
ROLE_SETS = [frozenset(some) for some in chain.from_iterable(combinations(Role, size) for size in range(6))]


def person(roles: Iterable[Role] = (), who: PersonId = LI, *, active: bool = True) -> Person:
    return Person(who, who, who, frozenset(roles), active=active)


def member(roles: Iterable[Role] = (), who: PersonId = LI) -> Asker:
    one = person(roles, who)
    return somebody(one, GRANTS.of(one))


def holding(*rights: Right, who: PersonId = LI) -> Asker:
    return somebody(person(who=who), frozenset(rights))


def heard(case: UseCase, asker: Asker, matter: Matter = NOTHING) -> Refusal | None:
    """Returns the refusal; None when the asker passes."""
    try:
        admit(case, asker, matter)
    except Refusal as refusal:
        return refusal
    return None


def said(refusal: Refusal | None) -> tuple[type[Refusal], str, dict[str, object]] | None:
    return None if refusal is None else (type(refusal), refusal.text, dict(refusal.values))


def lacks(right: Right) -> tuple[type[Refusal], str, dict[str, object]]:
    return NotAllowed, "not_allowed", {"right": right}


def asked(asking: Asking, action: Action | None = None) -> Prompt:
    return Prompt("p1", LI, asking, NOW, operation=312, action=action)


def matters(case: UseCase) -> Iterator[Matter]:
    """Yields every kind of request and question that the use case can be about."""
    match case.right:
        case RightOf.REQUEST:
            yield from (Matter(operation(action=action)) for action in Action)
        case RightOf.QUESTION:
            yield from (Matter(prompt=asked(asking, action)) for asking in LISTS for action in (None, *Action))
            yield from (Matter(operation(action=action), asked(Asking.REASON)) for action in Action)
            yield Matter(operation(state=State.PENDING), asked(Asking.REJECTION))
        case Right.APPROVE:
            yield from (Matter(operation(state=state)) for state in State)
        case _:
            yield NOTHING


MEMBERS_CASES = [case for case in USE_CASES if case.for_whom is ForWhom.MEMBERS]
FIXED = [case for case in MEMBERS_CASES if isinstance(case.right, Right)]
for_members = pytest.mark.parametrize("case", MEMBERS_CASES, ids=lambda case: case.name)


def test_the_table_is_whole():
    """A use case that is added without its roles in the tables above fails this test."""
    hanging = {case.name for case in MEMBERS_CASES if isinstance(case.right, RightOf)}
    assert hanging == {"confirm", "ask again", "choose", "line"}
    assert set(MAY) == {case.name for case in MEMBERS_CASES} - hanging


def only(may: str, case: UseCase, right: Right, matter: Matter = NOTHING) -> None:
    """Asserts that the sets with a role in `may` pass, and that all others are told which right is missing."""
    for roles in ROLE_SETS:
        expected = None if roles & set(may.split()) else lacks(right)
        assert said(heard(case, member(roles), matter)) == expected, roles


@pytest.mark.parametrize("case", FIXED, ids=lambda case: case.name)
def test_one_role_that_may_is_enough(case: UseCase):
    """One of the roles is enough, whatever other roles a person has; all others are told the missing right."""
    assert isinstance(case.right, Right)
    only(MAY[case.name], case, case.right)


@pytest.mark.parametrize("action", Action)
def test_standing_by_a_request_needs_what_its_action_needs(action: Action):
    """确认 of a purge needs the right to purge, 确认 of a void that to void; so does the line with the reason."""
    about = operation(action=action)
    only(MAY_ASK_FOR[action], use_cases.CONFIRM, action.right, Matter(about))
    only(MAY_ASK_FOR[action], use_cases.ASK_AGAIN, action.right, Matter(about))
    only(MAY_ASK_FOR[action], use_cases.LINE, action.right, Matter(about, asked(Asking.REASON)))


@pytest.mark.parametrize("asking", sorted(LISTS))
@pytest.mark.parametrize("action", Action)
def test_picking_needs_what_the_pick_leads_to(asking: Asking, action: Action):
    """Picking a record to be archived needs the right to archive."""
    only(MAY_ASK_FOR[action], use_cases.CHOOSE, action.right, Matter(prompt=asked(asking, action)))


@pytest.mark.parametrize("asking", sorted(LISTS))
def test_picking_for_a_look_needs_view(asking: Asking):
    """Picking a record only to look at it, or from a digest, needs no more than the right to look."""
    only(EVERYBODY, use_cases.CHOOSE, Right.VIEW, Matter(prompt=asked(asking)))


def test_the_line_of_a_rejection_needs_approve():
    """The line of a rejection is a vote: without the right to approve it is refused about that request."""
    pending = Matter(operation(state=State.PENDING), asked(Asking.REJECTION))
    assert heard(use_cases.LINE, holding(Right.APPROVE), pending) is None
    no = heard(use_cases.LINE, holding(*set(Right) - {Right.APPROVE}), pending)
    assert said(no) == (NotYours, "not_approver", {"operation": "#0312"})


DECIDING = pytest.mark.parametrize("case", [use_cases.APPROVE, use_cases.REJECT], ids=lambda case: case.name)


@DECIDING
@pytest.mark.parametrize("state", State)
def test_who_may_not_decide_hears_it_about_that_request(case: UseCase, state: State):
    """A person without the right to approve is told, in any state of the request, to be no approver of it."""
    no = heard(case, holding(Right.VIEW, who=ZHAO), Matter(operation(state=state)))
    assert said(no) == (NotYours, "not_approver", {"operation": "#0312"})


@DECIDING
@pytest.mark.parametrize("state", State)
def test_a_requester_hears_why_an_own_request_is_not_theirs_to_decide(case: UseCase, state: State):
    """A requester without the right to approve is told that others decide the request, or how it has ended."""
    no = heard(case, holding(Right.VOID, who=WANG), Matter(operation(state=state)))
    if state is State.PENDING:
        assert said(no) == (NotYours, "requester_cannot_decide", {"operation": "#0312"})
    else:
        assert said(no) == (AlreadyClosed, f"closed_{state}", {"operation": "#0312"})


@pytest.mark.parametrize("case", [case for case in MEMBERS_CASES if isinstance(case.right, RightOf)])
def test_a_door_that_has_not_found_the_matter_is_stopped(case: UseCase):
    """Without the request or question no right can be asked for, so nobody passes, not even with all rights."""
    with pytest.raises(ValueError, match=case.name):
        admit(case, holding(*Right))


@DECIDING
def test_whose_request_it_is_is_not_asked_here(case: UseCase):
    """With the right to approve a person passes the gate with an own request too; the request itself refuses."""
    assert heard(case, holding(Right.APPROVE, who=WANG), Matter(operation(state=State.PENDING))) is None


@for_members
def test_a_stranger_gets_through_nowhere(case: UseCase):
    """Somebody whom the bot does not know gets the same answer to everything, whatever the message is about."""
    for matter in (NOTHING, *matters(case)):
        assert said(heard(case, somebody(None, frozenset(Right)), matter)) == (NotAllowed, "not_known", {})


@for_members
def test_who_has_left_is_a_stranger(case: UseCase):
    """A person who has left is refused as a stranger, even if every role and right is still stored for them."""
    gone = somebody(person(Role, active=False), frozenset(Right))
    assert gone is Unnamed.STRANGER
    for matter in (NOTHING, *matters(case)):
        assert said(heard(case, gone, matter)) == (NotAllowed, "not_known", {})


@for_members
@pytest.mark.parametrize("asker", [Unnamed.OPERATOR, Unnamed.PLATFORM])
def test_the_machine_is_no_member(case: UseCase, asker: Unnamed):
    """An operator or WeCom itself cannot act in a member's place: nobody can approve from the command line."""
    for matter in (NOTHING, *matters(case)):
        assert said(heard(case, asker, matter)) == (NotAllowed, "not_known", {})


@pytest.mark.parametrize(
    ("whom", "one"), [(ForWhom.OPERATOR, Unnamed.OPERATOR), (ForWhom.PLATFORM, Unnamed.PLATFORM)]
)
def test_what_is_not_for_members_is_for_one_alone(whom: ForWhom, one: Unnamed):
    """Commands are for the operator only, and only WeCom reports that somebody has left: no right opens them."""
    others = [member(Role), holding(*Right), *(other for other in Unnamed if other is not one)]
    theirs = [case for case in USE_CASES if case.for_whom is whom]
    assert theirs
    for case in theirs:
        assert heard(case, one) is None
        for other in others:
            assert said(heard(case, other)) == (NotAllowed, "not_for_members", {})


def test_three_things_are_for_anybody():
    """Everybody gets an answer to opening the chat, to a picture and to what nobody can read, strangers too."""
    open_to_all = [case for case in USE_CASES if case.for_whom is ForWhom.ANYBODY]
    assert open_to_all == [use_cases.ENTERED, use_cases.MEDIA, use_cases.UNREADABLE]
    for case in open_to_all:
        for asker in (*Unnamed, *map(member, ROLE_SETS), somebody(person(active=False), frozenset())):
            assert heard(case, asker) is None


@given(st.sampled_from(MEMBERS_CASES), st.sets(st.sampled_from(Right)), st.sets(st.sampled_from(Right)))
def test_more_rights_never_close_a_door(case: UseCase, some: set[Right], more: set[Right]):
    """Whoever passes with some rights also passes with more of them."""
    for matter in matters(case):
        if heard(case, holding(*some), matter) is None:
            assert heard(case, holding(*some, *more), matter) is None


@for_members
def test_all_rights_but_one_are_not_enough(case: UseCase):
    """Each use case needs exactly one right: that right alone is enough, and no others replace it."""
    for matter in matters(case):
        keys = [right for right in Right if heard(case, holding(right), matter) is None]
        assert len(keys) == 1
        assert heard(case, holding(*set(Right) - set(keys)), matter) is not None


@for_members
def test_the_gate_goes_by_what_it_is_given(case: UseCase):
    """The gate goes by rights and not by roles: a person whose roles grant no right any more is refused."""
    powerless = somebody(replace(person(Role), generation=2), frozenset())
    assert all(heard(case, powerless, matter) is not None for matter in matters(case))
