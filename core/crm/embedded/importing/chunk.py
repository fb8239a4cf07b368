"""One chunk of an import: its rows, its result, and the statements that all kinds of sheets share."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, RowMapping, Table, bindparam, insert, select, update

from core.crm.embedded.indexing import chunks
from core.domain.actions import LifeStatus
from core.domain.sheets.faults import Fault, RowFault
from core.domain.sheets.header import Header
from core.domain.sheets.rows import Row, given

R = TypeVar("R")
SLICE = 1000
"""The number of values in one IN list; SQLite limits the values of a statement."""


@dataclass(frozen=True, slots=True)
class Line(Generic[R]):
    line: int
    """The number of the row's line in the file."""
    row: R


@dataclass(slots=True)
class ChunkResult:
    """How many records the chunk created, changed and left as they were, and which rows it refused, by line."""

    created: int = 0
    changed: int = 0
    same: int = 0
    refused: list[tuple[int, RowFault]] = field(default_factory=list)
    keys: dict[Hashable, int] = field(default_factory=dict)
    """The keys of this chunk's rows and their lines; they count as seen once the transaction is committed."""

    @property
    def wrote(self) -> bool:
        return bool(self.created or self.changed)


@dataclass(slots=True)
class Chunk:
    """The context in which the rows of a chunk are written, and the result that is collected."""

    connection: Connection
    now: datetime
    header: Header
    seen: Mapping[Hashable, int]
    """The keys of rows in earlier chunks, and their lines."""
    result: ChunkResult = field(default_factory=ChunkResult)

    def refuse(self, line: int, fault: Fault, field_name: str = "", cell: str = "") -> None:
        column = self.header.title(field_name) if field_name else ""
        self.result.refused.append((line, RowFault(fault, column, cell)))

    def is_new(self, key: Hashable, line: int) -> bool:
        """Returns False and refuses the row when an earlier row of this file had the same key."""
        first = self.seen.get(key, self.result.keys.get(key))
        if first is not None:
            self.refuse(line, Fault.DUPLICATE, cell=str(first))
            return False
        self.result.keys[key] = line
        return True


def rows_where_in(
    connection: Connection, table: Table, column: str, values: Iterable[object], *, lock: bool = False
) -> list[RowMapping]:
    """Returns the rows that have one of the values in this column.

    `lock` keeps others from changing them until this transaction ends; on SQLite there is one writer anyway.
    """
    statement = select(table)
    if lock:  # all transactions lock in the order of ids, so that no two can deadlock
        statement = statement.order_by(table.c.id).with_for_update()
    found: list[RowMapping] = []
    for part in chunks(dict.fromkeys(values), SLICE):
        found += connection.execute(statement.where(table.c[column].in_(part))).mappings().all()
    return found


def by_number(connection: Connection, table: Table, numbers: Iterable[str]) -> dict[str, RowMapping]:
    return {row["number"]: row for row in rows_where_in(connection, table, "number", numbers, lock=True)}


def differences(stored: RowMapping, row: Row, extra: Mapping[str, object] | None = None) -> dict[str, Any]:
    """Returns the values in which the row differs from the stored record; an empty cell changes nothing."""
    said = {name: _stored_form(value) for name, value in given(row)} | dict(extra or {})
    return {name: value for name, value in said.items() if stored[name] != value}


def values_of(row: Row, defaults: Mapping[str, object]) -> dict[str, Any]:
    """Returns the values of a new record."""
    return dict(defaults) | {name: _stored_form(value) for name, value in given(row)}


def is_purged(stored: RowMapping) -> bool:
    return bool(stored["status"] == LifeStatus.PURGED)


def _stored_form(value: object) -> object:
    if isinstance(value, bool):
        return int(value)
    return value.value if isinstance(value, Enum) else value


def insert_all(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def update_all(
    connection: Connection,
    table: Table,
    columns: Iterable[str],
    changes: Sequence[tuple[RowMapping, dict[str, Any]]],
    *,
    versioned: bool,
) -> None:
    """Updates all rows by one statement, which sets every column of each, changed or as it was."""
    if not changes:
        return
    columns = tuple(columns)
    # The names of the parameters must differ from those of the columns, which SQLAlchemy reserves in an UPDATE.
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in columns}
    if versioned:
        values["version"] = table.c.version + 1
    statement = update(table).where(table.c.id == bindparam("the_id")).values(values)
    connection.execute(
        statement,
        [
            {"the_id": stored["id"]} | {f"new_{name}": change.get(name, stored[name]) for name in columns}
            for stored, change in changes
        ],
    )
