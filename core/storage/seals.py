"""Seals rows that can lead to an action, so that one written without our key is noticed (docs/security.md).

A seal is an HMAC over the table's name and every column that matters. It is made where a row is written and
checked where it is read: a row whose seal does not hold counts as not there.
"""

import hmac
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, bindparam, select, true, tuple_, update

from core.domain.seals import Unsound
from core.storage.tables import deliveries, grants, inbox, operations, people, targets, votes
from core.storage.types import micros_of

_OPERATION = (
    "number action kind mode state requester round fingerprint target_count reason_code reason_words said"
    " approvers votes_needed created_at confirmed_at expires_at nudge_at pushed_at finished_at undone_at undone_by"
    " undo_of undo_until fence revision"
)
SEALED: Mapping[Table, Sequence[str]] = {
    table: names.split()
    for table, names in (
        (inbox, "key signature channel conversation sender received_at body"),
        (deliveries, "channel person conversation kind body operation card task_id leaves_open created_at"),
        # Not the language: it grants nothing, and changes without the rest being read.
        (people, "id userid name roles leader active generation"),
        (grants, "role right"),
        # Not its lease, nor what is noted about failed tries: they decide nothing.
        (operations, _OPERATION),
        # Not its outcome, which comes later and stands in the log.
        (targets, "operation kind number name version status owner facts"),
        (votes, "operation round person decision at fingerprint generation words"),
    )
}
"""The columns under the seal of each table."""
_CHUNK = 1000


def seal_of(key: bytes, table: str, values: Sequence[Any]) -> str:
    """Returns the seal of a row, 64 hex digits."""
    # JSON keeps the values apart and their types distinct, so no two rows give the same text.
    written = json.dumps([table, *values], ensure_ascii=False, separators=(",", ":"), default=micros_of)
    return hmac.digest(key, written.encode("utf-8", "surrogatepass"), sha256).hex()


@dataclass(frozen=True, slots=True, repr=False)
class RowSeals:
    """Makes and checks the seals of one transaction, with a key derived from SEAL_KEY."""

    key: bytes
    connection: Connection
    unsound: list[Unsound] = field(default_factory=list)
    """The rows met so far whose seal does not hold."""

    def seal(self, table: Table, row: Mapping[str, Any]) -> str:
        return seal_of(self.key, table.name, [row[name] for name in SEALED[table]])

    def sealed(self, table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
        return {**row, "seal": self.seal(table, row)}

    def sound_each(self, *listed: tuple[Table, Iterable[Row[Any]]]) -> list[list[Row[Any]]]:
        """Returns what `sound` returns for each table and its rows."""
        return [self.sound(table, rows) for table, rows in listed]

    def sound(self, table: Table, rows: Iterable[Row[Any]]) -> list[Row[Any]]:
        """Returns the rows whose seal holds, and notes the others."""
        sound: list[Row[Any]] = []
        for row in rows:
            values: Mapping[str, Any] = row._mapping  # type: ignore[assignment]  # public in SQLAlchemy
            if hmac.compare_digest(row.seal.encode(), self.seal(table, values).encode()):
                sound.append(row)
            else:
                key = (values[column.name] for column in table.primary_key.columns)
                self.unsound.append(Unsound(table.name, " ".join(map(str, key))))
        return sound

    def seal_all(self, table: Table, where: ColumnElement[bool] | None = None) -> int:
        """Seals the rows there are, for the one start after the upgrade that brought it. Returns their number."""
        key = [column.name for column in table.primary_key.columns]
        one = update(table).where(*(table.c[name] == bindparam(f"key_{name}") for name in key))
        count = 0
        for rows in self._pages(table, key, true() if where is None else where):
            made = [{"made": self.seal(table, row), **{f"key_{name}": row[name] for name in key}} for row in rows]
            self.connection.execute(one.values(seal=bindparam("made")), made)
            count += len(made)
        return count

    def _pages(
        self, table: Table, key: Sequence[str], where: ColumnElement[bool]
    ) -> Iterator[Sequence[Mapping[str, Any]]]:
        columns = tuple_(*(table.c[name] for name in key))
        query = select(table).where(where).order_by(*(table.c[name] for name in key)).limit(_CHUNK)
        rows = self.connection.execute(query).mappings().all()
        while rows:
            yield rows  # type: ignore[misc]  # SQLAlchemy's mappings are keyed by more than names
            last = tuple(rows[-1][name] for name in key)
            rows = self.connection.execute(query.where(columns > last)).mappings().all()
