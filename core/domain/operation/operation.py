"""An operation: one action asked for on a closed list of targets, and its life cycle.

Every move is a method that returns the next Operation. A move that the drawing in `life.py` lacks raises
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
    """The operation takes back exactly what the operation named in `undo_of` changed."""


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
    """The round of voting, from 1: it grows when the operation is asked again or reopened. Cards show it as v1."""
    reason: Reason | None = None
    said: str = ""
    """The words of the message that began it."""
    approvers: tuple[PersonId, ...] = ()
    votes_needed: int = 0
    votes: tuple[Vote, ...] = ()
    expires_at: datetime | None = None
    nudge_at: datetime | None = None
    """When the approvers are reminded; None once they have been."""
    pushed_at: datetime | None = None
    """When the requester last reminded the approvers by hand (催一下)."""
    confirmed_at: datetime | None = None
    undo_of: int | None = None
    undo_until: datetime | None = None
    finished_at: datetime | None = None
    undone_at: datetime | None = None
    undone_by: PersonId | None = None
    """Who undid it; None also when its records were restored from the backup on the command line."""
    fence: int = 0
    """The fencing number: every claim by a worker raises it, and a worker with an older one is refused."""
    tries: int = 0
    """The attempts since the approval that a fault has stopped; one that a restart resumes is not counted."""
    note: str = ""
    """Why it failed or ended, in words for the log."""
    revision: int = field(default=0)
    """The revision of the stored row, for compare-and-set."""

    @property
    def fingerprint(self) -> Fingerprint:
        return self.targets.fingerprint

    @property
    def label(self) -> str:
        """The label by which people quote it, such as #0312."""
        return operation_label(self.number)

    @property
    def backup_label(self) -> str:
        return backup_label(self.number)

    def current_votes(self, decision: Decision) -> tuple[Vote, ...]:
        """Returns the votes that count: of this round and this fingerprint, one for each person."""
        seen: dict[PersonId, Vote] = {}
        for vote in self.votes:
            if vote.round == self.round and vote.fingerprint == self.fingerprint and vote.decision is decision:
                seen.setdefault(vote.person, vote)  # one person is one vote, even when two are stored
        return tuple(seen.values())

    def _to(self, state: State, **changes: object) -> "Operation":
        if state not in moves_from(self.state):
            raise IllegalTransition(f"operation {self.label}", self.state, state)
        return replace(self, state=state, **changes)  # type: ignore[arg-type]  # field names, checked by replace

    def has_voted(self, person: PersonId) -> bool:
        """Returns whether a person has voted in this round; votes of earlier rounds no longer count."""
        return any(vote.person == person and vote.round == self.round for vote in self.votes)

    def still_to_vote(self) -> tuple[PersonId, ...]:
        """Returns the approvers who have not voted in this round."""
        return tuple(person for person in self.approvers if not self.has_voted(person))

    def closed(self) -> AlreadyClosed:
        """Returns the refusal for somebody whose tap or words come too late for this state."""
        return AlreadyClosed(f"closed_{self.state}", operation=self.label)

    def require(self, *states: State) -> None:
        """Raises AlreadyClosed when the operation is in none of these states."""
        if self.state not in states:
            raise self.closed()

    def require_requester(self, person: PersonId) -> None:
        """Raises NotYours when the person is not the requester."""
        if person != self.requester:
            raise NotYours("not_requester", operation=self.label)

    def _from(self, move: str, *states: State) -> None:
        """Refuse a move from other states, where several moves lead to one state and only this one is right."""
        if self.state not in states:
            raise IllegalTransition(f"operation {self.label}", self.state, move)

    # the requester's moves
    def confirm(self, by: PersonId, reason: Reason | None, at: datetime) -> "Operation":
        """The requester confirms the draft. Raises NotYours, AlreadyClosed."""
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
        """The requester gives the final confirmation (执行)."""
        self.require_requester(by)
        self.require(State.FINAL)
        return self._to(State.APPROVED)

    def push(self, by: PersonId, at: datetime) -> "Operation":
        """The requester reminds the approvers by hand (催一下)."""
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
        """Send a confirmed or stale operation to its approvers; when no vote is needed, it is approved at once."""
        state = State.PENDING if votes_needed else State.APPROVED
        # Else a pending operation could become approved by being asked again with no votes needed.
        self._from("ask", State.ASKED, State.STALE)
        return self._to(
            state, approvers=approvers, votes_needed=votes_needed, expires_at=expires_at, nudge_at=nudge_at
        )

    def decide(self, vote: Vote, voter: Person, *, final: bool = False) -> "Operation":
        """Take a vote. Whether this person may decide this operation is asked here and nowhere else.

        Raises NotYours (the requester, or a person who was not asked) and AlreadyClosed (ended, or voted already).
        `final`: the policy wants the requester's final confirmation after the approval.
        """
        if voter.id == self.requester:
            # The refusal below offers to remind the approvers; after the end there is nobody to remind.
            self.require(State.PENDING)
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
        """Set the term of the final confirmation, which begins with the approval."""
        self.require(State.FINAL)
        return replace(self, expires_at=until, nudge_at=None)

    def await_answer(self, until: datetime) -> "Operation":
        """Set the term in which the requester of a stale operation may ask again; after it the operation ends."""
        self.require(State.STALE)
        return replace(self, expires_at=until, nudge_at=None)

    def nudged(self) -> "Operation":
        """Note that the approvers were reminded at half of the term, which happens only once."""
        return replace(self, nudge_at=None)

    def reassign(self, approvers: tuple[PersonId, ...]) -> "Operation":
        """Replace the approvers because one of them has left; the votes of this round stay."""
        self.require(State.PENDING)
        return replace(self, approvers=approvers)

    def ask_others(self, approvers: tuple[PersonId, ...], votes_needed: int, until: datetime) -> "Operation":
        """Ask the people who may decide a reopened operation now, with a fresh term."""
        self.require(State.PENDING)
        return replace(self, approvers=approvers, votes_needed=votes_needed, expires_at=until, nudge_at=None)

    def abandon(self) -> "Operation":
        """End the operation because its requester has left or lost the right."""
        return self._to(State.WITHDRAWN)

    def expire(self) -> "Operation":
        return self._to(State.EXPIRED)

    # the worker's moves
    def start(self) -> "Operation":
        """A worker claims the operation, for the first time or again; each claim raises the fencing number."""
        if self.state is State.EXECUTING:  # taken over from another worker: its tries still count
            return replace(self, fence=self.fence + 1)
        return self._to(State.EXECUTING, fence=self.fence + 1, tries=0)

    def reopen(self) -> "Operation":
        """Go back to waiting, because votes or roles no longer satisfy the policy; earlier votes are dropped."""
        self._from("reopen", State.APPROVED, State.EXECUTING)
        # A new round, so that buttons on cards of the old one no longer count.
        return self._to(State.PENDING, votes=(), round=self.round + 1)

    def finish(self, tally: Tally, at: datetime, undo_until: datetime | None, note: str = "") -> "Operation":
        """End the operation by its outcomes.

        An undo whose records have changed fails and does not become stale: there is nobody to ask again.
        """
        state = tally.end_state()
        if state is State.STALE and self.mode is Mode.UNDO:
            state = State.FAILED
        if state is State.STALE:  # not finished: it waits for its requester
            return self._to(state, note=note)
        return self._to(state, finished_at=at, undo_until=undo_until, note=note)

    def fail(self, at: datetime, note: str) -> "Operation":
        return self._to(State.FAILED, finished_at=at, note=note)

    def ask_again(self, by: PersonId, targets: Targets) -> "Operation":
        """Begin a new round, without votes, on the changed records; it stays stale until `ask` moves it on."""
        self.require_requester(by)
        self.require(State.STALE)
        return replace(self, targets=targets, round=self.round + 1, votes=())

    def mark_undone(self, at: datetime, by: PersonId | None) -> "Operation":
        return self._to(State.UNDONE, undone_at=at, undone_by=by)
