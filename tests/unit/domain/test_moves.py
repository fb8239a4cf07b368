"""What each move of an operation changes, what it leaves alone, and how it says no."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.domain.approval.vote import Decision
from core.domain.errors import AlreadyClosed, IllegalTransition, NotYours
from core.domain.operation.life import State
from core.domain.operation.operation import Mode, Operation
from core.domain.operation.targets import Outcome, Tally
from tests.unit.domain.test_operation import (
    BOSS,
    LEAD,
    NOW,
    REASON,
    REP,
    draft,
    pending,
    person,
    seal,
    targets,
    vote,
)

LATER = NOW + timedelta(hours=1)
TERM = NOW + timedelta(days=1)
HALF = NOW + timedelta(hours=12)
Move = Callable[[Operation], Operation]


def changed(before: Operation, after: Operation) -> dict[str, Any]:
    """The fields in which they differ, as they are afterwards."""
    names = Operation.__dataclass_fields__
    return {name: getattr(after, name) for name in names if getattr(after, name) != getattr(before, name)}


def in_state(state: State, **more: Any) -> Operation:
    """Returns an operation with no field at its default, so that a move that forgets one shows."""
    given = vote(LEAD, Decision.APPROVE, seal(1), 3)
    known: dict[str, Any] = {
        "state": state,
        "round": 3,
        "votes": (given,),
        "votes_needed": 1,
        "approvers": (LEAD,),
        "expires_at": NOW,
        "nudge_at": NOW,
        "fence": 5,
        "tries": 2,
        "note": "before",
    }
    return replace(draft(), **{**known, **more})


CHANGES: dict[str, tuple[State, Move, dict[str, Any]]] = {
    "confirm": (
        State.DRAFT,
        lambda op: op.confirm(REP, REASON, LATER),
        {"state": State.ASKED, "reason": REASON, "confirmed_at": LATER},
    ),
    "cancel": (State.DRAFT, lambda op: op.cancel(REP), {"state": State.CANCELLED}),
    "run": (State.FINAL, lambda op: op.run(REP), {"state": State.APPROVED}),
    "push": (State.PENDING, lambda op: op.push(REP, LATER), {"pushed_at": LATER}),
    "ask": (
        State.ASKED,
        lambda op: op.ask((BOSS, LEAD), 2, TERM, HALF),
        {
            "state": State.PENDING,
            "approvers": (BOSS, LEAD),
            "votes_needed": 2,
            "expires_at": TERM,
            "nudge_at": HALF,
        },
    ),
    "ask nobody": (
        State.STALE,
        lambda op: op.ask((), 0, None, None),
        {"state": State.APPROVED, "approvers": (), "votes_needed": 0, "expires_at": None, "nudge_at": None},
    ),
    "wait for the last word": (
        State.FINAL,
        lambda op: op.await_run(TERM),
        {"expires_at": TERM, "nudge_at": None},
    ),
    "wait for an answer": (
        State.STALE,
        lambda op: op.await_answer(TERM),
        {"expires_at": TERM, "nudge_at": None},
    ),
    "nudged": (State.PENDING, lambda op: op.nudged(), {"nudge_at": None}),
    "reassign": (State.PENDING, lambda op: op.reassign((BOSS,)), {"approvers": (BOSS,)}),
    "ask others": (
        State.PENDING,
        lambda op: op.ask_others((BOSS, LEAD), 2, TERM),
        {"approvers": (BOSS, LEAD), "votes_needed": 2, "expires_at": TERM, "nudge_at": None},
    ),
    "abandon": (State.PENDING, lambda op: op.abandon(), {"state": State.WITHDRAWN}),
    "expire": (State.FINAL, lambda op: op.expire(), {"state": State.EXPIRED}),
    "start": (State.APPROVED, lambda op: op.start(), {"state": State.EXECUTING, "fence": 6, "tries": 0}),
    "take over": (State.EXECUTING, lambda op: op.start(), {"fence": 6}),
    "reopen": (State.EXECUTING, lambda op: op.reopen(), {"state": State.PENDING, "votes": (), "round": 4}),
    "ask again": (
        State.STALE,
        lambda op: op.ask_again(REP, targets(2)),
        {"targets": targets(2), "round": 4, "votes": ()},
    ),
    "finish": (
        State.EXECUTING,
        lambda op: op.finish(Tally(done=1), LATER, TERM, "all of it"),
        {"state": State.DONE, "finished_at": LATER, "undo_until": TERM, "note": "all of it"},
    ),
    "finish without a word": (
        State.EXECUTING,
        lambda op: op.finish(Tally(done=1), LATER, TERM),
        {"state": State.DONE, "finished_at": LATER, "undo_until": TERM, "note": ""},
    ),
    "find it changed": (
        State.EXECUTING,
        lambda op: op.finish(Tally(conflicts=1), LATER, TERM, "it moved on"),
        {"state": State.STALE, "note": "it moved on"},
    ),
    "fail": (
        State.EXECUTING,
        lambda op: op.fail(LATER, "no room"),
        {"state": State.FAILED, "finished_at": LATER, "note": "no room"},
    ),
    "mark undone": (
        State.DONE,
        lambda op: op.mark_undone(LATER, LEAD),
        {"state": State.UNDONE, "undone_at": LATER, "undone_by": LEAD},
    ),
}


@pytest.mark.parametrize(("state", "move", "changes"), CHANGES.values(), ids=CHANGES.keys())
def test_a_move_changes_what_it_says_and_nothing_else(state: State, move: Move, changes: dict[str, Any]) -> None:
    """The next operation differs in exactly these fields; the one before is as it was."""
    before = in_state(state)
    assert changed(before, move(before)) == changes
    assert before == in_state(state)


@pytest.mark.parametrize("state", [State.PENDING, State.FINAL, State.STALE, State.APPROVED])
def test_the_requester_withdraws_until_work_begins(state: State) -> None:
    """A requester may withdraw in each state before a worker begins."""
    before = in_state(state)
    assert changed(before, before.withdraw(REP)) == {"state": State.WITHDRAWN}


def test_a_no_keeps_its_reason() -> None:
    """What the approver wrote is what people read about it later."""
    no = replace(vote(LEAD, Decision.REJECT, seal(1), 1), words="还在谈")
    rejected = pending().decide(no, person(LEAD))
    assert (rejected.state, rejected.note, rejected.votes) == (State.REJECTED, "还在谈", (no,))


def test_an_undo_whose_records_moved_on_has_failed() -> None:
    """An undo whose records have changed fails, as nobody is asked again; other operations wait."""
    undo = in_state(State.EXECUTING, mode=Mode.UNDO)
    failed = undo.finish(Tally(conflicts=1), LATER, None, "moved on")
    assert (failed.state, failed.finished_at, failed.note) == (State.FAILED, LATER, "moved on")
    done = undo.finish(Tally(done=1), LATER, TERM)
    assert (done.state, done.undo_until) == (State.DONE, TERM)


WRONG_STATES: dict[str, tuple[set[State], Move]] = {
    # where the move may begin
    "confirm": ({State.DRAFT}, lambda op: op.confirm(REP, REASON, NOW)),
    "cancel": ({State.DRAFT}, lambda op: op.cancel(REP)),
    "withdraw": (
        {State.PENDING, State.FINAL, State.STALE, State.APPROVED},
        lambda op: op.withdraw(REP),
    ),
    "run": ({State.FINAL}, lambda op: op.run(REP)),
    "push": ({State.PENDING}, lambda op: op.push(REP, NOW)),
    "decide": ({State.PENDING}, lambda op: op.decide(vote(LEAD, Decision.APPROVE, seal(1), 4), person(LEAD))),
    "wait for the last word": ({State.FINAL}, lambda op: op.await_run(TERM)),
    "wait for an answer": ({State.STALE}, lambda op: op.await_answer(TERM)),
    "reassign": ({State.PENDING}, lambda op: op.reassign((BOSS,))),
    "ask others": ({State.PENDING}, lambda op: op.ask_others((BOSS,), 1, TERM)),
    "ask again": ({State.STALE}, lambda op: op.ask_again(REP, targets(2))),
}


@pytest.mark.parametrize(("begins", "move"), WRONG_STATES.values(), ids=WRONG_STATES.keys())
@pytest.mark.parametrize("state", list(State))
def test_people_read_what_state_it_has_reached(state: State, begins: set[State], move: Move) -> None:
    """A move that comes too early or too late is refused with the state and the number it is about."""
    operation = in_state(state, round=4, votes=())
    if state in begins:
        move(operation)
        return
    with pytest.raises(AlreadyClosed) as refused:
        move(operation)
    assert (refused.value.text, refused.value.values) == (f"closed_{state}", {"operation": "#0312"})


DEFECTS: dict[str, tuple[str, State, Move]] = {
    # as the error names the move
    "ask": ("ask", State.PENDING, lambda op: op.ask((LEAD,), 1, None, None)),
    "ask nobody": ("ask", State.PENDING, lambda op: op.ask((), 0, None, None)),
    "reopen what is stale": ("reopen", State.STALE, lambda op: op.reopen()),
    "start": ("executing", State.FINAL, lambda op: op.start()),
    "expire": ("expired", State.APPROVED, lambda op: op.expire()),
    "fail": ("failed", State.PENDING, lambda op: op.fail(NOW, "x")),
}


@pytest.mark.parametrize(("name", "state", "move"), DEFECTS.values(), ids=DEFECTS.keys())
def test_a_move_the_drawing_lacks_is_named(name: str, state: State, move: Move) -> None:
    """Code that tries one is a defect: the error says which operation, from where, and what was tried."""
    with pytest.raises(IllegalTransition, match=f"^operation #0312: no '{name}' from '{state}'$") as refused:
        move(in_state(state))
    assert (refused.value.state, refused.value.move) == (state, name)


OTHERS: dict[str, tuple[State, Move]] = {
    "confirm": (State.DRAFT, lambda op: op.confirm(LEAD, REASON, NOW)),
    "cancel": (State.DRAFT, lambda op: op.cancel(LEAD)),
    "withdraw": (State.PENDING, lambda op: op.withdraw(LEAD)),
    "run": (State.FINAL, lambda op: op.run(LEAD)),
    "push": (State.PENDING, lambda op: op.push(LEAD, NOW)),
    "ask again": (State.STALE, lambda op: op.ask_again(LEAD, targets(2))),
}


@pytest.mark.parametrize(("state", "move"), OTHERS.values(), ids=OTHERS.keys())
def test_the_requesters_moves_are_nobody_elses(state: State, move: Move) -> None:
    """An approver, too, is told that only the requester can do that."""
    with pytest.raises(NotYours) as refused:
        move(in_state(state))
    assert (refused.value.text, refused.value.values) == ("not_requester", {"operation": "#0312"})


def test_each_no_to_a_vote_has_its_words() -> None:
    """Requester, stranger, old card and second vote are told apart, each with the operation's number."""
    yes = vote(LEAD, Decision.APPROVE, seal(1), 1)
    once = pending(votes=2).decide(yes, person(LEAD))
    tried: dict[str, Callable[[], Operation]] = {
        "requester_cannot_decide": lambda: pending().decide(yes, person(REP)),
        "not_approver": lambda: pending().decide(yes, person(BOSS)),
        "closed_old_card": lambda: pending().decide(vote(LEAD, Decision.APPROVE, seal(2), 1), person(LEAD)),
        "already_voted": lambda: once.decide(yes, person(LEAD)),
    }
    for text, move in tried.items():
        with pytest.raises((NotYours, AlreadyClosed)) as refused:
            move()
        assert (refused.value.text, refused.value.values) == (text, {"operation": "#0312"})


