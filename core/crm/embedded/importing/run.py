"""One import, from its first chunk to its entry in the log. A chunk is one transaction; a good row is whole in it.

An import that is cut off leaves whole chunks; started again it finds them as they should be and goes on. One that
changes nothing leaves the log as it was.
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
"""A segment's row can name thousands of members."""
ROWS = 1000
_TABLES = {
    SheetKind.CUSTOMERS: customers,
    SheetKind.DEALS: deals,
    SheetKind.INVOICES: invoices,
    SheetKind.COMMUNICATIONS: communications,
    SheetKind.SEGMENTS: segments,
}
"""The kinds whose records have a number."""
_LOCK = 0x766F6964
"""PostgreSQL advisory lock: imports write one after the other."""
_TRIES = 5
_PAUSE_SECONDS = 1.0


class ImportUnit(Protocol):
    """The unit of work of one transaction, as an import needs it."""

    @property
    def connection(self) -> Connection: ...
    @property
    def now(self) -> datetime: ...


class Publish(Protocol):
    """Logs it, inside the transaction in which it happened."""

    def __call__(self, uow: Any, event: RecordsImported, /) -> None: ...


class Store(Protocol):
    def run_sync(self, work: Callable[[Any], T]) -> T: ...


@dataclass(frozen=True, slots=True)
class Origin:
    file_name: str
    file_hash: str
    """SHA-256, hex."""


@dataclass(frozen=True, slots=True)
class Tally:
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
        """One chunk; the rows it refused. `unreadable`: bad rows among them that never became a Row.

        Raises StoreUnavailable when the database stays away; then the chunk left nothing.
        """

        def work(uow: ImportUnit) -> tuple[ChunkResult, Tally]:
            chunk = Chunk(uow.connection, uow.now, self._header, self._seen)
            if lines:
                _one_at_a_time(uow.connection)
                _write(chunk, lines)
            tally = self.tally.plus(chunk.result, unreadable)
            if last:
                self._log(uow, tally, "finished")
            elif tally.wrote and not self.tally.wrote:
                self._log(uow, replace(tally, same=0, bad=0), "begun")
            return chunk.result, tally

        result, self.tally = self._patiently(work)
        self._seen.update(result.keys)
        return result.refused

    def known(self, numbers: Sequence[str]) -> set[str]:
        """Those that a record of this kind has by now. Raises StoreUnavailable."""
        if not numbers:
            return set()
        table = _TABLES[self._header.kind]
        return self._store.run_sync(
            lambda uow: {row["number"] for row in rows_where_in(uow.connection, table, "number", numbers)}
        )

    def cut_off(self) -> None:
        """For an import that ends early but may still speak. Raises StoreUnavailable."""
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
        """The bot may hold the database for a moment. A chunk may be written again, whether or not it got in."""
        for left in reversed(range(_TRIES)):
            try:
                return self._store.run_sync(work)
            except StoreUnavailable:
                if not left:
                    raise
            except IntegrityError as error:  # a record with that number came up meanwhile
                if not left:
                    raise StoreUnavailable("another program is writing the same records") from error
            time.sleep(_PAUSE_SECONDS)
        raise AssertionError


def _one_at_a_time(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def _write(chunk: Chunk, lines: Sequence[Line[Row]]) -> None:
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
