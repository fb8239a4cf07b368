"""One asked action on a closed list of targets, and its life cycle.

    draft → asked → pending → approved → [final confirm] → executing → done | partly_done | failed | needs_human
         ↘ cancelled, expired  ↘ rejected, withdrawn, expired     executing → stale → pending      done → undone

Every move is a method that returns the next Operation; a move the drawing lacks raises IllegalTransition.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from core.domain.actions import Action, LifeStatus
from core.domain.errors import AlreadyClosed, IllegalTransition, NotYours
from core.domain.facts import Facts
from core.domain.fingerprint import Fingerprint
from core.domain.people import Person, PersonId
from core.domain.records import Kind, RecordRef


class State(StrEnum):
    DRAFT = "draft"
    """The confirm card is out; nothing has been asked of anybody yet."""
    ASKED = "asked"
    PENDING = "pending"
    """Waits for votes."""
    APPROVED = "approved"
    """Waits for a worker."""
    FINAL = "final"
    """Approved; waits for the requester's 执行 where the policy wants one."""
    EXECUTING = "executing"
    DONE = "done"
    PARTLY_DONE = "partly_done"
    FAILED = "failed"
    NEEDS_HUMAN = "needs_human"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    STALE = "stale"
    """The records changed after the vote: the requester decides whether to ask again."""
    UNDONE = "undone"


_MOVES: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.ASKED, State.CANCELLED, State.EXPIRED}),
    State.ASKED: frozenset({State.PENDING, State.APPROVED}),
    State.PENDING: frozenset(
        {State.APPROVED, State.FINAL, State.REJECTED, State.WITHDRAWN, State.EXPIRED, State.STALE}
    ),
    State.APPROVED: frozenset({State.EXECUTING, State.PENDING, State.WITHDRAWN, State.FAILED, State.STALE}),
    State.FINAL: frozenset({State.APPROVED, State.WITHDRAWN, State.EXPIRED}),
    State.EXECUTING: frozenset(
        {State.DONE, State.PARTLY_DONE, State.FAILED, State.NEEDS_HUMAN, State.STALE, State.PENDING}
    ),
    State.STALE: frozenset({State.PENDING, State.APPROVED, State.WITHDRAWN, State.EXPIRED}),
    State.DONE: frozenset({State.UNDONE}),
    State.PARTLY_DONE: frozenset({State.UNDONE}),
    State.NEEDS_HUMAN: frozenset({State.DONE, State.PARTLY_DONE, State.FAILED}),
    State.FAILED: frozenset(),
    State.CANCELLED: frozenset(),
    State.REJECTED: frozenset(),
    State.WITHDRAWN: frozenset(),
    State.EXPIRED: frozenset(),
    State.UNDONE: frozenset(),
}

OPEN = frozenset({State.DRAFT, State.ASKED, State.PENDING, State.APPROVED, State.FINAL, State.STALE})
"""States in which nothing has been done to a record yet."""


UNDECIDED = frozenset({State.ASKED, State.PENDING, State.APPROVED, State.FINAL, State.EXECUTING, State.STALE})
"""On its way: while one is, a record takes no second request."""


def moves_from(state: State) -> frozenset[State]:
    return _MOVES[state]


class Mode(StrEnum):
    NORMAL = "normal"
    UNDO = "undo"
    """Brings back exactly what the operation named in `undo_of` changed."""


class ReasonCode(StrEnum):
    """The drop-down of the confirm card; also read from words."""

    ENDED = "ended"  # 不再合作
    WRONG_DATA = "wrong_data"  # 信息有误
    DUPLICATE = "duplicate"  # 重复
    MOVED = "moved"  # 已搬迁
    LEFT_MARKET = "left_market"  # 退出市场
    UNREACHABLE = "unreachable"  # 联系不上
    NO_NEED = "no_need"  # 无需求
    COMPETITOR = "competitor"  # 被竞品签走
    CUSTOMER_ASKED = "customer_asked"  # 客户要求
    OTHER = "other"  # 其他(下条写)


@dataclass(frozen=True, slots=True)
class Reason:
    code: ReasonCode
    words: str = ""
    """What the person wrote; needed for OTHER."""


class Decision(StrEnum):
    APPROVE = "approve"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Vote:
    """One person's decision, bound to what that person saw."""

    person: PersonId
    decision: Decision
    at: datetime
    fingerprint: Fingerprint
    round: int
    generation: int = 1
    """Of the voter's user id: a reused id does not inherit votes."""
    words: str = ""


class Outcome(StrEnum):
    """What became of one target (crm-apis §6)."""

    DONE = "done"
    ALREADY = "already"
    PENDING_APPROVAL = "pending_approval"
    SCHEDULED = "scheduled"
    NOT_FOUND = "not_found"
    WRONG_STATE = "wrong_state"
    BLOCKED = "blocked"
    DENIED = "denied"
    UNSUPPORTED = "unsupported"
    CONFLICT = "conflict"
    UNKNOWN = "unknown"

    @property
    def good(self) -> bool:
        return self in {Outcome.DONE, Outcome.ALREADY}


