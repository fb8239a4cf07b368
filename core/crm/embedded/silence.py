"""Finds silent customers: those nobody has spoken to since some time.

The partial index `ix_customers_silent` holds owner and time of every active customer.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from core.crm.embedded.records import ACTIVE, last_contacts, read_records
from core.crm.embedded.tables import customers
from core.domain.people import PersonId
from core.domain.records import Kind, RecordRef, RecordState
from core.domain.reminders import SilentCustomer

_since = func.coalesce(customers.c.last_contact_at, customers.c.created_at)
"""The time since when a customer is silent. It must be written as in the index, or the index is not used."""


def silent_customers(
    connection: Connection, owner: PersonId, before: datetime, limit: int, quiet: frozenset[RecordRef]
) -> list[SilentCustomer]:
    """Returns silent customers of an owner, the longest silent first, without those in `quiet`."""
    # Any of the rows may be one of the quiet ones, so that many more are read.
    rows = connection.execute(_longest_first(owner).where(_since < before).limit(limit + len(quiet))).all()
    return _silent(connection, [row for row in rows if RecordRef(Kind.CUSTOMER, row.number) not in quiet][:limit])


def _longest_first(owner: PersonId) -> Select[Any]:
    c = customers.c
    return (
        select(c.id, c.number, c.name, c.short_name, c.level, c.last_contact_at, _since.label("since"))
        .where(c.status == ACTIVE, c.owner == owner)
        .order_by(_since, c.id)
    )


def _silent(connection: Connection, rows: Sequence[Row[Any]]) -> list[SilentCustomer]:
    media = last_contacts(connection, [row.id for row in rows])
    return [
        SilentCustomer(
            ref=RecordRef(Kind.CUSTOMER, row.number),
            label=row.short_name or row.name,
            silent_since=row.since,
            never=row.last_contact_at is None,
            last_medium=media[row.id][1] if row.id in media else None,
            level=row.level,
        )
        for row in rows
    ]


def silent_owners(connection: Connection, before: datetime) -> dict[PersonId, int]:
    """Returns how many silent customers each owner has."""
    c = customers.c
    counted = connection.execute(
        select(c.owner, func.count())
        .where(c.status == ACTIVE, _since < before, c.owner != "")
        .group_by(c.owner)
        .order_by(c.owner)
    )
    return {PersonId(owner): count for owner, count in counted}


def owned_customers(connection: Connection, owner: PersonId, limit: int) -> tuple[list[RecordState], int]:
    """Returns the active customers of an owner, the longest silent first, and how many there are in all."""
    c = customers.c
    mine = (c.status == ACTIVE, c.owner == owner)
    total = connection.execute(select(func.count()).where(*mine)).scalar_one()
    numbers = connection.execute(select(c.number).where(*mine).order_by(_since, c.id).limit(limit)).scalars().all()
    refs = [RecordRef(Kind.CUSTOMER, number) for number in numbers]
    read = {record.ref: record for record in read_records(connection, refs)}
    return [read[ref] for ref in refs if ref in read], total
