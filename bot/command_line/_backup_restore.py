"""Restores the records of one operation from its backup, in one transaction."""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from bot.command_line._backup_check import counted
from core.crm.embedded.store import EmbeddedCrm
from core.domain.errors import BackupNotProven
from core.domain.events.execution import BackupRestored, OperationUndone
from core.domain.operation.labels import operation_label
from core.domain.operation.life import CARRIED_OUT
from core.domain.operation.targets import Outcome
from core.domain.records import RecordRef
from core.domain.snapshots import Snapshot
from core.ports.vault import BackupReceipt
from core.storage.db import Database
from core.storage.uow import SqlUnitOfWork
from core.vault.sealed import SealedVault
from notify.publisher import Publisher


@dataclass(slots=True)
class Restored:
    files: list[str]
    counts: Counter[Outcome] = field(default_factory=Counter)
    refused: list[tuple[RecordRef, Outcome]] = field(default_factory=list)
    unproven: list[str] = field(default_factory=list)
    """For each file that was left out, the reason."""

    @property
    def records(self) -> int:
        return self.counts.total()

    @property
    def whole(self) -> bool:
        return not self.refused and not self.unproven


class _Trial(Exception):
    """Ends a dry run, so that its transaction is rolled back."""


def restore(
    database: Database, vault: SealedVault, operation: int, publish: Publisher, *, dry_run: bool
) -> Restored:
    """Restores from all files of the operation: each time it was asked again for some of its records it wrote one.

    Raises BackupNotProven when there is no proven backup; then nothing was changed.
    """
    known = database.read_sync(lambda uow: uow.backups.get(operation))
    receipts, unproven = _receipts(database, vault, operation, known)
    restored = Restored([receipt.file for receipt in receipts], unproven=unproven)
    crm = EmbeddedCrm(database)

    def work(uow: SqlUnitOfWork) -> None:
        for snapshot in _newest_of_each(vault, receipts):
            outcome = crm.restore_within(uow, snapshot, operation)
            restored.counts[outcome] += 1
            if not outcome.good:
                restored.refused.append((snapshot.ref, outcome))
        if dry_run:
            raise _Trial
        if restored.counts[Outcome.DONE]:
            publish(uow, *_ended(uow, operation, restored))

    with suppress(_Trial):
        database.run_sync(work)
    return restored


def _ended(uow: SqlUnitOfWork, number: int, restored: Restored) -> list[BackupRestored | OperationUndone]:
    """Returns the events; an operation whose records are all restored becomes undone.

    So nobody sees it as done any more, or is offered to undo it again.
    """
    operation = uow.operations.lock(number)  # None: the database is a new one
    undone: list[OperationUndone] = []
    if operation is not None and restored.whole and operation.state in CARRIED_OUT:
        operation = uow.operations.save(operation.mark_undone(uow.now, None))
        undone = [OperationUndone(operation, "backup", restored.counts[Outcome.DONE])]
    return [BackupRestored(number, operation, tuple(restored.files), restored.counts), *undone]


def _receipts(
    database: Database, vault: SealedVault, operation: int, known: BackupReceipt | None
) -> tuple[list[BackupReceipt], list[str]]:
    """Returns the proven files of the operation, the newest attempt first, and the reasons against the others.

    The file that the database knows must be exactly as the database knows it. Other files must prove themselves:
    those of earlier attempts, or all of them when the database is a new one. A file that an interrupted attempt
    left, and that no operation ever relied on, is no loss and is not mentioned.
    """
    receipts, unproven = [], []
    for name in vault.find(operation):
        try:
            receipt = known if known is not None and name == known.file else vault.examine(name)
        except BackupNotProven as error:
            if known is None or database.read_sync(partial(counted, operation, name)):
                unproven.append(str(error))
            continue
        if receipt.operation == operation:
            receipts.append(receipt)
        else:
            unproven.append(f"{name}: {operation_label(receipt.operation)}")
    if known is not None and known not in receipts:  # its file is gone: `verify` raises with the reason
        vault.verify(known)
    if not receipts:
        reasons = "; ".join(["没有可用的备份 · there is no proven backup", *unproven])
        raise BackupNotProven(f"{operation_label(operation)}: {reasons}")
    return receipts, unproven


def _newest_of_each(vault: SealedVault, receipts: list[BackupReceipt]) -> Iterator[Snapshot]:
    """Yields the newest snapshot of each record.

    A record that was sealed twice was changed only after the second time, so that is the state to restore.
    """
    seen: set[RecordRef] = set()
    for receipt in receipts:
        for snapshot in vault.open(receipt):
            if snapshot.ref not in seen:
                seen.add(snapshot.ref)
                yield snapshot
