"""One asked action on a closed list of targets, and its life cycle.

Every move is a method that returns the next Operation; a move the drawing in `life.py` lacks raises
IllegalTransition.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from core.domain.actions import Action
from core.domain.approval.vote import Decision, Vote
from core.domain.errors import AlreadyClosed, IllegalTransition, NotYours
from core.domain.fingerprint import Fingerprint
from core.domain.operation.labels import backup_label, operation_label
from core.domain.operation.life import WITHDRAWABLE, State, moves_from
from core.domain.operation.reason import Reason
from core.domain.operation.targets import Tally, Targets
from core.domain.people import Person, PersonId
from core.domain.records import Kind


class Mode(StrEnum):
    NORMAL = "normal"
    UNDO = "undo"
    """Brings back exactly what the operation named in `undo_of` changed."""


@dataclass(frozen=True, slots=True)
class Operation:
    number: int
    action: Action
    kind: Kind
    requester: PersonId
    targets: Targets
    created_at: datetime
    state: State = State.DRAFT
    mode: Mode = Mode.NORMAL
    round: int = 1
    """Grows each time changed records are asked again; v1 on the card."""
    reason: Reason | None = None
    said: str = ""
    """The words it began with."""
    approvers: tuple[PersonId, ...] = ()
    votes_needed: int = 0
    votes: tuple[Vote, ...] = ()
    expires_at: datetime | None = None
    nudge_at: datetime | None = None
    """When those who decide are reminded; None once they were."""
    pushed_at: datetime | None = None
    """When the requester last pushed it by hand (催一下)."""
    confirmed_at: datetime | None = None
    undo_of: int | None = None
    undo_until: datetime | None = None
    finished_at: datetime | None = None
    undone_at: datetime | None = None
    undone_by: PersonId | None = None  # None too where it was put back from its backup
    fence: int = 0
    """Grows at each take-over by a worker; a late worker is refused by it."""
    tries: int = 0
    """Attempts at this approval that were stopped by a fault; one that a restart resumes is none."""
    note: str = ""
    """Why it failed or ended, in words for the log."""
    revision: int = field(default=0)
    """Of the stored row, for compare-and-set."""

    @property
    def fingerprint(self) -> Fingerprint:
        return self.targets.fingerprint

    @property
    def label(self) -> str:
        """How people quote it: #0312."""
        return operation_label(self.number)

    @property
    def backup_label(self) -> str:
        return backup_label(self.number)

    def current_votes(self, decision: Decision) -> tuple[Vote, ...]:
        """Votes that count: this round, this fingerprint, one a person."""
        seen: dict[PersonId, Vote] = {}
        for vote in self.votes:
            if vote.round == self.round and vote.fingerprint == self.fingerprint and vote.decision is decision:
                seen.setdefault(vote.person, vote)
        return tuple(seen.values())

    def _to(self, state: State, **changes: object) -> "Operation":
        if state not in moves_from(self.state):
            raise IllegalTransition(f"operation {self.label}", self.state, state)
        return replace(self, state=state, **changes)  # type: ignore[arg-type]  # field names, checked by replace

    def has_voted(self, person: PersonId) -> bool:
        """In this round; a vote of an earlier round is no vote any more."""
        return any(vote.person == person and vote.round == self.round for vote in self.votes)

    def still_to_vote(self) -> tuple[PersonId, ...]:
        """Those who were asked and have not answered in this round."""
        return tuple(person for person in self.approvers if not self.has_voted(person))

    def closed(self) -> AlreadyClosed:
        """What somebody hears who comes too late for this state."""
        return AlreadyClosed(f"closed_{self.state}", operation=self.label)

    def require(self, *states: State) -> None:
        """Raises AlreadyClosed."""
        if self.state not in states:
            raise self.closed()

    def require_requester(self, person: PersonId) -> None:
        """Raises NotYours."""
        if person != self.requester:
            raise NotYours("not_requester", operation=self.label)

    def _from(self, move: str, *states: State) -> None:
        """Two moves may lead to one state, and only one of them be right from here."""
        if self.state not in states:
            raise IllegalTransition(f"operation {self.label}", self.state, move)

    # the requester's moves
    def confirm(self, by: PersonId, reason: Reason | None, at: datetime) -> "Operation":
        """The requester stands by it. Raises NotYours, AlreadyClosed."""
        self.require_requester(by)
        self.require(State.DRAFT)
        return self._to(State.ASKED, reason=reason, confirmed_at=at)

    def cancel(self, by: PersonId) -> "Operation":
        self.require_requester(by)
        self.require(State.DRAFT)
        return self._to(State.CANCELLED)

    def withdraw(self, by: PersonId) -> "Operation":
        self.require_requester(by)
        self.require(*WITHDRAWABLE)
        return self._to(State.WITHDRAWN)

    def run(self, by: PersonId) -> "Operation":
        """The final confirmation (执行)."""
        self.require_requester(by)
        self.require(State.FINAL)
        return self._to(State.APPROVED)

    def push(self, by: PersonId, at: datetime) -> "Operation":
        """Remind those who decide, by hand (催一下)."""
        self.require_requester(by)
        self.require(State.PENDING)
        return replace(self, pushed_at=at)

    # asking and deciding
    def ask(
        self,
        approvers: tuple[PersonId, ...],
        votes_needed: int,
        expires_at: datetime | None,
        nudge_at: datetime | None,
    ) -> "Operation":
        """Route a confirmed (or, once more, a stale) operation to those who decide; none needed: approved."""
        state = State.PENDING if votes_needed else State.APPROVED
        self._from("ask", State.ASKED, State.STALE)
        return self._to(
            state, approvers=approvers, votes_needed=votes_needed, expires_at=expires_at, nudge_at=nudge_at
        )

    def decide(self, vote: Vote, voter: Person, *, final: bool = False) -> "Operation":
        """Take a vote. May this person decide this operation? Asked here and nowhere else.

        Raises NotYours (requester, not asked), AlreadyClosed (ended, or voted already).
        `final`: the policy wants the requester's last word after approval.
        """
        if voter.id == self.requester:
            self.require(State.PENDING)  # what has ended is told as such: nobody is left to be nudged
            raise NotYours("requester_cannot_decide", operation=self.label)
        if vote.person != voter.id or voter.id not in self.approvers or not voter.active:
            raise NotYours("not_approver", operation=self.label)
        self.require(State.PENDING)
        if vote.fingerprint != self.fingerprint or vote.round != self.round:
            raise AlreadyClosed("closed_old_card", operation=self.label)
        if self.has_voted(voter.id):
            raise AlreadyClosed("already_voted", operation=self.label)
        voted = replace(self, votes=(*self.votes, vote))
        if vote.decision is Decision.REJECT:
            return voted._to(State.REJECTED, note=vote.words)
        if len(voted.current_votes(Decision.APPROVE)) < self.votes_needed:
            return voted
        return voted._to(State.FINAL if final else State.APPROVED)

    def await_run(self, until: datetime) -> "Operation":
        """The term of the final confirmation begins with the approval."""
        self.require(State.FINAL)
        return replace(self, expires_at=until, nudge_at=None)

    def await_answer(self, until: datetime) -> "Operation":
        """Stale: the requester has a term of their own to say keep or ask again, and then it ends."""
        self.require(State.STALE)
        return replace(self, expires_at=until, nudge_at=None)

    def nudged(self) -> "Operation":
        """Those who decide were reminded at half time: once."""
        return replace(self, nudge_at=None)

    def reassign(self, approvers: tuple[PersonId, ...]) -> "Operation":
        """Somebody who was asked has left: others decide; votes of this round stand."""
        self.require(State.PENDING)
        return replace(self, approvers=approvers)

    def ask_others(self, approvers: tuple[PersonId, ...], votes_needed: int, until: datetime) -> "Operation":
        """Reopened: those who may decide now are asked, with a fresh term."""
        self.require(State.PENDING)
        return replace(self, approvers=approvers, votes_needed=votes_needed, expires_at=until, nudge_at=None)

    def abandon(self) -> "Operation":
        """The requester has left: nobody stands by it any more."""
        return self._to(State.CANCELLED if self.state is State.DRAFT else State.WITHDRAWN)

    def expire(self) -> "Operation":
        return self._to(State.EXPIRED)

    # the worker's moves
    def start(self) -> "Operation":
        """A worker takes it (again): fencing number grows."""
        if self.state is State.EXECUTING:
            return replace(self, fence=self.fence + 1)
        return self._to(State.EXECUTING, fence=self.fence + 1, tries=0)

    def reopen(self) -> "Operation":
        """Votes or roles no longer satisfy the policy: wait for new votes."""
        self._from("reopen", State.APPROVED, State.EXECUTING)
        return self._to(State.PENDING, votes=(), round=self.round + 1)

    def finish(self, tally: Tally, at: datetime, undo_until: datetime | None, note: str = "") -> "Operation":
        """An undo whose records have moved on has failed; there is nobody to ask again."""
        state = tally.end_state()
        if state is State.STALE and self.mode is Mode.UNDO:
            state = State.FAILED
        if state is State.STALE:
            return self._to(state, note=note)
        return self._to(state, finished_at=at, undo_until=undo_until, note=note)

    def fail(self, at: datetime, note: str) -> "Operation":
        return self._to(State.FAILED, finished_at=at, note=note)

    def ask_again(self, by: PersonId, targets: Targets) -> "Operation":
        """Records changed, still wanted: new fingerprint, new round, no votes; stale until `ask` routes it."""
        self.require_requester(by)
        self.require(State.STALE)
        return replace(self, targets=targets, round=self.round + 1, votes=())

    def mark_undone(self, at: datetime, by: PersonId | None) -> "Operation":
        return self._to(State.UNDONE, undone_at=at, undone_by=by)
