"""Makes the proven backup of what is about to change: seals it, reads it back, learns which versions it holds."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from core.domain.approval.approved import Approved
from core.domain.audit import Head
from core.domain.errors import BackupNotProven
from core.domain.events.execution import BackupWritten
from core.domain.operation.targets import Target
from core.domain.records import RecordRef
from core.domain.snapshots import Snapshot
from core.ports.store import UnitOfWork
from core.ports.vault import BackupReceipt, Vault
from core.services.executing.shared import CHUNK, Tools, all_targets, page, still_ours

Held = Mapping[RecordRef, int]
"""The version of each record that a backup holds."""


@dataclass(frozen=True, slots=True)
class _Before:
    """What is known before a backup is made."""

    receipt: BackupReceipt | None
    """The receipt of an earlier backup of this operation."""
    head: Head
    now: datetime


async def proven_backup(tools: Tools, proof: Approved) -> Held | None:
    """Returns what the backup holds. An earlier one is used again if it covers every target without an outcome.

    Returns None when each target has an outcome already, so that there is nothing to back up. Raises
    BackupNotProven, LeaseLost, StoreUnavailable.
    """
    # The vault is synchronous and encrypting takes long, so it works in threads.
    number = proof.operation
    before = await tools.db.read(lambda uow: _before(uow, number))
    if before is None:
        return None
    if (earlier := before.receipt) is not None:
        held = await asyncio.to_thread(_held_of_earlier, tools.vault, earlier)
        if await tools.db.read(lambda uow: _covers(uow, number, held)):
            return held
    pages = _snapshots(tools, number, asyncio.get_running_loop())
    # The header of the backup holds the log's head, as an anchor outside the database.
    receipt = await asyncio.to_thread(tools.vault.seal, number, pages, before.head, before.now)
    await tools.db.run(partial(_keep_receipt, tools, proof, receipt))
    # Read from the file, so that a version counts only if the file really holds it.
    return await asyncio.to_thread(_held, tools.vault, receipt)


def _before(uow: UnitOfWork, number: int) -> _Before | None:
    if not any(_waiting(uow, number)):
        return None
    return _Before(uow.backups.get(number), uow.audit.head(), uow.now)


def _waiting(uow: UnitOfWork, number: int) -> Iterator[Target]:
    return (target for target in all_targets(uow, number) if target.outcome is None)


def _held(vault: Vault, receipt: BackupReceipt) -> Held:
    return {snapshot.ref: snapshot.version for snapshot in vault.open(receipt)}


def _held_of_earlier(vault: Vault, receipt: BackupReceipt) -> Held:
    """Returns what an earlier backup holds; nothing when it was damaged since, so that a new one is made."""
    try:
        return _held(vault, receipt)
    except BackupNotProven:
        return {}


def _covers(uow: UnitOfWork, number: int, held: Held) -> bool:
    """Returns whether the backup holds each waiting target in the version voted on; an older round's may not."""
    return all(held.get(target.ref) == target.version for target in _waiting(uow, number))


def _snapshots(tools: Tools, number: int, loop: asyncio.AbstractEventLoop) -> Iterator[Snapshot]:
    """Yields the record sets page by page, so that memory stays flat. The vault pulls them from its thread."""
    after: RecordRef | None = None
    while True:
        # The CRM is asynchronous, so each page is asked of the event loop and waited for in this thread.
        last, snapshots = asyncio.run_coroutine_threadsafe(_page(tools, number, after), loop).result()
        yield from snapshots
        if last is None:
            return
        after = last


async def _page(tools: Tools, number: int, after: RecordRef | None) -> tuple[RecordRef | None, list[Snapshot]]:
    """Returns where the next page begins (None after the last), and the snapshots of the waiting targets."""
    listed = await tools.db.read(partial(page, number, after))
    refs = [target.ref for target in listed if target.outcome is None]
    following = listed[-1].ref if len(listed) == CHUNK else None
    return following, (await tools.crm.snapshots(refs) if refs else [])


def _keep_receipt(tools: Tools, proof: Approved, receipt: BackupReceipt, uow: UnitOfWork) -> None:
    # A worker that has lost its lease must not replace the receipt of the one that took over.
    still_ours(uow, proof)
    uow.backups.add(receipt)
    written = BackupWritten(
        receipt.operation, receipt.file, receipt.records, receipt.file_hash, receipt.content_hash
    )
    tools.publish(uow, written)
