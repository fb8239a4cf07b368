"""The life cycle of an operation, compared with a small model that was written independently of it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from core.domain.actions import Action, LifeStatus
from core.domain.approval.vote import Decision, Vote
from core.domain.errors import AlreadyClosed, IllegalTransition, NotYours
from core.domain.fingerprint import Fingerprint, fingerprint
from core.domain.operation.life import OPEN, State, moves_from
from core.domain.operation.operation import Operation
from core.domain.operation.reason import Reason, ReasonCode
from core.domain.operation.targets import Tally, Target, Targets
from core.domain.people import Person, PersonId, Role
from core.domain.records import Kind, RecordRef

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
REP, LEAD, BOSS = (PersonId(name) for name in ("wangmin", "liqiang", "zhaojun"))
PEOPLE = {REP: Role.REP, LEAD: Role.APPROVER, BOSS: Role.APPROVER}
REASON = Reason(ReasonCode.DUPLICATE)
REFUSED = (AlreadyClosed, IllegalTransition, NotYours)
OVER = {"cancelled", "rejected", "withdrawn", "expired"}


def person(name: PersonId) -> Person:
    return Person(id=name, userid=name, name=name, roles=frozenset({PEOPLE[name]}))


# The version of the one record stands for the whole list: another version is another fingerprint.
def targets(version: int = 1) -> Targets:
    ref = RecordRef(Kind.CUSTOMER, "C1024")
    return Targets(1, (Target(ref, "宏远科技", version, LifeStatus.ACTIVE),), seal(version))


def seal(version: int) -> Fingerprint:
    return fingerprint("void", "normal", [(RecordRef(Kind.CUSTOMER, "C1024"), version)])


def draft() -> Operation:
    return Operation(
        number=312, action=Action.VOID, kind=Kind.CUSTOMER, requester=REP, targets=targets(), created_at=NOW
    )


def vote(who: PersonId, decision: Decision, seen: Fingerprint, turn: int) -> Vote:
    return Vote(person=who, decision=decision, at=NOW, fingerprint=seen, round=turn)


def pending(votes: int = 1) -> Operation:
    return draft().confirm(REP, REASON, NOW).ask((LEAD, BOSS), votes, NOW + timedelta(hours=24), None)


@dataclass
class Model:
    """The life cycle in as few words as possible. A method makes a move if it is allowed, and returns whether."""

    state: str = "draft"
    needed: int = 0
    version: int = 1
    turn: int = 1
    yes: set[PersonId] = field(default_factory=set)
    undone: bool = False

    def go(self, to: str, *sources: str) -> bool:
        allowed = self.state in sources
        if allowed:
            self.state = to
        return allowed

    def decide(self, who: PersonId, version: int, turn: int, *, yes: bool) -> bool:
        # A vote counts only for the list and the round that the voter saw.
        fresh = version == self.version and turn == self.turn
        if self.state != "pending" or who == REP or who in self.yes or not fresh:
            return False
        if not yes:
            self.state = "rejected"
            return True
        self.yes.add(who)
        if len(self.yes) >= self.needed:
            self.state = "approved"
        return True

    def ask(self, needed: int) -> bool:
        allowed = self.go("pending" if needed else "approved", "asked", "stale")
        self.needed = needed if allowed else self.needed
        return allowed

    def again(self, version: int | None = None) -> None:
        self.turn += 1
        self.yes = set()
        self.version = version or self.version


class LifeCycle(RuleBasedStateMachine):
    """Three people and the clock try all moves in random order; model and code must agree after each."""

    def __init__(self) -> None:
        super().__init__()
        self.operation = draft()
        self.model = Model()
        self.was_over = False

    def both(self, allowed: bool, move: Callable[[], Operation]) -> None:
        """Make a move that the model allows; one that it does not allow must be refused and change nothing."""
        before = self.operation
        if allowed:
            self.operation = move()
            return
        with pytest.raises(REFUSED):
            move()
        assert self.operation is before  # operations are immutable, so a refused move leaves no trace

    @initialize(way=st.integers(0, 6), needed=st.integers(0, 2))
    def begin(self, way, needed):
        """Make some of the usual moves first, so that late states are tried as often as early ones."""
        usual: tuple[Callable[[], object], ...] = (
            lambda: self.confirm(REP),
            lambda: self.ask(needed),
            lambda: self.decide(LEAD, yes=True, old=False),
            lambda: self.decide(BOSS, yes=True, old=False),
            self.start,
            lambda: self.finish((Tally(conflicts=1), "stale")),
        )
        for step in usual[:way]:
            step()

    @rule(by=st.sampled_from([REP, LEAD]))
    def confirm(self, by):
        self.both(by == REP and self.model.go("asked", "draft"), lambda: self.operation.confirm(by, REASON, NOW))

    @rule(by=st.sampled_from([REP, LEAD]))
    def cancel(self, by):
        self.both(by == REP and self.model.go("cancelled", "draft"), lambda: self.operation.cancel(by))

    @rule(needed=st.integers(0, 2))
    def ask(self, needed):
        self.both(self.model.ask(needed), lambda: self.operation.ask((LEAD, BOSS), needed, NOW, NOW))

    # Two approvals for each rejection, because a rejection ends the operation and later moves are not reached.
    @rule(who=st.sampled_from(list(PEOPLE)), yes=st.sampled_from([True, True, False]), old=st.booleans())
    def decide(self, who, yes, old):
        version, turn = (self.model.version, self.model.turn - 1) if old else (self.model.version, self.model.turn)
        given = vote(who, Decision.APPROVE if yes else Decision.REJECT, seal(version), turn)
        self.both(
            self.model.decide(who, version, turn, yes=yes),
            lambda: self.operation.decide(given, person(who)),
        )

    @rule(by=st.sampled_from([REP, LEAD]))
    def withdraw(self, by):
        allowed = by == REP and self.model.go("withdrawn", "pending", "approved", "stale")
        self.both(allowed, lambda: self.operation.withdraw(by))

    @rule()
    def expire(self):
        self.both(self.model.go("expired", "draft", "pending", "stale"), self.operation.expire)

    @rule()
    def start(self):
        fence = self.operation.fence
        allowed = self.model.go("executing", "approved", "executing")
        self.both(allowed, self.operation.start)
        assert self.operation.fence == fence + allowed

    @rule()
    def reopen(self):
        allowed = self.model.go("pending", "approved", "executing")
        self.both(allowed, self.operation.reopen)
        if allowed:
            self.model.again()

    @rule(
        tally=st.sampled_from(
            [
                (Tally(conflicts=1), "stale"),
                (Tally(done=1), "done"),
                (Tally(done=1, failed=1), "partly_done"),
                (Tally(unknown=1), "needs_human"),
            ]
        )
    )
    def finish(self, tally):
        counted, state = tally
        if state == "stale" and self.model.state in {"pending", "approved"}:
            return  # only a worker that executes the operation finds changed records
        sources = ("executing",) if state in {"needs_human", "stale"} else ("executing", "needs_human")
        self.both(self.model.go(state, *sources), lambda: self.operation.finish(counted, NOW, NOW))

    @rule(by=st.sampled_from([REP, LEAD]))
    def ask_again(self, by):
        allowed = by == REP and self.model.state == "stale"
        fresh = targets(self.model.version + 1)
        self.both(allowed, lambda: self.operation.ask_again(by, fresh))
        if allowed:
            self.model.again(self.model.version + 1)

    @rule()
    def undo(self):
        self.both(self.model.go("undone", "done", "partly_done"), lambda: self.operation.mark_undone(NOW, REP))

    @invariant()
    def model_and_code_agree(self):
        assert self.operation.state == self.model.state

    @invariant()
    def nothing_runs_without_enough_votes_of_others(self):
        """Before a start enough different people, never the requester, have approved this list in this round."""
        if self.operation.state in {State.APPROVED, State.EXECUTING}:
            voters = {v.person for v in self.operation.current_votes(Decision.APPROVE)}
            assert len(voters - {REP}) >= self.operation.votes_needed == self.model.needed
            assert not self.operation.current_votes(Decision.REJECT)

    @invariant()
    def what_is_over_stays_over(self):
        """Nothing starts after a rejection, a withdrawal, an expiry or a cancellation."""
        assert not self.was_over or self.operation.state.value in OVER
        self.was_over = self.operation.state.value in OVER


LifeCycle.TestCase.settings = settings(max_examples=200, stateful_step_count=15, deadline=None)
TestLifeCycle = LifeCycle.TestCase


def test_requester_never_decides():
    """The requester cannot decide, even when they are listed as an approver."""
    operation = replace(pending(), approvers=(REP, LEAD))
    with pytest.raises(NotYours) as refused:
        operation.decide(vote(REP, Decision.APPROVE, seal(1), 1), person(REP))
    assert refused.value.text == "requester_cannot_decide"


def test_vote_in_another_name_is_refused():
    """Nobody can cast a vote in another person's name."""
    with pytest.raises(NotYours):
        pending().decide(vote(BOSS, Decision.APPROVE, seal(1), 1), person(LEAD))


