"""Which people are asked to approve, and when an approval holds."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.domain.actions import Action, LifeStatus
from core.domain.approval.approved import Approved, approved
from core.domain.approval.plan import undecidable, who_decides, who_still_decides
from core.domain.approval.vote import Decision, Vote
from core.domain.errors import QuorumLost
from core.domain.fingerprint import Fingerprint
from core.domain.operation.life import State
from core.domain.operation.operation import Operation
from core.domain.operation.targets import Target, Targets
from core.domain.people import Person, PersonId, Right, Role, RoleRights
from core.domain.policy import ApprovalRule, AskWhom
from core.domain.records import Kind, RecordRef

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
RIGHTS = RoleRights({Role.REP: frozenset({Right.VOID}), Role.APPROVER: frozenset({Right.APPROVE, Right.VOID})})
SEEN = Fingerprint("a" * 64)
OTHER = Fingerprint("b" * 64)
LEADER = ApprovalRule(AskWhom.LEADER, 1, timedelta(hours=24), final_confirm=False)
TWO = ApprovalRule(AskWhom.APPROVERS, 2, timedelta(hours=72), final_confirm=True)
# A rule without approvers: its votes must be 0, as in every policy.
NOBODY = ApprovalRule(AskWhom.NOBODY, 0, timedelta(hours=24), final_confirm=False)


def someone(name: str, role: Role = Role.APPROVER, leader: str | None = None) -> Person:
    return Person(
        id=PersonId(name),
        userid=name,
        name=name,
        roles=frozenset({role}),
        leader=PersonId(leader) if leader else None,
    )


REP = someone("wangmin", Role.REP, leader="liqiang")
LEAD, BOSS = someone("liqiang"), someone("zhaojun")
EVERYBODY = {person.id: person for person in (REP, LEAD, BOSS)}


# A sound vote, which a case spoils by its changes.
def yes(person: Person, **changes: object) -> Vote:
    vote = Vote(person=person.id, decision=Decision.APPROVE, at=NOW, fingerprint=SEEN, round=1)
    return replace(vote, **changes)  # type: ignore[arg-type]  # field names, checked by replace


def taken(*votes: Vote, needed: int = 1, requester: Person = REP) -> Operation:
    ref = RecordRef(Kind.CUSTOMER, "C1024")
    return Operation(
        number=312,
        action=Action.VOID,
        kind=Kind.CUSTOMER,
        requester=requester.id,
        targets=Targets(1, (Target(ref, "宏远科技", 1, LifeStatus.ACTIVE),), SEEN),
        created_at=NOW,
        state=State.EXECUTING,
        approvers=(LEAD.id, BOSS.id),
        votes_needed=needed,
        votes=votes,
        fence=3,
    )


def test_leader_is_asked_alone_if_they_may_approve():
    """The request of 王敏 goes to her leader 李强 alone."""
    assert who_decides(LEADER, REP, EVERYBODY.values(), RIGHTS) == (LEAD.id,)


@pytest.mark.parametrize(
    "lead",
    [replace(LEAD, roles=frozenset({Role.REP})), replace(LEAD, active=False)],
    ids=["may not approve", "has left"],
)
def test_without_an_able_leader_every_approver_is_asked(lead):
    """A leader who has no right to approve, or has left, is passed over."""
    assert who_decides(LEADER, REP, (REP, lead, BOSS), RIGHTS) == (BOSS.id,)


def test_requester_is_never_asked():
    """An approver's own request goes to the other approvers, even when they are their own leader."""
    own_boss = replace(LEAD, leader=LEAD.id)
    assert who_decides(LEADER, own_boss, (own_boss, BOSS), RIGHTS) == (BOSS.id,)
    assert who_decides(TWO, own_boss, (own_boss,), RIGHTS) == ()


def test_two_votes_are_asked_of_every_approver():
    """A rule that needs two votes asks every approver, because a leader has only one vote."""
    rule = replace(LEADER, votes=2)
    assert who_decides(rule, REP, EVERYBODY.values(), RIGHTS) == (LEAD.id, BOSS.id)


def test_nobody_is_asked_where_the_policy_asks_nobody():
    """A rule that asks nobody names no approver; restoring has such a rule by default."""
    assert who_decides(NOBODY, REP, EVERYBODY.values(), RIGHTS) == ()


def test_enough_votes_make_the_proof():
    """With enough votes a proof is made for the operation, its list of targets and its fencing number."""
    proof = approved(taken(yes(LEAD)), LEADER, EVERYBODY, RIGHTS)
    assert (proof.operation, proof.fingerprint, proof.fence) == (312, SEEN, 3)


def test_proof_cannot_be_made_by_hand():
    """Code that has not checked the policy cannot construct an Approved."""
    with pytest.raises(TypeError, match=r"^Approved is made by \S+ only$"):
        Approved(312, SEEN, 1, mint=object())


