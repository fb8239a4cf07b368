"""Counts the rows that wait in each queue."""

from sqlalchemy import Connection, func, select

from core.domain.operation.life import FOR_WORKERS
from core.domain.outbox import DeliveryState
from core.storage.inbox import NEW
from core.storage.tables import deliveries, inbox, operations


def waiting(connection: Connection) -> dict[str, int]:
    """Returns the number of waiting rows by queue, for metrics."""
    queues = {
        "inbox": select(func.count()).where(inbox.c.state == NEW),
        "operations": select(func.count()).where(operations.c.state.in_(FOR_WORKERS)),
        "deliveries": select(func.count()).where(deliveries.c.state == DeliveryState.WAITING),
    }
    return {name: int(connection.execute(query).scalar_one()) for name, query in queues.items()}
