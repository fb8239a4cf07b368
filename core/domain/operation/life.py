"""States of an operation and the moves between them.

draft → asked → pending → approved → [final confirm] → executing → done | partly_done | failed | needs_human
↘ cancelled, expired  ↘ rejected, withdrawn, expired     executing → stale → pending      done → undone
"""

from enum import StrEnum


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
"""Nothing has been done to a record yet."""
ON_ITS_WAY = frozenset({State.ASKED, State.PENDING, State.APPROVED, State.FINAL, State.EXECUTING, State.STALE})
"""While an operation is in one of these, its records take no second request."""
WAITING_FOR_PEOPLE = frozenset({State.PENDING, State.FINAL, State.STALE})
"""Somebody must answer before it goes on: those who decide, or the requester."""
WITHDRAWABLE = WAITING_FOR_PEOPLE | {State.APPROVED}
"""The requester may still take it back."""
EXPIRING = WAITING_FOR_PEOPLE | {State.DRAFT}
"""It ends by itself when its term is over."""
FOR_WORKERS = frozenset({State.APPROVED, State.EXECUTING})
"""A worker takes it, or takes it over from one that is silent."""
CARRIED_OUT = frozenset({State.DONE, State.PARTLY_DONE})
"""Records were changed, and what was changed can be undone."""
UNSETTLED = ON_ITS_WAY | {State.DRAFT, State.NEEDS_HUMAN}
"""It goes on, so its cards are still needed."""


def moves_from(state: State) -> frozenset[State]:
    return _MOVES[state]
