"""The proven backup of what is about to change: seal it, read it back, know which versions it holds."""

import asyncio
from collections.abc import Iterator, Mapping
from functools import partial

from core.domain.approval.approved import Approved
from core.domain.errors import BackupNotProven
from core.domain.events.execution import BackupWritten
from core.domain.records import RecordRef
from core.domain.snapshots import Snapshot
from core.ports.store import UnitOfWork
from core.ports.vault import BackupReceipt, Vault
from core.services.executing.shared import CHUNK, Tools, all_targets, page, still_ours

Held = Mapping[RecordRef, int]
"""Which version of which record a backup holds."""


async def proven_backup(tools: Tools, proof: Approved) -> Held:
    """What the backup holds; an earlier one is used again where it still covers all that waits.

    Raises BackupNotProven, LeaseLost, StoreUnavailable.
    """
    number = proof.operation
    receipt = await tools.db.read(lambda uow: uow.backups.get(number))
    if receipt is not None:
        held = await asyncio.to_thread(_held_of_earlier, tools.vault, receipt)
        if await tools.db.read(lambda uow: _covers(uow, number, held)):
            return held
    head, now = await tools.db.read(lambda uow: (uow.audit.head(), uow.now))
    pages = _snapshots(tools, number, asyncio.get_running_loop())
    receipt = await asyncio.to_thread(tools.vault.seal, number, pages, head, now)
    await tools.db.run(partial(_keep_receipt, tools, proof, receipt))
    return await asyncio.to_thread(_held, tools.vault, receipt)


def _held(vault: Vault, receipt: BackupReceipt) -> Held:
    return {snapshot.ref: snapshot.version for snapshot in vault.open(receipt)}


def _held_of_earlier(vault: Vault, receipt: BackupReceipt) -> Held:
    """Nothing, when the backup of an earlier try has been damaged since: what still waits is sealed anew."""
    try:
        return _held(vault, receipt)
    except BackupNotProven:
        return {}


def _covers(uow: UnitOfWork, number: int, held: Held) -> bool:
    """A backup of an earlier round is of no use to this one."""
    waiting = (target for target in all_targets(uow, number) if target.outcome is None)
    return all(held.get(target.ref) == target.version for target in waiting)


def _snapshots(tools: Tools, number: int, loop: asyncio.AbstractEventLoop) -> Iterator[Snapshot]:
    """Pages of record sets, pulled from the vault's thread: flat in memory."""
    after: RecordRef | None = None
    while True:
        last, snapshots = asyncio.run_coroutine_threadsafe(_page(tools, number, after), loop).result()
        yield from snapshots
        if last is None:
            return
        after = last


async def _page(tools: Tools, number: int, after: RecordRef | None) -> tuple[RecordRef | None, list[Snapshot]]:
    """Where the next page begins, None after the last, and the snapshots of those that still wait."""
    listed = await tools.db.read(partial(page, number, after))
    refs = [target.ref for target in listed if target.outcome is None]
    following = listed[-1].ref if len(listed) == CHUNK else None
    return following, (await tools.crm.snapshots(refs) if refs else [])


def _keep_receipt(tools: Tools, proof: Approved, receipt: BackupReceipt, uow: UnitOfWork) -> None:
    still_ours(uow, proof)
    uow.backups.add(receipt)
    written = BackupWritten(
        receipt.operation, receipt.file, receipt.records, receipt.file_hash, receipt.content_hash
    )
    tools.publish(uow, written)
