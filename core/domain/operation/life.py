"""The states of an operation and the moves between them.

draft → asked → pending → approved → [final confirm] → executing → done | partly_done | failed | needs_human
↘ cancelled, expired  ↘ rejected, withdrawn, expired     executing → stale → pending      done → undone
"""

from enum import StrEnum


class State(StrEnum):
    DRAFT = "draft"
    """The confirm card was sent to the requester; no approver has been asked yet."""
    ASKED = "asked"
    """The requester has confirmed; `Operation.ask` moves it on in the same transaction."""
    PENDING = "pending"
    """The operation waits for votes."""
    APPROVED = "approved"
    """The operation waits for a worker."""
    FINAL = "final"
    """The operation is approved and waits for the requester's 执行, where the policy wants that."""
    EXECUTING = "executing"
    DONE = "done"
    PARTLY_DONE = "partly_done"
    FAILED = "failed"
    NEEDS_HUMAN = "needs_human"
    """The outcome of some record is unknown, and a person has to settle it."""
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    STALE = "stale"
    """The records have changed since the vote; the requester decides whether to ask again."""
    UNDONE = "undone"


_MOVES: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.ASKED, State.CANCELLED, State.EXPIRED}),
    State.ASKED: frozenset({State.PENDING, State.APPROVED}),
    State.PENDING: frozenset(
        {State.APPROVED, State.FINAL, State.REJECTED, State.WITHDRAWN, State.EXPIRED, State.STALE}
    ),
    # Back to PENDING, here and from EXECUTING: votes or roles no longer satisfy the policy.
    State.APPROVED: frozenset({State.EXECUTING, State.PENDING, State.WITHDRAWN, State.FAILED, State.STALE}),
    State.FINAL: frozenset({State.APPROVED, State.WITHDRAWN, State.EXPIRED}),
    State.EXECUTING: frozenset(
        {State.DONE, State.PARTLY_DONE, State.FAILED, State.NEEDS_HUMAN, State.STALE, State.PENDING}
    ),
    # Asked again; straight to APPROVED where the policy needs no vote.
    State.STALE: frozenset({State.PENDING, State.APPROVED, State.WITHDRAWN, State.EXPIRED}),
    State.DONE: frozenset({State.UNDONE}),
    State.PARTLY_DONE: frozenset({State.UNDONE}),
    # A person settles what the worker could not tell.
    State.NEEDS_HUMAN: frozenset({State.DONE, State.PARTLY_DONE, State.FAILED}),
    # The ends: nothing more happens to an operation in one of these.
    State.FAILED: frozenset(),
    State.CANCELLED: frozenset(),
    State.REJECTED: frozenset(),
    State.WITHDRAWN: frozenset(),
    State.EXPIRED: frozenset(),
    State.UNDONE: frozenset(),
}

OPEN = frozenset({State.DRAFT, State.ASKED, State.PENDING, State.APPROVED, State.FINAL, State.STALE})
"""States in which nothing has been done to a record yet."""
ON_ITS_WAY = frozenset({State.ASKED, State.PENDING, State.APPROVED, State.FINAL, State.EXECUTING, State.STALE})
"""States in which the records of an operation take no second request."""
WAITING_FOR_PEOPLE = frozenset({State.PENDING, State.FINAL, State.STALE})
"""States in which the approvers or the requester must answer before the operation goes on."""
WITHDRAWABLE = WAITING_FOR_PEOPLE | {State.APPROVED}
"""States in which the requester may still withdraw the request."""
EXPIRING = WAITING_FOR_PEOPLE | {State.DRAFT}
"""States in which the operation ends by itself when its term is over."""
FOR_WORKERS = frozenset({State.APPROVED, State.EXECUTING})
"""States in which a worker claims the operation, or takes it over from a worker whose lease has run out."""
CARRIED_OUT = frozenset({State.DONE, State.PARTLY_DONE})
"""States in which records were changed and the change can be undone."""
UNSETTLED = ON_ITS_WAY | {State.DRAFT, State.NEEDS_HUMAN}
"""States from which the operation still goes on, so that its cards are needed."""


def moves_from(state: State) -> frozenset[State]:
    return _MOVES[state]
