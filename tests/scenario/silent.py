"""Watches, while a story runs, that no operation is stored without an entry of the log in the same transaction."""

from collections.abc import Iterable
from typing import Any

import pytest

from core.domain.operation.operation import Operation
from core.storage.operations import SqlOperations
from core.storage.uow import SqlUnitOfWork


def watch_for_silence(patch: pytest.MonkeyPatch) -> list[str]:
    """Returns a list that gets a line for every operation that was stored and about which the log says nothing.

    A worker's `claim` is not watched: by itself it changes no more than the lease.
    """
    silent: list[str] = []
    save, add, before_commit = SqlOperations.save, SqlOperations.add, SqlUnitOfWork.before_commit

    def note(operations: SqlOperations, operation: Operation) -> None:
        vars(operations).setdefault("_stored", {})[operation.number] = operation

    def noted_save(self: SqlOperations, operation: Operation) -> Operation:
        note(self, operation)
        return save(self, operation)

    def noted_add(self: SqlOperations, operation: Operation, targets: Iterable[Any]) -> None:
        note(self, operation)
        add(self, operation, targets)

    def compared(self: SqlUnitOfWork) -> Any:
        stored: dict[int, Operation] = vars(self.operations).get("_stored", {})
        named = {entry.operation for entry in self.audit._gathered}
        silent.extend(f"{each.label} {each.state}" for number, each in stored.items() if number not in named)
        return before_commit(self)

    patch.setattr(SqlOperations, "save", noted_save)
    patch.setattr(SqlOperations, "add", noted_add)
    patch.setattr(SqlUnitOfWork, "before_commit", compared)
    return silent
