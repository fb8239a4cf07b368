"""Runs one import, from its first chunk to its audit entry. A chunk is one transaction.

An import that is interrupted leaves whole chunks; when it is run again, it finds their records unchanged and goes
on. An import that changes nothing writes no audit entry.
"""

import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol, TypeVar, cast

from sqlalchemy import Connection, insert, text
from sqlalchemy.exc import IntegrityError

from core.crm.embedded.importing.chunk import Chunk, ChunkResult, Line, rows_where_in
from core.crm.embedded.importing.contacts import write_contacts
from core.crm.embedded.importing.customers import write_customers
from core.crm.embedded.importing.numbered import COMMUNICATIONS, DEALS, INVOICES, write_numbered
from core.crm.embedded.importing.segments import write_segments
from core.crm.embedded.tables import communications, customers, deals, imports, invoices, segments
from core.domain.errors import StoreUnavailable
from core.domain.events.records import RecordsImported
from core.domain.sheets.faults import RowFault
from core.domain.sheets.header import Header
from core.domain.sheets.rows import Row, SheetKind

T = TypeVar("T")
ROWS_PER_CHUNK = {SheetKind.SEGMENTS: 50}
"""Kinds with smaller chunks: one row of a segment can name thousands of members."""
ROWS = 1000
_TABLES = {
    SheetKind.CUSTOMERS: customers,
    SheetKind.DEALS: deals,
    SheetKind.INVOICES: invoices,
    SheetKind.COMMUNICATIONS: communications,
    SheetKind.SEGMENTS: segments,
}
"""The kinds whose records have a number, and their tables."""
_LOCK = 0x766F6964
"""The number of a PostgreSQL advisory lock (`void` in ASCII), by which imports write one after the other."""
_TRIES = 5
_PAUSE_SECONDS = 1.0


class ImportUnit(Protocol):
    """The unit of work of one transaction, as an import needs it."""

    @property
    def connection(self) -> Connection: ...
    @property
    def now(self) -> datetime: ...


class Publish(Protocol):
    """A function that logs an event in the transaction in which it happened."""

    def __call__(self, uow: Any, event: RecordsImported, /) -> None: ...


class Store(Protocol):
    def run_sync(self, work: Callable[[Any], T]) -> T: ...


@dataclass(frozen=True, slots=True)
class Origin:
    """The file that is imported."""

    file_name: str
    file_hash: str
    """The SHA-256 of the file, hex."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows of the import were created, changed, already the same, or bad."""

    created: int = 0
    changed: int = 0
    same: int = 0
    bad: int = 0

    @property
    def wrote(self) -> bool:
        return bool(self.created or self.changed)

    def plus(self, result: ChunkResult, unreadable: int) -> "Tally":
        return Tally(
            self.created + result.created,
            self.changed + result.changed,
            self.same + result.same,
            self.bad + len(result.refused) + unreadable,
        )


class ImportRun:
    def __init__(self, store: Store, origin: Origin, header: Header, publish: Publish) -> None:
        self._publish = publish
        self._store = store
        self._origin = origin
        self._header = header
        self._seen: dict[Hashable, int] = {}
        self.tally = Tally()

    @property
    def chunk_size(self) -> int:
        return ROWS_PER_CHUNK.get(self._header.kind, ROWS)

    def write(self, lines: Sequence[Line[Row]], *, unreadable: int, last: bool) -> list[tuple[int, RowFault]]:
        """Writes one chunk and returns the rows it refused, by line.

        `unreadable` counts the bad rows of the chunk that could not be read and are not among `lines`.
        Raises StoreUnavailable when the database stays away; then nothing of the chunk was written.
        """

        def work(uow: ImportUnit) -> tuple[ChunkResult, Tally]:
            chunk = Chunk(uow.connection, uow.now, self._header, self._seen)
            if lines:
                _one_at_a_time(uow.connection)
                _write(chunk, lines)
            tally = self.tally.plus(chunk.result, unreadable)
            # Logged at the first change and at the end: an import that is killed has left its first entry.
            if last:
                self._log(uow, tally, "finished")
            elif tally.wrote and not self.tally.wrote:
                self._log(uow, replace(tally, same=0, bad=0), "begun")
            return chunk.result, tally

        # Only now, after the commit: `work` may run more than once.
        result, self.tally = self._patiently(work)
        self._seen.update(result.keys)
        return result.refused

    def known(self, numbers: Sequence[str]) -> set[str]:
        """Returns those numbers that a stored record of this kind has. Raises StoreUnavailable."""
        if not numbers:
            return set()
        table = _TABLES[self._header.kind]
        return self._store.run_sync(
            lambda uow: {row["number"] for row in rows_where_in(uow.connection, table, "number", numbers)}
        )

    def cut_off(self) -> None:
        """Logs that the import ends early, when it still can. Raises StoreUnavailable."""
        self._store.run_sync(lambda uow: self._log(uow, self.tally, "cut off"))

    def _log(self, uow: ImportUnit, tally: Tally, phase: str) -> None:
        if not tally.wrote:
            return
        detail: dict[str, str | int] = {
            "phase": phase,
            "kind": self._header.kind.value,
            "file_sha256": self._origin.file_hash,
            "created": tally.created,
            "changed": tally.changed,
            "unchanged": tally.same,
            "bad": tally.bad,
        }
        self._publish(uow, RecordsImported(detail))
        if phase == "begun":
            return
        uow.connection.execute(
            insert(imports).values(
                at=uow.now,
                kind=self._header.kind.value,
                file_name=self._origin.file_name,
                file_hash=self._origin.file_hash,
                good_rows=tally.created + tally.changed + tally.same,
                bad_rows=tally.bad,
            )
        )

    def _patiently(self, work: Callable[[Any], T]) -> T:
        """Runs `work` and repeats it a few times: the running bot may lock the database for a moment.

        Repeating is safe even if the first try was committed: the chunk then finds its records unchanged.
        """
        for left in reversed(range(_TRIES)):
            try:
                return self._store.run_sync(work)
            except StoreUnavailable:
                if not left:
                    raise
            except IntegrityError as error:  # another program has just stored a record with the same number
                if not left:
                    raise StoreUnavailable("another program is writing the same records") from error
            time.sleep(_PAUSE_SECONDS)
        raise AssertionError


def _one_at_a_time(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def _write(chunk: Chunk, lines: Sequence[Line[Row]]) -> None:
    # The kind of the header decides the type of the rows, which the type checker cannot see.
    rows = cast("Any", lines)
    match chunk.header.kind:
        case SheetKind.CUSTOMERS:
            write_customers(chunk, rows)
        case SheetKind.CONTACTS:
            write_contacts(chunk, rows)
        case SheetKind.DEALS:
            write_numbered(chunk, DEALS, rows)
        case SheetKind.INVOICES:
            write_numbered(chunk, INVOICES, rows)
        case SheetKind.COMMUNICATIONS:
            write_numbered(chunk, COMMUNICATIONS, rows)
        case SheetKind.SEGMENTS:
            write_segments(chunk, rows)
