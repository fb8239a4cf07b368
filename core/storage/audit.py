"""Stores the audit log: one hash chain, to which all processes add (docs/audit.md)."""

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    CursorResult,
    bindparam,
    select,
    text,
    true,
    type_coerce,
    update,
)

from core.domain.audit import AuditEntry, Head, NewEntry, Pseudonyms, Row, Tag, Verdict, is_sound, link, verify
from core.domain.errors import AuditBroken
from core.storage.tables import audit_entries, audit_head

CHUNK = 5000
"""The number of entries read at a time; memory stays flat however long the log is."""
_HEAD_ID = 1
_at = audit_entries.c.at
# The hash covers the stored microseconds, so the column is read as the integer it is, not as a datetime.
_RAW = [type_coerce(column, BigInteger) if column is _at else column for column in audit_entries.c]
# Without `seq > …`: a forged entry may have any number, also one below 1, and the walk must meet it.
_FIRST_CHUNK = select(*_RAW).order_by(audit_entries.c.seq).limit(bindparam("limit"))
_CHUNK_AFTER = _FIRST_CHUNK.where(audit_entries.c.seq > bindparam("after"))
_LAST = select(*_RAW).order_by(audit_entries.c.seq.desc()).limit(1)
# Rows go to the driver without SQLAlchemy: 100,000 outcomes of one operation are logged in a third less time. The
# two databases' drivers mark values differently.
_INSERT = {
    style: f"INSERT INTO audit_entries ({', '.join(audit_entries.c.keys())}) VALUES ({', '.join([mark] * 9)})"  # noqa: S608  # our own column names
    for style, mark in (("qmark", "?"), ("pyformat", "%s"))
}
_FIRST_HEAD = text("INSERT INTO audit_head (id, seq, hash) VALUES (:id, :seq, :hash) ON CONFLICT (id) DO NOTHING")
_MOVE_HEAD = (
    update(audit_head)
    .where(
        audit_head.c.id == _HEAD_ID,
        audit_head.c.seq == bindparam("old_seq"),
        audit_head.c.hash == bindparam("old_hash"),
    )
    .values(seq=bindparam("new_seq"), hash=bindparam("new_hash"))
)