# The leader's rule needs one vote; each case lacks it, or spoils it, in another way.
LOST = {
    "no vote": taken(),
    "own vote": taken(yes(LEAD), requester=LEAD),
    "vote without the right": taken(yes(REP), requester=BOSS),
    "vote on another list": taken(yes(LEAD, fingerprint=OTHER)),
    "vote of an earlier round": taken(yes(LEAD, round=0)),
    "voter's id given to somebody new": taken(yes(LEAD, generation=2)),
    "voter unknown": taken(yes(someone("gone"))),
    "one person twice": taken(yes(LEAD), yes(LEAD, at=NOW + timedelta(minutes=1)), needed=2),
    "a rejection beside it": taken(yes(LEAD), yes(BOSS, decision=Decision.REJECT)),
    "not taken by a worker": replace(taken(yes(LEAD)), state=State.APPROVED),
    "requester unknown": taken(yes(LEAD), requester=someone("gone")),
}


@pytest.mark.parametrize("operation", LOST.values(), ids=LOST.keys())
def test_no_proof_without_quorum(operation):
    """Each of these faults alone stops the work before it begins."""
    with pytest.raises(QuorumLost):
        approved(operation, LEADER, EVERYBODY, RIGHTS)


def test_roles_of_now_count():
    """The roles at the start of the work count: a voter or a requester who has lost the right stops it."""
    demoted = {**EVERYBODY, LEAD.id: replace(LEAD, roles=frozenset({Role.REP}))}
    with pytest.raises(QuorumLost):
        approved(taken(yes(LEAD)), LEADER, demoted, RIGHTS)
    left = {**EVERYBODY, REP.id: replace(REP, active=False)}
    with pytest.raises(QuorumLost):
        approved(taken(yes(LEAD)), LEADER, left, RIGHTS)


def test_stricter_policy_counts_at_once():
    """When the policy has changed meanwhile, the higher number of votes counts: the new one or the earlier one."""
    with pytest.raises(QuorumLost):
        approved(taken(yes(LEAD), needed=1), TWO, EVERYBODY, RIGHTS)
    with pytest.raises(QuorumLost):
        approved(taken(yes(LEAD), needed=2), LEADER, EVERYBODY, RIGHTS)
    assert approved(taken(yes(LEAD), yes(BOSS), needed=2), TWO, EVERYBODY, RIGHTS).operation == 312


def test_nothing_is_needed_where_nobody_is_asked():
    """An operation that needs no vote is approved by its requester's right alone."""
    assert approved(taken(needed=0), NOBODY, EVERYBODY, RIGHTS).operation == 312


REASONS = {
    "#0312 is not taken for execution": replace(taken(yes(LEAD)), state=State.APPROVED),
    "#0312 holds a rejection": taken(yes(LEAD), yes(BOSS, decision=Decision.REJECT)),
    "#0312 has 1 of 2 votes": taken(yes(LEAD), needed=2),
    "#0312: the requester has lost the right": taken(yes(LEAD), requester=someone("gone")),
}


@pytest.mark.parametrize(("words", "operation"), REASONS.items())
def test_the_log_reads_why_there_is_no_quorum(words, operation):
    """Which operation it is, and what it lacks."""
    with pytest.raises(QuorumLost) as lost:
        approved(operation, LEADER, EVERYBODY, RIGHTS)
    assert str(lost.value) == words


def test_a_policy_that_asks_nobody_raises_no_number():
    """What was asked with one vote still needs one; the rule's own number means nothing where it asks nobody."""
    nobody = replace(NOBODY, votes=2)
    assert approved(taken(yes(LEAD), needed=1), nobody, EVERYBODY, RIGHTS).operation == 312
    with pytest.raises(QuorumLost):
        approved(taken(needed=1), nobody, EVERYBODY, RIGHTS)


def test_who_still_decides_is_who_would_be_asked_now():
    """While the requester may ask for it, the same people as at first, with the roles of now."""
    everybody = tuple(EVERYBODY.values())
    assert who_still_decides(Action.VOID, LEADER, REP, everybody, RIGHTS) == (LEAD.id,)
    assert who_still_decides(Action.VOID, TWO, REP, everybody, RIGHTS) == (LEAD.id, BOSS.id)
    assert who_still_decides(Action.VOID, LEADER, REP, (REP, BOSS), RIGHTS) == (BOSS.id,)


@pytest.mark.parametrize(
    ("action", "requester"),
    [(Action.VOID, None), (Action.VOID, replace(REP, active=False)), (Action.DELETE, REP)],
    ids=["unknown", "has left", "may not ask for it any more"],
)
def test_nobody_decides_for_a_requester_who_is_gone(action, requester):
    """A request nobody may stand by is nobody's to decide."""
    assert who_still_decides(action, LEADER, requester, EVERYBODY.values(), RIGHTS) == ()


def test_what_too_few_could_approve_is_named():
    """Two votes of others are wanted and one approver is there; what the person may not ask for is left out."""
    rules = {Action.VOID: TWO, Action.DELETE: TWO, Action.RESTORE: NOBODY}
    rights = RoleRights(
        {Role.REP: frozenset({Right.VOID, Right.RESTORE}), Role.APPROVER: frozenset({Right.APPROVE})}
    )
    assert undecidable(REP, rules, (REP, LEAD), rights) == (Action.VOID,)
    assert undecidable(REP, rules, (REP, LEAD, BOSS), rights) == ()
    assert undecidable(REP, {Action.VOID: LEADER}, (REP,), rights) == (Action.VOID,)
    assert undecidable(REP, {Action.VOID: LEADER}, (REP, BOSS), rights) == ()
