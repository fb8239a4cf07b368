"""Reads the full record set of a target as canonical JSON, which backups hold and undos are checked against.

Keys are sorted; rows are ordered by number, or by their whole content if they have none; times are ISO 8601 in
UTC; amounts are decimal text. Internal row ids are left out, so that a record restored under its number equals the
old one.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, Connection, Table, select

from core.crm.embedded.indexing import chunks
from core.crm.embedded.records import numbers_by_kind, table_of
from core.crm.embedded.tables import communications, contacts, customers, deals, invoices, memberships, segments
from core.domain.records import Kind, RecordRef
from core.domain.snapshots import Snapshot

Row = dict[str, Any]
PARTS: dict[str, Table] = {
    "contacts": contacts,
    "deals": deals,
    "invoices": invoices,
    "communications": communications,
}
"""The tables whose rows belong to one customer."""


def data_columns(table: Table) -> list[Column[Any]]:
    """Returns the columns that a record set keeps: all but the ids that only this database knows."""
    return [column for column in table.c if column.name not in {"id", "customer_id"}]


def take_snapshots(connection: Connection, refs: Sequence[RecordRef]) -> list[Snapshot]:
    """Returns snapshots in the order asked for, without records that do not exist.

    The number of statements per chunk is fixed, however many records there are.
    """
    found: dict[RecordRef, Snapshot] = {}
    for kind, numbers in numbers_by_kind(refs).items():
        for chunk in chunks(numbers):
            for snapshot in _chunk(connection, kind, chunk):
                found[snapshot.ref] = snapshot
    return [found[ref] for ref in dict.fromkeys(refs) if ref in found]


def _chunk(connection: Connection, kind: Kind, numbers: list[str]) -> list[Snapshot]:
    table = table_of(kind)
    columns = data_columns(table)
    # A communication also needs the row id of its customer, in whose place the record set has the number.
    extra = [table.c.customer_id] if kind is Kind.COMMUNICATION else []
    rows = connection.execute(select(table.c.id, *columns, *extra).where(table.c.number.in_(numbers))).all()
    names = [column.name for column in columns]
    heads = {row[0]: dict(zip(names, row[1 : 1 + len(names)], strict=True)) for row in rows}
    match kind:
        case Kind.CUSTOMER:
            sets = _customer_sets(connection, heads)
        case Kind.SEGMENT:
            sets = _segment_sets(connection, heads)
        case Kind.COMMUNICATION:
            sets = _communication_sets(connection, heads, {row[0]: row[-1] for row in rows})
    return [
        Snapshot(RecordRef(kind, heads[key]["number"]), heads[key]["version"], canonical(parts))
        for key, parts in sets.items()
    ]


def _customer_sets(connection: Connection, heads: dict[int, Row]) -> dict[int, Row]:
    sets: dict[int, Row] = {key: {"customer": head} for key, head in heads.items()}
    for part, table in PARTS.items():
        rows = _rows_of(connection, table, list(heads))
        for key, whole in sets.items():
            whole[part] = rows.get(key, [])
    groups: dict[int, list[str]] = defaultdict(list)
    m, s = memberships.c, segments.c
    for key, number in connection.execute(
        select(m.customer_id, s.number).join(segments, s.id == m.segment_id).where(m.customer_id.in_(list(heads)))
    ):
        groups[key].append(number)
    # Sorted here and not by SQL: the two databases sort text differently, and equal sets must give equal bytes.
    for key, whole in sets.items():
        whole["memberships"] = sorted(groups.get(key, []))
    return sets


def _rows_of(connection: Connection, table: Table, ids: list[int]) -> dict[int, list[Row]]:
    columns = data_columns(table)
    names = [column.name for column in columns]
    found: dict[int, list[Row]] = defaultdict(list)
    for key, *values in connection.execute(
        select(table.c.customer_id, *columns).where(table.c.customer_id.in_(ids))
    ):
        found[key].append(dict(zip(names, values, strict=True)))
    for rows in found.values():
        rows.sort(key=_place)
    return found


def _place(row: Row) -> str:
    return str(row["number"]) if "number" in row else _dump(row)


def _segment_sets(connection: Connection, heads: dict[int, Row]) -> dict[int, Row]:
    members: dict[int, list[str]] = defaultdict(list)
    m, c = memberships.c, customers.c
    for key, number in connection.execute(
        select(m.segment_id, c.number).join(customers, c.id == m.customer_id).where(m.segment_id.in_(list(heads)))
    ):
        members[key].append(number)
    return {key: {"segment": head, "members": sorted(members.get(key, []))} for key, head in heads.items()}


def _communication_sets(connection: Connection, heads: dict[int, Row], owners: dict[int, int]) -> dict[int, Row]:
    c = customers.c
    numbers = dict(connection.execute(select(c.id, c.number).where(c.id.in_(list(owners.values())))).all())
    return {key: {"communication": head, "customer_number": numbers[owners[key]]} for key, head in heads.items()}


def canonical(whole: Row) -> bytes:
    return _dump(whole).encode()


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"{type(value).__name__} has no place in a record set")
