"""What time alone does to operations: drafts and requests end, those who decide are reminded at half time."""

from datetime import datetime, timedelta

from core.domain.audit import Event, Tag
from core.domain.operation.operation import Operation
from core.ports.store import UnitOfWork

BATCH = 100
JUST = timedelta(minutes=30)


def expire_due(uow: UnitOfWork) -> list[Operation]:
    """End what has waited too long."""
    ended = []
    for operation in uow.operations.due_to_expire(uow.now(), BATCH):
        expired = uow.operations.save(operation.expire())
        uow.audit.append(
            Event(Tag.OPERATION_EXPIRED, operation=operation.number, detail={"from": operation.state})
        )
        ended.append(expired)
    return ended


def nudge_due(uow: UnitOfWork, next_work: datetime | None = None) -> list[Operation]:
    """Requests at half of their time, once each. `next_work`, in the last working hour: when work begins again.
    What ends before it is told of now, unless it was only just asked.
    """
    nudged = []
    for operation in uow.operations.due_to_nudge(uow.now(), BATCH, next_work):
        if _just_asked(operation, uow.now()):
            continue
        nudged.append(uow.operations.save(operation.nudged()))
        uow.audit.append(Event(Tag.OPERATION_NUDGED, operation=operation.number, detail={"by": "half time"}))
    return nudged


def _just_asked(operation: Operation, now: datetime) -> bool:
    assert operation.nudge_at is not None  # both are asked for
    assert operation.expires_at is not None
    asked_at = operation.nudge_at - (operation.expires_at - operation.nudge_at)
    return now < operation.nudge_at and now - asked_at < JUST