@pytest.mark.parametrize(
    "voter",
    [
        pytest.param(replace(person(LEAD), active=False), id="left the firm"),
        pytest.param(replace(person(LEAD), id=PersonId("x")), id="never asked"),
    ],
)
def test_only_people_asked_decide(voter):
    """Only a person who was asked and has not left can decide; the right itself is checked by the gate."""
    with pytest.raises(NotYours):
        pending().decide(vote(voter.id, Decision.APPROVE, seal(1), 1), voter)


def test_one_person_is_one_vote():
    """A second approval by one person does not replace the approval of another person."""
    once = pending(votes=2).decide(vote(LEAD, Decision.APPROVE, seal(1), 1), person(LEAD))
    assert once.state is State.PENDING
    with pytest.raises(AlreadyClosed):
        once.decide(vote(LEAD, Decision.APPROVE, seal(1), 1), person(LEAD))
    twice = once.decide(vote(BOSS, Decision.APPROVE, seal(1), 1), person(BOSS))
    assert twice.state is State.APPROVED


def test_only_those_without_a_vote_are_still_to_vote():
    """Whoever was asked and has voted in this round is asked no more; in a new round everybody is asked again."""
    waiting = pending(votes=2)
    once = waiting.decide(vote(LEAD, Decision.APPROVE, seal(1), 1), person(LEAD))
    assert (waiting.still_to_vote(), once.still_to_vote()) == ((LEAD, BOSS), (BOSS,))
    assert replace(once, round=2).still_to_vote() == (LEAD, BOSS)


