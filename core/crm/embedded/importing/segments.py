"""Writes imported segments and their members. An import adds members and never removes any."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from core.crm.embedded.importing.chunk import (
    SLICE,
    Chunk,
    Line,
    by_number,
    differences,
    insert_all,
    is_purged,
    update_all,
    values_of,
)
from core.crm.embedded.importing.whose import Known, known_customers
from core.crm.embedded.indexing import chunks, touch_customers
from core.crm.embedded.tables import memberships, segments
from core.domain.sheets.faults import Fault
from core.domain.sheets.rows import SegmentRow

_COLUMNS = ("name", "description", "condition", "owner")
_EMPTY: dict[str, object] = {"description": "", "condition": "", "owner": ""}


def write_segments(chunk: Chunk, lines: Sequence[Line[SegmentRow]]) -> None:
    known = known_customers(chunk.connection, (number for line in lines for number in line.row.members or ()), ())
    stored = by_number(chunk.connection, segments, (line.row.number for line in lines))
    good = [line for line in lines if _may_be_written(chunk, known, line, stored.get(line.row.number))]
    new = [values_of(line.row, _EMPTY) for line in good if line.row.number not in stored]
    insert_all(chunk.connection, segments, new)
    # The new segments are read back for their row ids, which the memberships need.
    stored |= by_number(chunk.connection, segments, (row["number"] for row in new))
    joined = {
        line.row.number: _join(chunk.connection, stored[line.row.number]["id"], _member_ids(known, line.row))
        for line in good
    }
    created = {row["number"] for row in new}
    changes: list[tuple[RowMapping, dict[str, Any]]] = []
    for line in good:
        if line.row.number in created:
            continue
        before = stored[line.row.number]
        change = differences(before, line.row)
        if change or joined[line.row.number]:
            changes.append((before, change))
    update_all(chunk.connection, segments, _COLUMNS, changes, versioned=True)
    touch_customers(chunk.connection, sorted({key for keys in joined.values() for key in keys}))
    chunk.result.created += len(new)
    chunk.result.changed += len(changes)
    chunk.result.same += len(good) - len(new) - len(changes)


def _may_be_written(chunk: Chunk, known: Known, line: Line[SegmentRow], before: RowMapping | None) -> bool:
    row = line.row
    if before is None and row.name is None:
        chunk.refuse(line.line, Fault.NEEDED_WHEN_NEW, "name")
        return False
    if before is not None and is_purged(before):
        chunk.refuse(line.line, Fault.PURGED, cell=row.number)
        return False
    for number in row.members or ():
        customer = known.numbers.get(number)
        if customer is None or is_purged(customer):
            chunk.refuse(line.line, Fault.UNKNOWN_CUSTOMER if customer is None else Fault.PURGED, cell=number)
            return False
    return chunk.is_new(row.number, line.line)


def _member_ids(known: Known, row: SegmentRow) -> list[int]:
    return sorted({known.numbers[number]["id"] for number in row.members or ()})


def _join(connection: Connection, segment: int, wanted: list[int]) -> list[int]:
    """Adds the customers to the segment and returns those that were not in it before."""
    m = memberships.c
    inside: set[int] = set()
    for part in chunks(wanted, SLICE):
        inside |= set(
            connection.execute(
                select(m.customer_id).where(m.segment_id == segment, m.customer_id.in_(part))
            ).scalars()
        )
    joined = [customer for customer in wanted if customer not in inside]
    insert_all(connection, memberships, [{"segment_id": segment, "customer_id": key} for key in joined])
    return joined
