"""Writes imported contacts. They have no number: customer, name and phone together identify one."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import RowMapping

from core.crm.embedded.importing.chunk import (
    Chunk,
    Line,
    differences,
    insert_all,
    rows_where_in,
    update_all,
    values_of,
)
from core.crm.embedded.importing.whose import customers_of
from core.crm.embedded.indexing import index_customers, touch_customers
from core.crm.embedded.tables import contacts
from core.domain.sheets.faults import Fault
from core.domain.sheets.rows import ContactRow

_COLUMNS = ("title", "email")
_EMPTY: dict[str, object] = {"title": "", "phone": "", "email": ""}


def write_contacts(chunk: Chunk, lines: Sequence[Line[ContactRow]]) -> None:
    known = customers_of(chunk.connection, (line.row.whose for line in lines))
    owners = {line.line: known.whose(line.row.whose) for line in lines}
    ids = {owner["id"] for owner in owners.values() if not isinstance(owner, Fault)}
    stored = {_key(row): row for row in rows_where_in(chunk.connection, contacts, "customer_id", sorted(ids))}
    new: list[dict[str, Any]] = []
    changes: list[tuple[RowMapping, dict[str, Any]]] = []
    for line in lines:
        owner = owners[line.line]
        if isinstance(owner, Fault):
            chunk.refuse(line.line, owner, cell=line.row.whose.shown)
            continue
        key = (owner["id"], line.row.name, line.row.phone or "")
        if not chunk.is_new(key, line.line):
            continue
        before = stored.get(key)
        if before is None:
            new.append(values_of(line.row, _EMPTY | {"customer_id": owner["id"]}))
        elif change := differences(before, line.row):
            changes.append((before, change))
        else:
            chunk.result.same += 1
    insert_all(chunk.connection, contacts, new)
    update_all(chunk.connection, contacts, _COLUMNS, changes, versioned=False)
    chunk.result.created += len(new)
    chunk.result.changed += len(changes)
    # A contact belongs to its customer, so it raises the customer's version and is a way to find the customer.
    touched = sorted({row["customer_id"] for row in new} | {before["customer_id"] for before, _ in changes})
    touch_customers(chunk.connection, touched)
    index_customers(chunk.connection, touched)


def _key(row: RowMapping) -> tuple[int, str, str]:
    return row["customer_id"], row["name"], row["phone"]
