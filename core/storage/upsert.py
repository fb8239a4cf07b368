"""Writes INSERT … ON CONFLICT for both databases; SQLAlchemy has it only in the dialect of each."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert


def _insert(connection: Connection, table: Table) -> "sqlite_insert | postgresql_insert":  # type: ignore[valid-type]
    make = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
    return make(table)


def upsert(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, object]], *, key: Sequence[str]
) -> None:
    """Inserts rows; a row whose key is there already has its other columns replaced."""
    statement = _insert(connection, table)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in key}  # type: ignore[attr-defined]
    connection.execute(
        statement.on_conflict_do_update(index_elements=list(key), set_=changed),  # type: ignore[attr-defined]
        [dict(row) for row in rows],
    )


def insert_new(connection: Connection, table: Table, row: Mapping[str, object]) -> bool:
    """Inserts a row unless one of its unique keys is there already. Returns True when it was inserted."""
    # RETURNING tells, not the row count: drivers count the rows of an INSERT differently.
    first, *_ = table.primary_key.columns
    statement = _insert(connection, table).on_conflict_do_nothing().returning(first)  # type: ignore[attr-defined]
    return connection.execute(statement, dict(row)).first() is not None


def upsert_if(connection: Connection, table: Table, row: Mapping[str, object], only: ColumnElement[bool]) -> bool:
    """Inserts a row, or replaces the one with its primary key if the condition `only` holds for the stored row.

    It is one statement, so of two processes only one can win. Returns True when the row was written.
    """
    statement = _insert(connection, table)
    key = [column.name for column in table.primary_key.columns]
    changed = {name: statement.excluded[name] for name in row if name not in key}  # type: ignore[attr-defined]
    statement = statement.on_conflict_do_update(index_elements=key, set_=changed, where=only)  # type: ignore[attr-defined]
    return connection.execute(statement.returning(*table.primary_key.columns), dict(row)).first() is not None


def insert_missing(connection: Connection, table: Table, rows: Select[Any]) -> None:
    """Inserts the rows of a query, in its order, and leaves out those whose key is there already."""
    statement = _insert(connection, table).from_select([column.name for column in table.columns], rows)  # type: ignore[attr-defined]
    connection.execute(statement.on_conflict_do_nothing())
