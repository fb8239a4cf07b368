"""The operation somebody named, or the answer that there is none."""

from core.domain.errors import NotFound
from core.domain.operation.labels import operation_label
from core.domain.operation.operation import Operation
from core.ports.store import UnitOfWork


def known(uow: UnitOfWork, number: int) -> Operation:
    """Raises NotFound."""
    return _found(uow.operations.get(number), number)


def locked(uow: UnitOfWork, number: int) -> Operation:
    """As `known`; until the transaction ends nobody else changes it. Raises NotFound."""
    return _found(uow.operations.lock(number), number)


def not_found(number: int) -> NotFound:
    """One answer for what is not there and for what this person may not see."""
    return NotFound("operation_not_found", operation=operation_label(number))


def _found(operation: Operation | None, number: int) -> Operation:
    if operation is None:
        raise not_found(number)
    return operation
