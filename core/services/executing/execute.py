"""Carry out one taken operation: versions, proven backup, act, outcome.

Each step is stored before the next begins, so that a crash at any point resumes without doing anything twice.
No proven backup, no action. No audit, no action.
"""

import asyncio
from collections.abc import Iterator
from functools import partial

from core.domain.approval.approved import Approved
from core.domain.audit import Event, Tag
from core.domain.errors import BackupNotProven
from core.domain.operation.operation import Operation
from core.domain.operation.targets import Outcome
from core.domain.records import RecordRef
from core.domain.snapshots import Snapshot
from core.ports.crm import Chunk, LocalConnector
from core.ports.store import UnitOfWork
from core.ports.vault import BackupReceipt, Vault
from core.services.executing.shared import CHUNK, Tools, all_targets, page, record, still_ours


async def execute(tools: Tools, operation: Operation, proof: Approved) -> None:
    """Everything between taking and finishing; safe to begin again at any point.

    Raises LeaseLost (another worker has it), BackupNotProven, AuditBroken, StoreUnavailable: nothing half done.
    """
    assert proof.operation == operation.number and proof.fingerprint == operation.fingerprint  # noqa: PT018
    await _drop_changed(tools, proof)
    if not await tools.db.read(lambda uow: _waiting(uow, proof.operation)):
        return
    covered = await _proven_backup(tools, operation, proof)
    while await tools.db.run(lambda uow: _act_on_chunk(uow, tools.crm, operation, proof, covered)):
        pass


def _waiting(uow: UnitOfWork, number: int) -> bool:
    return any(target.outcome is None for target in all_targets(uow, number))


async def _drop_changed(tools: Tools, proof: Approved) -> None:
    """Compare every target with its record of now; the changed ones drop out as conflict."""
    after: RecordRef | None = None
    while listed := await tools.db.read(partial(page, proof.operation, after)):
        waiting = [target for target in listed if target.outcome is None]
        there = {record.ref: record for record in await tools.crm.read([target.ref for target in waiting])}
        changed = {
            target.ref: Outcome.CONFLICT if target.ref in there else Outcome.NOT_FOUND
            for target in waiting
            if target.ref not in there or there[target.ref].version != target.version
        }
        if changed:
            await tools.db.run(partial(_record, proof, changed))
        after = listed[-1].ref


async def _proven_backup(tools: Tools, operation: Operation, proof: Approved) -> dict[RecordRef, int]:
    """Seal what will be changed and prove it; which versions of which records the backup holds."""
    receipt = await tools.db.read(lambda uow: uow.backups.get(operation.number))
    if receipt is not None:
        held = await asyncio.to_thread(_held_of_earlier, tools.vault, receipt)
        if await tools.db.read(lambda uow: _covers(uow, operation.number, held)):
            return held
    head, now = await tools.db.read(lambda uow: (uow.audit.head(), uow.now()))
    pages = _snapshots(tools, operation.number, asyncio.get_running_loop())
    receipt = await asyncio.to_thread(tools.vault.seal, operation.number, pages, head, now)
    await tools.db.run(partial(_keep_receipt, proof, receipt))
    return await asyncio.to_thread(_held, tools.vault, receipt)


def _held(vault: Vault, receipt: BackupReceipt) -> dict[RecordRef, int]:
    return {snapshot.ref: snapshot.version for snapshot in vault.open(receipt)}


def _held_of_earlier(vault: Vault, receipt: BackupReceipt) -> dict[RecordRef, int]:
    """Nothing, when the backup of an earlier take has been damaged since: what still waits is sealed anew."""
    try:
        return _held(vault, receipt)
    except BackupNotProven:
        return {}


def _covers(uow: UnitOfWork, number: int, held: dict[RecordRef, int]) -> bool:
    """A backup of an earlier round is of no use to this one."""
    waiting = (target for target in all_targets(uow, number) if target.outcome is None)
    return all(held.get(target.ref) == target.version for target in waiting)


def _snapshots(tools: Tools, number: int, loop: asyncio.AbstractEventLoop) -> Iterator[Snapshot]:
    """Pages of record sets, pulled from the vault's thread: flat in memory."""
    after: RecordRef | None = None
    while True:
        listed = asyncio.run_coroutine_threadsafe(tools.db.read(partial(page, number, after)), loop).result()
        if not listed:
            return
        refs = [target.ref for target in listed if target.outcome is None]
        yield from asyncio.run_coroutine_threadsafe(tools.crm.snapshots(refs), loop).result()
        after = listed[-1].ref


def _keep_receipt(proof: Approved, receipt: BackupReceipt, uow: UnitOfWork) -> None:
    still_ours(uow, proof)
    uow.backups.add(receipt)
    uow.audit.append(
        Event(
            Tag.BACKUP_WRITTEN,
            operation=receipt.operation,
            detail={
                "file": receipt.file,
                "records": receipt.records,
                "file_hash": receipt.file_hash,
                "content_hash": receipt.content_hash,
            },
        )
    )


def _act_on_chunk(
    uow: UnitOfWork, crm: LocalConnector, operation: Operation, proof: Approved, covered: dict[RecordRef, int]
) -> bool:
    """Change one chunk of records; its outcome and its log entries commit with it. False when none is left."""
    still_ours(uow, proof)
    waiting = uow.operations.undone_targets(operation.number, CHUNK)
    if not waiting:
        return False
    ready = tuple(target for target in waiting if covered.get(target.ref) == target.version)
    work = Chunk(
        operation=operation.number,
        action=operation.action,
        targets=ready,
        actor=operation.requester,
        reason=operation.reason.code if operation.reason else "",
        at=uow.now(),
        undo_of=operation.undo_of,
    )
    outcomes = crm.apply_within(uow, work) if ready else {}
    outcomes |= {target.ref: Outcome.CONFLICT for target in waiting if target not in ready}
    _record(proof, outcomes, uow)
    return True


def _record(proof: Approved, outcomes: dict[RecordRef, Outcome], uow: UnitOfWork) -> None:
    still_ours(uow, proof)
    record(uow, proof.operation, proof.fence, outcomes)
