"""Finds the operation of a number, or refuses when there is none."""

from core.domain.errors import NotFound
from core.domain.operation.labels import operation_label
from core.domain.operation.operation import Operation
from core.ports.store import UnitOfWork


def known(uow: UnitOfWork, number: int) -> Operation:
    """Returns the operation. Raises NotFound."""
    operation = uow.operations.get(number)
    if operation is None:
        raise not_found(number)
    return operation


def locked(uow: UnitOfWork, number: int) -> Operation:
    """Returns the operation, which nobody else can change until the transaction ends. Raises NotFound."""
    operation = uow.operations.lock(number)
    if operation is None:
        raise not_found(number)
    return operation


def not_found(number: int) -> NotFound:
    """Returns the same refusal for an operation that does not exist and for one this person may not see."""
    return NotFound("operation_not_found", operation=operation_label(number))
