"""Reads rows of the store and returns them as domain records."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, bindparam, func, literal_column, select

from core.crm.embedded.indexing import chunks
from core.crm.embedded.tables import communications, customers, memberships, segments
from core.domain.actions import LifeStatus
from core.domain.people import PersonId
from core.domain.records import Kind, Medium, RecordRef, RecordState

ACTIVE: ColumnElement[str] = literal_column(f"'{LifeStatus.ACTIVE}'")
"""A literal instead of a bound value: SQLite uses a partial index only when it can see the value in the query."""


def table_of(kind: Kind) -> Table:
    return {Kind.CUSTOMER: customers, Kind.COMMUNICATION: communications, Kind.SEGMENT: segments}[kind]


def numbers_by_kind(refs: Iterable[RecordRef]) -> dict[Kind, list[str]]:
    found: dict[Kind, list[str]] = defaultdict(list)
    for ref in dict.fromkeys(refs):
        found[ref.kind].append(ref.number)
    return found


def read_records(connection: Connection, refs: Sequence[RecordRef]) -> list[RecordState]:
    """Returns the records in the order asked for; those that do not exist are left out."""
    found: dict[RecordRef, RecordState] = {}
    for kind, numbers in numbers_by_kind(refs).items():
        for chunk in chunks(numbers):
            rows = connection.execute(_by_number(kind), {"numbers": chunk}).all()
            for state in states(connection, kind, rows):
                found[state.ref] = state
    # The database returns rows in any order.
    return [found[ref] for ref in dict.fromkeys(refs) if ref in found]


def records_by_id(connection: Connection, kind: Kind, ids: Sequence[int]) -> dict[int, RecordState]:
    rows = connection.execute(_by_id(kind), {"ids": ids}).all()
    return {row.id: state for row, state in zip(rows, states(connection, kind, rows), strict=True)}


# Statements are built once and then only given values: building one costs twice what running it does
# (docs/benchmarks.md).
@cache
def _by_number(kind: Kind) -> Select[Any]:
    return _query(kind).where(table_of(kind).c.number.in_(bindparam("numbers", expanding=True)))


@cache
def _by_id(kind: Kind) -> Select[Any]:
    return _query(kind).where(table_of(kind).c.id.in_(bindparam("ids", expanding=True)))


def _query(kind: Kind) -> Select[Any]:
    t = table_of(kind)
    life = (t.c.id, t.c.number, t.c.status, t.c.status_before, t.c.status_by, t.c.version)
    match kind:
        case Kind.CUSTOMER:
            return select(
                *life,
                t.c.name,
                t.c.short_name,
                t.c.owner,
                t.c.phone,
                t.c.level,
                t.c.created_at,
                t.c.last_contact_at,
            )
        case Kind.SEGMENT:
            return select(*life, t.c.name, t.c.owner)
        case Kind.COMMUNICATION:
            c = customers.c
            return select(*life, c.name, c.short_name, c.owner, c.level, t.c.at, t.c.channel).join(
                customers, c.id == t.c.customer_id
            )


def states(connection: Connection, kind: Kind, rows: Sequence[Row[Any]]) -> list[RecordState]:
    """Converts rows to records; what lies in other tables is read with one more statement for all of them."""
    match kind:
        case Kind.CUSTOMER:
            media = _last_media(connection, [row.id for row in rows])
            return [_customer(row, media.get(row.id)) for row in rows]
        case Kind.SEGMENT:
            counts = _member_counts(connection, [row.id for row in rows])
            return [RecordState(**_common(kind, row), member_count=counts.get(row.id, 0)) for row in rows]
        case Kind.COMMUNICATION:
            return [_communication(row) for row in rows]


def _common(kind: Kind, row: Row[Any]) -> dict[str, Any]:
    return {
        "ref": RecordRef(kind, row.number),
        "name": row.name,
        "owner": PersonId(row.owner) if row.owner else None,
        "status": LifeStatus(row.status),
        "version": row.version,
        "status_before": LifeStatus(row.status_before) if row.status_before else None,
        "changed_by": row.status_by,
    }


def _customer(row: Row[Any], medium: Medium | None) -> RecordState:
    return RecordState(
        **_common(Kind.CUSTOMER, row),
        short_name=row.short_name,
        phone=row.phone,
        level=row.level,
        created_at=row.created_at,
        last_contact_at=row.last_contact_at,
        last_medium=medium,
    )


def _communication(row: Row[Any]) -> RecordState:
    """Returns a communication under its customer's name; its time and medium tell it from the others."""
    return RecordState(
        **_common(Kind.COMMUNICATION, row),
        short_name=row.short_name,
        level=row.level,
        last_contact_at=row.at,
        last_medium=medium_of(row.channel),
    )


def medium_of(value: str) -> Medium:
    # The column is free text, so a value we do not know is not an error.
    return Medium(value) if value in set(Medium) else Medium.OTHER


def _last_media(connection: Connection, ids: list[int]) -> dict[int, Medium]:
    return {key: medium for key, (_, medium) in last_contacts(connection, ids).items()}


def last_contacts(connection: Connection, ids: list[int]) -> dict[int, tuple[datetime, Medium]]:
    """Returns time and medium of the newest active communication of each customer, by row id."""
    rows = connection.execute(_newest(), {"ids": ids})
    return {row.customer_id: (row.at, medium_of(row.channel)) for row in rows}


@cache
def _newest() -> Select[Any]:
    c = communications.c
    # Two may have the same time; the row id then decides, so that the answer is always the same.
    newest = func.row_number().over(partition_by=c.customer_id, order_by=(c.at.desc(), c.id.desc()))
    ranked = (
        select(c.customer_id, c.at, c.channel, newest.label("place"))
        .where(c.customer_id.in_(bindparam("ids", expanding=True)), c.status == ACTIVE)
        .subquery()
    )
    return select(ranked).where(ranked.c.place == 1)


def _member_counts(connection: Connection, ids: list[int]) -> dict[int, int]:
    m = memberships.c
    rows = connection.execute(
        select(m.segment_id, func.count()).where(m.segment_id.in_(ids)).group_by(m.segment_id)
    )
    return dict(rows.all())