def test_vote_on_an_old_card_does_not_count():
    """A vote on other versions or an earlier round is refused with the answer that the card is old."""
    for seen, turn in ((seal(2), 1), (seal(1), 0)):
        with pytest.raises(AlreadyClosed) as refused:
            pending().decide(vote(LEAD, Decision.APPROVE, seen, turn), person(LEAD))
        assert refused.value.text == "closed_old_card"


def test_final_word_is_the_requesters():
    """Where the policy wants it, an approved operation waits for the 执行 of its requester and of nobody else."""
    approved = pending().decide(vote(LEAD, Decision.APPROVE, seal(1), 1), person(LEAD), final=True)
    assert approved.state is State.FINAL
    with pytest.raises(IllegalTransition):
        approved.start()
    with pytest.raises(NotYours):
        approved.run(LEAD)
    assert approved.run(REP).state is State.APPROVED


def test_votes_cannot_be_skipped_by_asking_again():
    """A pending operation cannot be sent to its approvers again with fewer votes needed."""
    with pytest.raises(IllegalTransition):
        pending().ask((LEAD,), 0, None, None)


@pytest.mark.parametrize("state", list(State))
def test_every_open_state_has_an_exit(state):
    """No operation waits for ever: from every open state an end can be reached."""
    ends = {State.CANCELLED, State.REJECTED, State.WITHDRAWN, State.EXPIRED, State.FAILED, State.DONE}
    reached, todo = set(), [state]
    while todo:
        here = todo.pop()
        reached.add(here)
        todo.extend(moves_from(here) - reached)
    assert state not in OPEN or reached & ends


@pytest.mark.parametrize(
    ("tally", "state"),
    [
        (Tally(done=3), State.DONE),
        (Tally(done=2, failed=1), State.PARTLY_DONE),
        (Tally(done=2, conflicts=1), State.PARTLY_DONE),
        (Tally(failed=1), State.FAILED),
        (Tally(failed=1, conflicts=1), State.FAILED),
        (Tally(conflicts=2), State.STALE),
        (Tally(done=2, unknown=1), State.NEEDS_HUMAN),
        (Tally(), State.FAILED),
    ],
)
def test_outcomes_add_up(tally, state):
    """The outcomes of the targets decide the end state, and an unknown outcome is never called done."""
    assert tally.end_state() is state


ENDED = {
    "cancelled": lambda: draft().cancel(REP),
    "rejected": lambda: pending().decide(vote(LEAD, Decision.REJECT, seal(1), 1), person(LEAD)),
    "withdrawn": lambda: pending().withdraw(REP),
    "expired": lambda: pending().expire(),
}


@pytest.mark.parametrize("ending", ENDED.values(), ids=ENDED.keys())
def test_nothing_starts_after_the_end(ending):
    """An operation that has ended without effect accepts no move any more, whatever is tried."""
    over = ending()
    yes = vote(BOSS, Decision.APPROVE, seal(1), 1)
    for move in (
        over.start,
        over.reopen,
        over.expire,
        lambda: over.run(REP),
        lambda: over.confirm(REP, REASON, NOW),
        lambda: over.ask((LEAD,), 0, None, None),
        lambda: over.ask_again(REP, targets(2)),
        lambda: over.decide(yes, person(BOSS)),
        lambda: over.finish(Tally(done=1), NOW, NOW),
    ):
        with pytest.raises(REFUSED):
            move()


def test_changed_records_need_fresh_votes():
    """After records have changed, an operation begins again without votes; only votes on the new list count."""
    agreed = pending().decide(vote(LEAD, Decision.APPROVE, seal(1), 1), person(LEAD))
    again = agreed.start().finish(Tally(conflicts=1), NOW, None).ask_again(REP, targets(2))
    assert (again.round, again.votes) == (2, ())
    waiting = again.ask((LEAD,), 1, NOW, None)
    with pytest.raises(AlreadyClosed):
        waiting.decide(vote(LEAD, Decision.APPROVE, seal(1), 1), person(LEAD))
    fresh = waiting.decide(vote(LEAD, Decision.APPROVE, seal(2), 2), person(LEAD))
    assert fresh.state is State.APPROVED
