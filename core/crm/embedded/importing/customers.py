"""Writes imported customers. One is found by number, or by a name that only one has; a new one needs both."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, func, select

from core.crm.embedded.importing.chunk import (
    Chunk,
    Line,
    differences,
    insert_all,
    is_purged,
    rows_where_in,
    update_all,
    values_of,
)
from core.crm.embedded.importing.whose import Known, known_customers
from core.crm.embedded.indexing import chunks, index_customers
from core.crm.embedded.tables import communications, customers
from core.domain.actions import LifeStatus
from core.domain.sheets.faults import Fault
from core.domain.sheets.rows import CustomerRow

_COLUMNS = (
    "name", "short_name", "phone", "email", "owner", "level", "source", "tags",
    "created_at", "last_contact_at", "last_order_at",
)  # fmt: skip
"""The columns that an import may write. The status is not among them: only an approved operation changes it."""
_EMPTY: dict[str, object] = dict.fromkeys(("short_name", "phone", "email", "owner", "level", "source"), "") | {
    "tags": "[]",
    "last_contact_at": None,
    "last_order_at": None,
}


def write_customers(chunk: Chunk, lines: Sequence[Line[CustomerRow]]) -> None:
    known = known_customers(
        chunk.connection,
        (line.row.number for line in lines if line.row.number),
        (line.row.name for line in lines if not line.row.number and line.row.name),
    )
    new: list[dict[str, Any]] = []
    found: list[tuple[RowMapping, dict[str, Any]]] = []
    for line in lines:
        stored = _stored(chunk, known, line)
        if isinstance(stored, Fault):
            continue
        number = stored["number"] if stored else line.row.number
        if not chunk.is_new(number, line.line):
            continue
        tags = {"tags": json.dumps(line.row.tags, ensure_ascii=False)} if line.row.tags is not None else {}
        if stored is None:
            new.append(values_of(line.row, _EMPTY | {"created_at": chunk.now}) | tags)
        else:
            found.append((stored, differences(stored, line.row, tags)))
    _write(chunk, new, found)


def _stored(chunk: Chunk, known: Known, line: Line[CustomerRow]) -> RowMapping | Fault | None:
    """Returns the customer that the row is about, None for a new one, or the fault for which it was refused."""
    row = line.row
    stored: RowMapping | Fault | None = (
        known.numbers.get(row.number) if row.number else known.named(row.name or "")
    )
    if isinstance(stored, Fault):
        chunk.refuse(line.line, stored, "name", row.name or "")
        return stored
    if stored is None and not row.name:
        chunk.refuse(line.line, Fault.NEEDED_WHEN_NEW, "name")
        return Fault.NEEDED_WHEN_NEW
    if stored is not None and is_purged(stored):
        chunk.refuse(line.line, Fault.PURGED, "number", stored["number"])
        return Fault.PURGED
    return stored


def _write(chunk: Chunk, new: list[dict[str, Any]], found: list[tuple[RowMapping, dict[str, Any]]]) -> None:
    _keep_contact_forward(chunk, found)
    changes = [(stored, change) for stored, change in found if change]
    insert_all(chunk.connection, customers, new)
    update_all(chunk.connection, customers, _COLUMNS, changes, versioned=True)
    ids = [stored["id"] for stored, _ in changes]
    # An insert of many rows returns no ids, so they are read again by number.
    if new:
        created = rows_where_in(chunk.connection, customers, "number", (row["number"] for row in new))
        ids += [row["id"] for row in created]
    index_customers(chunk.connection, ids)
    chunk.result.created += len(new)
    chunk.result.changed += len(changes)
    chunk.result.same += len(found) - len(changes)


def _keep_contact_forward(chunk: Chunk, found: list[tuple[RowMapping, dict[str, Any]]]) -> None:
    """Lets a sheet correct the last contact, but not to a time before a communication on record."""
    back = [(stored, change) for stored, change in found if _goes_back(stored, change)]
    latest = latest_contacts(chunk, [stored["id"] for stored, _ in back])
    for stored, change in back:
        moment = latest.get(stored["id"])
        if moment and moment > change["last_contact_at"]:
            change["last_contact_at"] = moment
            # What is then as it was is no change: it must not raise the version of the customer.
            if moment == stored["last_contact_at"]:
                del change["last_contact_at"]


def _goes_back(stored: RowMapping, change: dict[str, Any]) -> bool:
    moment, before = change.get("last_contact_at"), stored["last_contact_at"]
    return bool(moment and before and moment < before)


def latest_contacts(chunk: Chunk, ids: Sequence[int]) -> dict[int, datetime]:
    """Returns the time of each customer's newest active communication, by row id."""
    c = communications.c
    latest: dict[int, datetime] = {}
    for part in chunks(ids, 1000):
        rows = chunk.connection.execute(
            select(c.customer_id, func.max(c.at, type_=c.at.type))
            .where(c.customer_id.in_(part), c.status == LifeStatus.ACTIVE)
            .group_by(c.customer_id)
        )
        latest.update((customer, at) for customer, at in rows)
    return latest
