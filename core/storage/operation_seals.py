"""Seals the rows of operations, of their targets and of their votes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Table, bindparam, func, select, tuple_, update

from core.domain.seals import Unsound
from core.storage.seals import RowSeals
from core.storage.tables import operations, targets, votes

SEALED: Mapping[Table, Sequence[str]] = {
    # Its lease and what is noted about failed tries decide nothing.
    operations: [
        "number",
        "action",
        "kind",
        "mode",
        "state",
        "requester",
        "round",
        "fingerprint",
        "target_count",
        "reason_code",
        "reason_words",
        "said",
        "approvers",
        "votes_needed",
        "created_at",
        "confirmed_at",
        "expires_at",
        "nudge_at",
        "pushed_at",
        "finished_at",
        "undone_at",
        "undone_by",
        "undo_of",
        "undo_until",
        "fence",
        "revision",
    ],
    # Its outcome comes later, and stands in the log.
    targets: ["operation", "kind", "number", "name", "version", "status", "owner", "facts"],
    votes: ["operation", "round", "person", "decision", "at", "fingerprint", "generation", "words"],
}
"""The columns under the seal of each table."""
_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class OperationSeals:
    connection: Connection
    seals: RowSeals
    unsound: list[Unsound]
    """Takes the rows whose seal does not hold."""

    def sealed(self, table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the row with its seal."""
        return {**row, "seal": self.seals.of(table.name, *(row[name] for name in SEALED[table]))}

    def sound(self, table: Table, rows: Iterable[Row[Any]]) -> list[Row[Any]]:
        """Returns the rows whose seal holds, and notes the others."""
        sound: list[Row[Any]] = []
        for row in rows:
            if self.seals.holds(row.seal, table.name, *(getattr(row, name) for name in SEALED[table])):
                sound.append(row)
            else:  # the first three columns name a row in each of the tables
                self.unsound.append(Unsound(table.name, " ".join(str(part) for part in row[:3])))
        return sound

    def seal_all(self) -> int:
        """Seals all operations with their targets and votes, and returns the number of operations."""
        for table in SEALED:
            key = [column.name for column in table.primary_key.columns]
            one = update(table).where(*(table.c[name] == bindparam(f"key_{name}") for name in key))
            for rows in self._pages(table, key):
                made = [
                    {
                        "made": self.sealed(table, dict(row._mapping))["seal"],  # SQLAlchemy's public name
                        **{f"key_{name}": getattr(row, name) for name in key},
                    }
                    for row in rows
                ]
                self.connection.execute(one.values(seal=bindparam("made")), made)
        return int(self.connection.execute(select(func.count()).select_from(operations)).scalar_one())

    def _pages(self, table: Table, key: Sequence[str]) -> Iterator[Sequence[Row[Any]]]:
        columns = tuple_(*(table.c[name] for name in key))
        query = select(table).order_by(*(table.c[name] for name in key)).limit(_CHUNK)
        rows = self.connection.execute(query).all()
        while rows:
            yield rows
            last = tuple(getattr(rows[-1], name) for name in key)
            rows = self.connection.execute(query.where(columns > last)).all()