@pytest.mark.parametrize("state", [state for state in State if state is not State.PENDING])
def test_the_requester_of_what_has_ended_is_told_so(state: State) -> None:
    """Nobody is left to be nudged, so 同意 by the requester is answered with the state."""
    with pytest.raises(AlreadyClosed) as refused:
        in_state(state).decide(vote(REP, Decision.APPROVE, seal(1), 3), person(REP))
    assert refused.value.text == f"closed_{state}"


def test_the_first_vote_of_a_round_may_follow_one_of_another() -> None:
    """Who voted in an earlier round votes again in this one."""
    early = vote(LEAD, Decision.APPROVE, seal(1), 2)
    waiting = in_state(State.PENDING, votes=(early,), votes_needed=2, approvers=(LEAD, BOSS))
    assert waiting.current_votes(Decision.APPROVE) == ()
    late = vote(LEAD, Decision.APPROVE, seal(1), 3)
    assert waiting.decide(late, person(LEAD)).current_votes(Decision.APPROVE) == (late,)


def test_a_person_counts_once_and_by_the_first_vote() -> None:
    """A person's vote counts once, as it was first stored."""
    first = vote(LEAD, Decision.APPROVE, seal(1), 3)
    second = replace(first, at=LATER)
    assert in_state(State.PENDING, votes=(first, second)).current_votes(Decision.APPROVE) == (first,)


def test_an_operation_is_quoted_by_its_number() -> None:
    """#0312 and its backup B-0312; a fifth digit is not cut."""
    assert (draft().label, draft().backup_label) == ("#0312", "B-0312")
    long = replace(draft(), number=12345)
    assert (long.label, long.backup_label, long.fingerprint) == ("#12345", "B-12345", seal(1))


@pytest.mark.parametrize("outcome", list(Outcome))
def test_done_and_done_already_are_good(outcome: Outcome) -> None:
    """Only these two outcomes count as good."""
    assert outcome.good is (outcome in {Outcome.DONE, Outcome.ALREADY})
