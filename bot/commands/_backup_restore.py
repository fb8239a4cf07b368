"""Puts the records of one operation back from its backup: all in one transaction, or none."""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from core.crm.embedded.store import EmbeddedCrm
from core.domain.audit import Event, Tag
from core.domain.errors import BackupNotProven
from core.domain.operation import Outcome
from core.domain.records import RecordRef
from core.ports import BackupReceipt
from core.storage.db import Database
from core.storage.uow import SqlUnitOfWork
from core.vault.sealed import SealedVault


@dataclass(slots=True)
class Restored:
    file: str
    counts: Counter[Outcome] = field(default_factory=Counter)
    refused: list[tuple[RecordRef, Outcome]] = field(default_factory=list)

    @property
    def records(self) -> int:
        return self.counts.total()


class _Trial(Exception):
    """Ends a dry run: everything it did is taken back."""


def restore(database: Database, vault: SealedVault, operation: int, *, dry_run: bool) -> Restored:
    """Raises BackupNotProven when there is no proven backup; then nothing was changed."""
    receipt = database.read_sync(lambda uow: uow.backups.get(operation)) or _from_folder(vault, operation)
    restored = Restored(receipt.file)
    crm = EmbeddedCrm(database)

    def work(uow: SqlUnitOfWork) -> None:
        for snapshot in vault.open(receipt):
            outcome = crm.restore_within(uow, snapshot, operation)
            restored.counts[outcome] += 1
            if not outcome.good:
                restored.refused.append((snapshot.ref, outcome))
        if dry_run:
            raise _Trial
        uow.audit.append(Event(Tag.BACKUP_RESTORED, operation=operation, detail=_detail(receipt, restored)))

    with suppress(_Trial):
        database.run_sync(work)
    return restored


def _from_folder(vault: SealedVault, operation: int) -> BackupReceipt:
    """The database has forgotten it, or is a new one: the files prove themselves, the newest attempt first."""
    proven = list(_proven(vault, operation))
    if not proven:
        raise BackupNotProven(f"there is no proven backup of #{operation:04d} · 没有该申请的可用备份")
    return proven[0]


def _proven(vault: SealedVault, operation: int) -> Iterator[BackupReceipt]:
    for name in vault.find(operation):
        try:
            receipt = vault.examine(name)
        except BackupNotProven:
            continue
        if receipt.operation == operation:
            yield receipt


def _detail(receipt: BackupReceipt, restored: Restored) -> dict[str, str | int]:
    facts: dict[str, str | int] = {
        "file": receipt.file,
        "file_hash": receipt.file_hash,
        "records": restored.records,
    }
    return facts | {outcome.value: count for outcome, count in restored.counts.items()}