@dataclass
class SqlAuditLog:
    """The log within one transaction.

    The first append locks the head row and remembers the head; other transactions that want to add wait for our
    commit. A rollback takes back entries and head together, so the numbers have no gaps.
    """

    _connection: Connection
    _now: datetime
    _key: bytes
    _pseudonyms: Pseudonyms
    reading: bool = False
    """True in a transaction that may only read."""
    _locked: Head | None = None

    def append(self, *entries: NewEntry) -> Head:
        """Adds entries and returns the new head. Raises AuditBroken when the head and the last entry disagree."""
        before = self._locked or self._lock()
        if not entries:
            return before
        head, rows = before, []
        for new in entries:
            entry = link(self._key, head, new, self._now, self._pseudonyms)
            rows.append(entry.row)
            head = Head(entry.seq, entry.hash)
        # By compare-and-set: a savepoint that was rolled back meanwhile must not leave a gap.
        moved = {"old_seq": before.seq, "old_hash": before.hash, "new_seq": head.seq, "new_hash": head.hash}
        if self._connection.execute(_MOVE_HEAD, moved).rowcount != 1:
            raise AuditBroken(f"the log's head is no longer {before.short}")
        self._connection.exec_driver_sql(_INSERT[self._connection.dialect.paramstyle], rows)
        self._locked = head
        return head

    def head(self) -> Head:
        return self._locked or self._read_head(lock=False) or Head()

    def entries(self, *, after: int | None = None) -> Iterator[AuditEntry]:
        """Yields all entries, the oldest first, including those that `verify` would find fault with."""
        while True:
            chunk = self._select(true() if after is None else audit_entries.c.seq > after, limit=CHUNK)
            yield from chunk
            if len(chunk) < CHUNK:
                return
            after = chunk[-1].seq

    def rows(self, *, after: int | None = None) -> Iterator[Row]:
        """Yields the stored rows of all entries, for `verify`; a row that cannot be read comes as an empty one."""
        while True:
            result = self._chunk(after, CHUNK)
            try:
                # The driver's own tuples: SQLAlchemy's rows would cost the walk a quarter of its time.
                chunk = cast("list[Row]", result.cursor.fetchall())
            except sqlite3.OperationalError:  # a text column holds bytes that are no UTF-8; only SQLite allows it
                result.close()
                yield from self._rows_until_unreadable(after)
                return
            result.close()
            yield from chunk
            if len(chunk) < CHUNK:
                return
            after = chunk[-1][0]

    def verify(self, anchors: Iterable[Head] = ()) -> Verdict:
        """Walks the whole chain. Call it in a read transaction, which sees entries and head of one moment."""
        return verify(self._key, self.rows(), self.head(), anchors)

    def about(self, subject: str, limit: int) -> list[AuditEntry]:
        """Returns the entries about a record (`kind:number`), newest first. Raises as `of_operation` does."""
        where = audit_entries.c.subject == self._pseudonyms.of(subject)
        return self._sound(self._select(where, limit=limit, newest=True))

    def of_operation(
        self, operation: int, limit: int, tags: Collection[Tag] = (), *, newest: bool = False
    ) -> list[AuditEntry]:
        """Returns entries about an operation, with these tags or with any: the oldest first, or the newest.

        Raises AuditBroken when an entry was changed, so that nobody is shown a forged history.
        """
        where = audit_entries.c.operation == operation
        if tags:
            where &= audit_entries.c.tag.in_(sorted(tags))
        return self._sound(self._select(where, limit=limit, newest=newest))

    def _lock(self) -> Head:
        """Returns the head, locked against every other writer until this transaction ends.

        SQLite needs no lock of its own: its transactions begin IMMEDIATE, so there is one writer.
        """
        head = self._read_head(lock=True)
        # The very first entry: of two processes that both insert the row, one waits and then finds it.
        if head is None:
            self._connection.execute(_FIRST_HEAD, {"id": _HEAD_ID, "seq": 0, "hash": Head().hash})
            head = self._read_head(lock=True) or Head()
        self._check_last(head)
        return head

    def _read_head(self, *, lock: bool) -> Head | None:
        statement = select(audit_head.c.seq, audit_head.c.hash).where(audit_head.c.id == _HEAD_ID)
        row = self._connection.execute(statement.with_for_update() if lock else statement).one_or_none()
        return None if row is None else Head(row.seq, row.hash)

    def _check_last(self, head: Head) -> None:
        """Raises AuditBroken when the last entry was changed: linking to it would confirm the change."""
        found = self._connection.execute(_LAST).one_or_none()
        row = cast("Row | None", None if found is None else tuple(found))
        last = Head() if row is None else Head(row[0], row[-1])
        if last != head:
            raise AuditBroken(f"the log's head says {head.short}, its last entry {last.short}; run: audit verify")
        if row is not None and not is_sound(self._key, row):
            raise AuditBroken(f"the log's last entry {last.short} was changed; run: audit verify")

    def _sound(self, entries: list[AuditEntry]) -> list[AuditEntry]:
        for entry in entries:
            if not is_sound(self._key, entry.row):
                raise AuditBroken(f"the log's entry {entry.seq} was changed; run: audit verify")
        return entries

    def _select(self, where: ColumnElement[bool], *, limit: int, newest: bool = False) -> list[AuditEntry]:
        order = audit_entries.c.seq.desc() if newest else audit_entries.c.seq
        found = self._connection.execute(select(audit_entries).where(where).order_by(order).limit(limit))
        return [AuditEntry(*row) for row in found]

    def _chunk(self, after: int | None, limit: int) -> CursorResult[Any]:
        if after is None:
            return self._connection.execute(_FIRST_CHUNK, {"limit": limit})
        return self._connection.execute(_CHUNK_AFTER, {"after": after, "limit": limit})

    def _rows_until_unreadable(self, after: int | None) -> Iterator[Row]:
        """Yields rows one by one up to the unreadable one, in whose place comes a row that cannot be sound.

        Bytes that are not text make the driver fail for a whole chunk; this way `verify` can name the entry.
        """
        while True:
            result = self._chunk(after, 1)
            try:
                row = cast("Row | None", result.cursor.fetchone())
            except sqlite3.OperationalError:
                yield ((after or 0) + 1, 0, "", "", "", None, "", "", "")
                return
            finally:
                result.close()
            if row is None:
                return
            yield row
            after = row[0]
