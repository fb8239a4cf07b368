"""The log, as services write and read it."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from core.domain.audit import AuditEntry, Head, NewEntry, Tag


class AuditLog(Protocol):
    def append(self, *events: NewEntry) -> None:
        """They are chained when the transaction commits; if that fails, nothing is committed."""

    def head(self) -> Head:
        """The newest committed link."""

    def entries(self, *, after: int | None = None) -> Iterator[AuditEntry]: ...
    def about(self, subject: str, limit: int) -> list[AuditEntry]:
        """Of a record (`kind:number`). Raises AuditBroken when one of them is not as it was sealed."""

    def names(self, people: Iterable[str]) -> dict[str, str]:
        """Which pseudonym in the log stands for which of these people."""

    def of_operation(self, operation: int, limit: int, tag: Tag | None = None) -> list[AuditEntry]:
        """From its beginning. Raises AuditBroken as `about`."""
