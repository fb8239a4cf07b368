"""What time alone does to operations: drafts and requests end, those who decide are reminded at half time."""

from datetime import datetime, timedelta

from core.domain.events.requests import ApproversNudged, OperationExpired
from core.domain.operation.operation import Operation
from core.ports.store import UnitOfWork

BATCH = 100
JUST = timedelta(minutes=30)


def expire_due(uow: UnitOfWork) -> list[OperationExpired]:
    """End what has waited too long."""
    due = uow.operations.due_to_expire(uow.now, BATCH)
    return [OperationExpired(uow.operations.save(operation.expire()), operation.state) for operation in due]


def nudge_due(uow: UnitOfWork, next_work: datetime | None = None) -> list[ApproversNudged]:
    """Remind once of each request at half of its term.

    `next_work` is given in the last working hour, and says when work begins again: a request that ends before
    then is reminded of now, unless it was only just asked.
    """
    due = uow.operations.due_to_nudge(uow.now, BATCH, next_work)
    return [
        ApproversNudged(uow.operations.save(operation.nudged()), by_hand=False)
        for operation in due
        if not _just_asked(operation, uow.now)
    ]


def _just_asked(operation: Operation, now: datetime) -> bool:
    assert operation.nudge_at is not None  # both are asked for
    assert operation.expires_at is not None
    asked_at = operation.nudge_at - (operation.expires_at - operation.nudge_at)
    return now < operation.nudge_at and now - asked_at < JUST
