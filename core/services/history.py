"""Reads what the log and the operations say about a record, an operation or a person."""

from dataclasses import dataclass
from datetime import timedelta

from core.domain.audit import AuditEntry, Tag
from core.domain.operation.operation import Operation
from core.domain.records import RecordRef
from core.ports.store import UnitOfWork

RECENT = timedelta(days=30)
TOLD = frozenset(Tag) - {
    Tag.MESSAGE_RECEIVED,
    Tag.MESSAGE_REFUSED,
    Tag.CARD_SHOWN,
    Tag.CARD_UNDELIVERED,
    Tag.OPERATION_INTENT,
    Tag.OPERATION_APPROVED,  # each vote tells it, with the voter's name
    Tag.OPERATION_REJECTED,
    Tag.TARGET_OUTCOME,
}
"""The tags of entries that people are shown; auditors get the others with `audit export`."""


@dataclass(frozen=True, slots=True)
class Past:
    """Entries of the log that people are told, newest first, with the operations they belong to, by number."""

    entries: tuple[AuditEntry, ...]
    operations: dict[int, Operation]


def recent_record(uow: UnitOfWork, operation: Operation) -> tuple[int, int]:
    """Returns how many other changes the requester has asked for in the last 30 days, and how many were undone."""
    return uow.operations.confirmed_and_undone(operation.requester, uow.now - RECENT, operation.number)


def past_of_record(uow: UnitOfWork, ref: RecordRef, limit: int = 20) -> Past:
    """Returns the entries about a record and about the operations that touched it. Raises AuditBroken."""
    touching = {operation.number: operation for operation in uow.operations.touching(ref, limit=limit)}
    # By number, because an entry about the record is found once more among those of its operation.
    entries = {entry.seq: entry for entry in uow.audit.about(str(ref), limit) if entry.tag in TOLD}
    for number in touching:
        entries |= {entry.seq: entry for entry in _told(uow, number, limit)}
    newest = sorted(entries.values(), key=lambda entry: entry.seq, reverse=True)
    return Past(tuple(newest), touching)


def past_of_operation(uow: UnitOfWork, number: int, limit: int = 40) -> Past:
    """Returns the entries about an operation. Raises AuditBroken."""
    operation = uow.operations.get(number)
    return Past(tuple(_told(uow, number, limit)), {number: operation} if operation else {})


def _told(uow: UnitOfWork, number: int, limit: int) -> list[AuditEntry]:
    # The newest: an operation with many approvers has many entries, and how it ended must not fall out.
    return uow.audit.of_operation(number, limit, TOLD, newest=True)
