"""Changes the life status of sets of records by compare-and-set on version and status."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, case, func, literal, null, select, update

from core.crm.embedded.indexing import chunks, touch_customers
from core.crm.embedded.records import table_of
from core.crm.embedded.tables import communications
from core.domain.actions import Action, LifeStatus, allowed_from
from core.domain.operation.targets import Outcome, Target
from core.domain.records import Kind, RecordRef
from core.ports.crm import Chunk

_WISHED = {
    Action.VOID: LifeStatus.VOIDED,
    Action.ARCHIVE: LifeStatus.ARCHIVED,
    Action.DELETE: LifeStatus.DELETED,
    Action.RESTORE: LifeStatus.ACTIVE,
}
SUPPORTED = frozenset(_WISHED)


def apply(connection: Connection, work: Chunk) -> dict[RecordRef, Outcome]:
    """Returns one outcome per target. A record with another version or a wrong status is not changed."""
    if work.action not in SUPPORTED:
        return {target.ref: Outcome.UNSUPPORTED for target in work.targets}
    outcomes: dict[RecordRef, Outcome] = {}
    for kind, targets in _by_kind(work.targets).items():
        for chunk in chunks(targets, 1000):
            outcomes |= _apply_chunk(connection, work, kind, chunk)
    return outcomes


def _by_kind(targets: Iterable[Target]) -> dict[Kind, list[Target]]:
    found: dict[Kind, list[Target]] = defaultdict(list)
    for target in targets:
        found[target.ref.kind].append(target)
    return found


def _apply_chunk(
    connection: Connection, work: Chunk, kind: Kind, targets: list[Target]
) -> dict[RecordRef, Outcome]:
    table = table_of(kind)
    # Grouped by version, so that one statement changes many records.
    by_version: dict[int, list[str]] = defaultdict(list)
    for target in targets:
        by_version[target.version].append(target.ref.number)
    done: set[str] = set()
    for version, numbers in by_version.items():
        done |= _change(connection, table, work, version, numbers)
    # A communication is part of its customer's record set, so the customer's version changes with it.
    if kind is Kind.COMMUNICATION and done:
        _touch_their_customers(connection, done)
    outcomes = {target.ref: Outcome.DONE for target in targets if target.ref.number in done}
    left = [target for target in targets if target.ref.number not in done]
    return outcomes | (_why_not(connection, table, work, left) if left else {})


def _change(connection: Connection, table: Table, work: Chunk, version: int, numbers: list[str]) -> set[str]:
    t = table.c
    statement = (
        update(table)
        .where(t.number.in_(numbers), t.version == version, t.status.in_(sorted(allowed_from(work.action))))
        .values(_values(table, work))
        .returning(t.number)
    )
    if work.undo_of is not None:  # only what that operation did, and nobody has changed since
        statement = statement.where(t.status_by == work.undo_of)
    return set(connection.execute(statement).scalars())


def _values(table: Table, work: Chunk) -> dict[str, Any]:
    """Returns the new values of the row, some of them as expressions over its old ones."""
    t = table.c
    changes: dict[str, Any] = {"version": t.version + 1, "status_at": work.at}
    if work.undo_of is not None:
        return changes | {
            "status": _where_it_was(table),
            "status_by": t.status_by_before,
            # Undoing a restore puts the record back into the recycle bin. The status it has now is then the one it
            # had before it was deleted.
            "status_before": case((t.status_before == LifeStatus.DELETED.value, t.status), else_=null()),
            "status_by_before": null(),
            "undone_by": work.operation,
        }
    changes |= {"status_before": t.status, "status_by_before": t.status_by, "status_by": work.operation}
    if work.action is Action.RESTORE:
        # A deleted record returns to where it was (it may have been voided); any other becomes active.
        deleted = t.status == LifeStatus.DELETED.value
        return changes | {"status": case((deleted, _where_it_was(table)), else_=literal(LifeStatus.ACTIVE.value))}
    return changes | {"status": _WISHED[work.action].value}


def _where_it_was(table: Table) -> ColumnElement[str]:
    return func.coalesce(table.c.status_before, LifeStatus.ACTIVE.value)


def _touch_their_customers(connection: Connection, numbers: set[str]) -> None:
    c = communications.c
    ids = connection.execute(select(c.customer_id).where(c.number.in_(numbers)).distinct()).scalars().all()
    touch_customers(connection, ids)


def _why_not(connection: Connection, table: Table, work: Chunk, targets: list[Target]) -> dict[RecordRef, Outcome]:
    """Finds out why these targets were not changed, and returns an outcome for each."""
    t = table.c
    rows = connection.execute(
        select(t.number, t.version, t.status, t.status_by, t.undone_by).where(
            t.number.in_([target.ref.number for target in targets])
        )
    )
    there = {row.number: row for row in rows}
    outcomes: dict[RecordRef, Outcome] = {}
    for target in targets:
        row = there.get(target.ref.number)
        if row is None:
            outcomes[target.ref] = Outcome.NOT_FOUND
        elif _is_as_wished(work, LifeStatus(row.status), row.status_by, row.undone_by):
            outcomes[target.ref] = Outcome.ALREADY
        else:
            changed = row.version != target.version
            outcomes[target.ref] = Outcome.CONFLICT if changed else Outcome.WRONG_STATE
    return outcomes


def _is_as_wished(work: Chunk, status: LifeStatus, status_by: int | None, undone_by: int | None) -> bool:
    """Tells whether the record is already as asked.

    So it is, too, when this operation changed it before a crash: then its version was raised by our own change.
    """
    if work.undo_of is not None and status_by == work.undo_of:
        return False
    return status is _WISHED[work.action] or work.operation in {status_by, undone_by}
