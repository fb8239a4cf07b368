"""Restores a record set from a backup: only the status if the record still exists, all of it if it is gone."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Numeric, Table, insert, select, update

from core.crm.embedded.indexing import index_customers, touch_customers
from core.crm.embedded.records import table_of
from core.crm.embedded.snapshots import PARTS, Row, data_columns, take_snapshots
from core.crm.embedded.tables import communications, customers, memberships, segments
from core.domain.operation.targets import Outcome
from core.domain.records import Kind
from core.domain.snapshots import Snapshot, differences
from core.storage.types import Instant

_HEAD = {Kind.CUSTOMER: "customer", Kind.SEGMENT: "segment", Kind.COMMUNICATION: "communication"}
_LIFE = ("status", "status_before", "status_by", "status_by_before", "status_at", "undone_by")


def restore(connection: Connection, snapshot: Snapshot, operation: int) -> Outcome:
    """Restores one record set; `operation` is the one its backup was made for.

    Returns DONE; ALREADY when everything is as in the snapshot; CONFLICT, with nothing written, when the record
    was changed by something else since, or when a number it needs belongs to another record now.
    """
    whole = json.loads(snapshot.body)
    there = take_snapshots(connection, [snapshot.ref])
    if not there:
        return _put_back(connection, snapshot, whole)
    if not differences(snapshot.body, there[0].body):
        return Outcome.ALREADY
    return _put_status_back(connection, snapshot, whole[_HEAD[snapshot.ref.kind]], operation)


def _put_status_back(connection: Connection, snapshot: Snapshot, head: Row, operation: int) -> Outcome:
    table = table_of(snapshot.ref.kind)
    # Compare-and-set: the status goes back only while it is still this operation's doing.
    life = {name: _value(table, name, head[name]) for name in _LIFE}
    changed = connection.execute(
        update(table)
        .where(table.c.number == snapshot.ref.number, table.c.status_by == operation)
        .values(**life, version=table.c.version + 1)
        .returning(table.c.id)
    ).scalar()
    if changed is None:
        return Outcome.CONFLICT
    if snapshot.ref.kind is Kind.COMMUNICATION:
        _touch_customer_of(connection, changed)
    return Outcome.DONE


def _touch_customer_of(connection: Connection, communication: int) -> None:
    c = communications.c
    touch_customers(
        connection, [connection.execute(select(c.customer_id).where(c.id == communication)).scalar_one()]
    )


def _put_back(connection: Connection, snapshot: Snapshot, whole: Row) -> Outcome:
    match snapshot.ref.kind:
        case Kind.CUSTOMER:
            return _put_customer_back(connection, whole)
        case Kind.SEGMENT:
            return _put_segment_back(connection, whole)
        case Kind.COMMUNICATION:
            return _put_communication_back(connection, whole)


def _put_customer_back(connection: Connection, whole: Row) -> Outcome:
    """Inserts a customer with its parts. Segments that are gone stay gone; the check of the undo names them."""
    # First look, then write: with a number that is in use elsewhere nothing of the set may be restored.
    for part, table in PARTS.items():
        numbers = [row["number"] for row in whole[part] if "number" in row]
        if numbers and connection.execute(select(table.c.id).where(table.c.number.in_(numbers)).limit(1)).first():
            return Outcome.CONFLICT
    key = _insert(connection, customers, _newer(whole["customer"]))
    for part, table in PARTS.items():
        rows = [{**_values(table, row), "customer_id": key} for row in whole[part]]
        if rows:
            connection.execute(insert(table), rows)
    _join(connection, [(group, key) for group in _ids(connection, segments, whole["memberships"])])
    index_customers(connection, [key])
    return Outcome.DONE


def _put_segment_back(connection: Connection, whole: Row) -> Outcome:
    key = _insert(connection, segments, _newer(whole["segment"]))
    members = _ids(connection, customers, whole["members"])
    _join(connection, [(key, member) for member in members])
    touch_customers(connection, members)
    return Outcome.DONE


def _put_communication_back(connection: Connection, whole: Row) -> Outcome:
    owner = _ids(connection, customers, [whole["customer_number"]])
    if not owner:
        return Outcome.CONFLICT
    row = _values(communications, _newer(whole["communication"]))
    connection.execute(insert(communications).values(**row, customer_id=owner[0]))
    touch_customers(connection, owner)
    return Outcome.DONE


def _newer(head: Row) -> Row:
    """Raises the version, because a record that was gone and is back is not the version people voted on."""
    return {**head, "version": head["version"] + 1}


def _insert(connection: Connection, table: Table, row: Row) -> int:
    key: int = connection.execute(insert(table).values(**_values(table, row)).returning(table.c.id)).scalar_one()
    return key


def _ids(connection: Connection, table: Table, numbers: list[str]) -> list[int]:
    if not numbers:
        return []
    return list(connection.execute(select(table.c.id).where(table.c.number.in_(numbers))).scalars())


def _join(connection: Connection, pairs: list[tuple[int, int]]) -> None:
    if pairs:
        rows = [{"segment_id": group, "customer_id": member} for group, member in pairs]
        connection.execute(insert(memberships), rows)


def _values(table: Table, row: Row) -> Row:
    known = {column.name for column in data_columns(table)}
    return {name: _value(table, name, value) for name, value in row.items() if name in known}


def _value(table: Table, name: str, value: Any) -> Any:
    """Converts a value from its text in the record set to the type of its column."""
    if value is None:
        return None
    kind = table.c[name].type
    if isinstance(kind, Instant):
        return datetime.fromisoformat(value)
    return Decimal(value) if isinstance(kind, Numeric) else value