@dataclass(frozen=True, slots=True)
class Target:
    """One record of an operation, with its version as seen when it was asked."""

    ref: RecordRef
    name: str
    version: int
    status: LifeStatus
    outcome: Outcome | None = None
    facts: Facts = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Targets:
    """The closed list, as an operation carries it: a few to name, and what stands for all."""

    count: int
    first: tuple[Target, ...]
    """The first few, in fingerprint order."""
    fingerprint: Fingerprint


@dataclass(frozen=True, slots=True)
class Tally:
    """Outcomes counted."""

    done: int = 0
    failed: int = 0
    conflicts: int = 0
    unknown: int = 0

    def end_state(self) -> State:
        if self.unknown:
            return State.NEEDS_HUMAN
        if self.done and not (self.failed or self.conflicts):
            return State.DONE
        if self.done:
            return State.PARTLY_DONE
        return State.STALE if self.conflicts and not self.failed else State.FAILED


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
        return f"B-{self.number:04d}"

    def current_votes(self, decision: Decision) -> tuple[Vote, ...]:
        """Votes that count: this round, this fingerprint, one a person."""
        seen: dict[PersonId, Vote] = {}
        for vote in self.votes:
            if vote.round == self.round and vote.fingerprint == self.fingerprint and vote.decision is decision:
                seen.setdefault(vote.person, vote)
        return tuple(seen.values())

    def _to(self, state: State, **changes: object) -> "Operation":
        if state not in _MOVES[self.state]:
            raise IllegalTransition(f"operation {self.label}", self.state, state)
        return replace(self, state=state, **changes)  # type: ignore[arg-type]  # field names, checked by replace

    def _require(self, *states: State) -> None:
        if self.state not in states:
            raise AlreadyClosed(f"closed_{self.state}", operation=self.label)

    def _from(self, move: str, *states: State) -> None:
        """Two moves may lead to one state, and only one of them be right from here."""
        if self.state not in states:
            raise IllegalTransition(f"operation {self.label}", self.state, move)

    # the requester's moves
    def confirm(self, by: PersonId, reason: Reason | None, at: datetime) -> "Operation":
        """The requester stands by it. Raises NotYours, AlreadyClosed."""
        self._owned_by(by)
        self._require(State.DRAFT)
        return self._to(State.ASKED, reason=reason, confirmed_at=at)

    def cancel(self, by: PersonId) -> "Operation":
        self._owned_by(by)
        self._require(State.DRAFT)
        return self._to(State.CANCELLED)

    def withdraw(self, by: PersonId) -> "Operation":
        self._owned_by(by)
        self._require(State.PENDING, State.FINAL, State.STALE, State.APPROVED)
        return self._to(State.WITHDRAWN)

    def run(self, by: PersonId) -> "Operation":
        """The final confirmation (执行)."""
        self._owned_by(by)
        self._require(State.FINAL)
        return self._to(State.APPROVED)

    def push(self, by: PersonId, at: datetime) -> "Operation":
        """Remind those who decide, by hand (催一下)."""
        self._owned_by(by)
        self._require(State.PENDING)
        return replace(self, pushed_at=at)

    def _owned_by(self, person: PersonId) -> None:
        if person != self.requester:
            raise NotYours("not_requester", operation=self.label)

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
            self._require(State.PENDING)  # what has ended is told as such: nobody is left to be nudged
            raise NotYours("requester_cannot_decide", operation=self.label)
        if vote.person != voter.id or voter.id not in self.approvers or not voter.active:
            raise NotYours("not_approver", operation=self.label)
        self._require(State.PENDING)
        if vote.fingerprint != self.fingerprint or vote.round != self.round:
            raise AlreadyClosed("closed_old_card", operation=self.label)
        if any(v.person == voter.id and v.round == self.round for v in self.votes):
            raise AlreadyClosed("already_voted", operation=self.label)
        voted = replace(self, votes=(*self.votes, vote))
        if vote.decision is Decision.REJECT:
            return voted._to(State.REJECTED, note=vote.words)
        if len(voted.current_votes(Decision.APPROVE)) < self.votes_needed:
            return voted
        return voted._to(State.FINAL if final else State.APPROVED)

    def await_run(self, until: datetime) -> "Operation":
        """The term of the final confirmation begins with the approval."""
        self._require(State.FINAL)
        return replace(self, expires_at=until, nudge_at=None)

    def await_answer(self, until: datetime) -> "Operation":
        """Stale: the requester has a term of their own to say keep or ask again, and then it ends."""
        self._require(State.STALE)
        return replace(self, expires_at=until, nudge_at=None)

    def nudged(self) -> "Operation":
        """Those who decide were reminded at half time: once."""
        return replace(self, nudge_at=None)

    def reassign(self, approvers: tuple[PersonId, ...]) -> "Operation":
        """Somebody who was asked has left: others decide; votes of this round stand."""
        self._require(State.PENDING)
        return replace(self, approvers=approvers)

    def ask_others(self, approvers: tuple[PersonId, ...], votes_needed: int, until: datetime) -> "Operation":
        """Reopened: those who may decide now are asked, with a fresh term."""
        self._require(State.PENDING)
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
        self._owned_by(by)
        self._require(State.STALE)
        return replace(self, targets=targets, round=self.round + 1, votes=())

    def mark_undone(self, at: datetime, by: PersonId | None) -> "Operation":
        return self._to(State.UNDONE, undone_at=at, undone_by=by)


def operation_label(number: int) -> str:
    return f"#{number:04d}"
