"""The port of the audit log, through which services write and read it."""

from collections.abc import Collection, Iterable, Iterator
from typing import Protocol

from core.domain.audit import AuditEntry, Head, NewEntry, Tag


class AuditLog(Protocol):
    def append(self, *entries: NewEntry) -> None:
        """Adds entries, which are chained when the transaction commits; if that fails, nothing is committed."""

    def head(self) -> Head:
        """Returns the newest committed link of the chain."""

    def entries(self, *, after: int | None = None) -> Iterator[AuditEntry]:
        """Yields all entries, the oldest first, or those after the number `after`."""

    def about(self, subject: str, limit: int) -> list[AuditEntry]:
        """Returns the newest entries about a record (`kind:number`). Raises AuditBroken when one was changed."""

    def names(self, people: Iterable[str]) -> dict[str, str]:
        """Returns the ids of these people by the pseudonyms that stand for them in the log."""

    def of_operation(
        self, operation: int, limit: int, tags: Collection[Tag] = (), *, newest: bool = False
    ) -> list[AuditEntry]:
        """Returns entries of an operation, with these tags or with any: the oldest first, or the newest.

        Raises AuditBroken as `about` does.
        """
