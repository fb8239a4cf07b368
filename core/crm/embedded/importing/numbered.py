"""Writes imported deals, invoices and communications. Each has a number of its own and belongs to a customer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, Table, bindparam, or_, update

from core.crm.embedded.importing.chunk import (
    Chunk,
    Line,
    by_number,
    differences,
    insert_all,
    is_purged,
    update_all,
    values_of,
)
from core.crm.embedded.importing.whose import Known, customers_of
from core.crm.embedded.indexing import touch_customers
from core.crm.embedded.tables import communications, customers, deals, invoices
from core.domain.actions import LifeStatus
from core.domain.records import DealStage, Medium
from core.domain.sheets.faults import Fault
from core.domain.sheets.money import HOME
from core.domain.sheets.rows import NEEDED_WHEN_NEW, CommunicationRow, DealRow, InvoiceRow, SheetKind

NumberedRow = DealRow | InvoiceRow | CommunicationRow


@dataclass(frozen=True, slots=True)
class Shape:
    """How one of the kinds is stored."""

    table: Table
    needed: tuple[str, ...]
    """The fields that a new record must have, besides its customer."""
    empty: Mapping[str, object]
    """The values of fields that a new record does without."""
    versioned: bool = False
    """True when records of the kind have a version and a life status of their own."""

    @property
    def columns(self) -> tuple[str, ...]:
        return ("customer_id", *self.needed, *self.empty)


def _needed(kind: SheetKind) -> tuple[str, ...]:
    return tuple(name for name in NEEDED_WHEN_NEW[kind] if name != "whose")


DEALS = Shape(
    deals,
    _needed(SheetKind.DEALS),
    {"name": "", "currency": HOME, "stage": DealStage.OPEN.value, "expected_at": None},
)
INVOICES = Shape(invoices, _needed(SheetKind.INVOICES), {"currency": HOME, "paid": 0, "issued_at": None})
COMMUNICATIONS = Shape(
    communications,
    _needed(SheetKind.COMMUNICATIONS),
    {"channel": Medium.OTHER.value, "author": "", "text": ""},
    versioned=True,
)


def write_numbered(chunk: Chunk, shape: Shape, lines: Sequence[Line[NumberedRow]]) -> None:
    known = customers_of(chunk.connection, (line.row.whose for line in lines))
    stored = by_number(chunk.connection, shape.table, (line.row.number for line in lines))
    new: list[dict[str, Any]] = []
    changes: list[tuple[RowMapping, dict[str, Any]]] = []
    for line in lines:
        before = stored.get(line.row.number)
        customer = _customer(chunk, known, line, new=before is None)
        if isinstance(customer, Fault) or not _may_be_written(chunk, shape, line, before):
            continue
        if before is None:
            new.append(values_of(line.row, shape.empty) | customer)
        elif change := differences(before, line.row, customer):
            changes.append((before, change))
        else:
            chunk.result.same += 1
    insert_all(chunk.connection, shape.table, new)
    update_all(chunk.connection, shape.table, shape.columns, changes, versioned=shape.versioned)
    chunk.result.created += len(new)
    chunk.result.changed += len(changes)
    if shape is COMMUNICATIONS:
        _move_contact_forward(chunk, new, changes)
    touch_customers(chunk.connection, _touched(new, changes))


def _customer(chunk: Chunk, known: Known, line: Line[NumberedRow], *, new: bool) -> dict[str, object] | Fault:
    """Returns the value of `customer_id`, nothing when the record keeps its customer, or a fault.

    A row with a fault has been refused.
    """
    if line.row.whose is None:
        if new:
            chunk.refuse(line.line, Fault.NEEDED_WHEN_NEW, "whose_number")
        return Fault.NEEDED_WHEN_NEW if new else {}
    found = known.whose(line.row.whose)
    if isinstance(found, Fault):
        chunk.refuse(line.line, found, cell=line.row.whose.shown)
        return found
    return {"customer_id": found["id"]}


def _may_be_written(chunk: Chunk, shape: Shape, line: Line[NumberedRow], before: RowMapping | None) -> bool:
    if before is None:
        for name in shape.needed:
            if getattr(line.row, name) is None:
                chunk.refuse(line.line, Fault.NEEDED_WHEN_NEW, name)
                return False
    elif shape.versioned and is_purged(before):
        chunk.refuse(line.line, Fault.PURGED, cell=line.row.number)
        return False
    return chunk.is_new(line.row.number, line.line)


def _touched(new: list[dict[str, Any]], changes: list[tuple[RowMapping, dict[str, Any]]]) -> list[int]:
    """Returns the customers that have changed; a record that moves changes the old customer and the new one."""
    ids = {row["customer_id"] for row in new}
    for before, change in changes:
        ids |= {before["customer_id"], change.get("customer_id", before["customer_id"])}
    return sorted(ids)


def _move_contact_forward(
    chunk: Chunk, new: list[dict[str, Any]], changes: list[tuple[RowMapping, dict[str, Any]]]
) -> None:
    """Moves the last contact of customers forward to their newest communication, never back.

    Communications that are not active do not count.
    """
    said = [(row["customer_id"], row["at"]) for row in new]
    said += [
        (change.get("customer_id", before["customer_id"]), change.get("at", before["at"]))
        for before, change in changes
        if before["status"] == LifeStatus.ACTIVE
    ]
    latest: dict[int, datetime] = {}
    for customer, at in said:
        latest[customer] = max(at, latest.get(customer, at))
    if not latest:
        return
    c = customers.c
    later = or_(
        c.last_contact_at.is_(None), c.last_contact_at < bindparam("said_at", type_=c.last_contact_at.type)
    )
    chunk.connection.execute(
        update(customers)
        .where(c.id == bindparam("the_id"), later)
        .values(last_contact_at=bindparam("said_at", type_=c.last_contact_at.type)),
        [{"the_id": customer, "said_at": at} for customer, at in sorted(latest.items())],
    )
