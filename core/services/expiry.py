"""Ends operations whose term is over, and reminds the approvers at half of the term."""

from datetime import datetime, timedelta

from core.domain.events.requests import ApproversNudged, OperationExpired
from core.domain.operation.operation import Operation
from core.ports.store import UnitOfWork

BATCH = 100
"""The number of operations in one transaction; the job comes back for the others."""
JUST = timedelta(minutes=30)
"""A request that was asked more recently than this is not reminded of before half of its term."""


def expire_due(uow: UnitOfWork) -> list[OperationExpired]:
    """Ends operations whose term is over, at most BATCH of them."""
    due = uow.operations.due_to_expire(uow.now, BATCH)
    return [OperationExpired(uow.operations.save(operation.expire()), operation.state) for operation in due]


def nudge_due(uow: UnitOfWork, next_work: datetime | None = None) -> list[ApproversNudged]:
    """Reminds the approvers once of each request, at half of its term.

    `next_work` is the moment when work begins again; it is given only in the last working hour. A request that
    expires before that moment is reminded of now, unless it was asked less than JUST ago.
    """
    due = uow.operations.due_to_nudge(uow.now, BATCH, next_work)
    return [
        ApproversNudged(uow.operations.save(operation.nudged()), by_hand=False)
        for operation in due
        if not _just_asked(operation, uow.now)
    ]


def _just_asked(operation: Operation, now: datetime) -> bool:
    """Returns whether half of the term is still to come and the request was asked less than JUST ago."""
    assert operation.nudge_at is not None  # `due_to_nudge` finds only operations that have both moments
    assert operation.expires_at is not None
    # The reminder is due halfway between asking and expiry, so those two moments give the third.
    asked_at = operation.nudge_at - (operation.expires_at - operation.nudge_at)
    return now < operation.nudge_at and now - asked_at < JUST
