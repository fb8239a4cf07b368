"""What time alone does to operations: drafts and requests end, those who decide are reminded at half time."""

from core.domain.audit import Event, Tag
from core.domain.operation import Operation
from core.ports import UnitOfWork

BATCH = 100


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


def nudge_due(uow: UnitOfWork) -> list[Operation]:
    """Requests at half of their time, once each."""
    nudged = []
    for operation in uow.operations.due_to_nudge(uow.now(), BATCH):
        nudged.append(uow.operations.save(operation.nudged()))
        uow.audit.append(Event(Tag.OPERATION_NUDGED, operation=operation.number, detail={"by": "half time"}))
    return nudged
