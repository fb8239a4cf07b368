"""Carry out one approved operation: intent, quorum, versions, proven backup, act, outcome.

Each step is stored before the next begins, so that a crash at any point resumes without doing anything twice.
No proven backup, no action. No audit, no action.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from core.domain.approval import Approved, approved, who_still_decides
from core.domain.audit import Event, Tag
from core.domain.errors import BackupNotProven, QuorumLost
from core.domain.fingerprint import fingerprint
from core.domain.operation import Mode, Operation, Outcome, State, Target
from core.domain.policy import Policy
from core.domain.records import RecordRef
from core.domain.snapshots import differences
from core.ports import BackupReceipt, LocalCrm, Snapshot, Transactions, UnitOfWork, Vault, Work

LEASE = timedelta(seconds=30)
"""A worker that is silent for so long has lost its work to another."""
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Tools:
    db: Transactions
    crm: LocalCrm
    vault: Vault
    policy: Policy


@dataclass(frozen=True, slots=True)
class Finished:
    """What came of it, for those who tell people."""

    operation: Operation
    undone: Operation | None = None
    """The operation an undo has taken back."""
    changed_since: tuple[str, ...] | None = ()
    """Of an undo: what differs from the backup; () means as before, proven; None that it is unproven."""


# taking the work


def take(uow: UnitOfWork, owner: str, policy: Policy) -> tuple[Operation, Approved | None] | None:
    """Claim the next approved operation and count its votes again, with the roles of this moment.

    None: nothing to do. No Approved: the votes no longer suffice; it went back to those who decide, or failed.
    """
    operation = uow.operations.claim(owner, uow.now(), LEASE)
    if operation is None:
        return None
    people = {person.id: person for person in uow.people.everybody()}
    try:
        proof = approved(operation, policy.rule(operation.action), people, uow.people.rights())
        _same_list(uow, operation)
    except QuorumLost as lost:
        return _send_back(uow, operation, policy, str(lost)), None
    uow.audit.append(
        Event(
            Tag.OPERATION_INTENT,
            operation=operation.number,
            detail={
                "action": operation.action,
                "mode": operation.mode,
                "fingerprint": proof.fingerprint,
                "fence": proof.fence,
                "targets": operation.targets.count,
            },
        )
    )
    return operation, proof


def _same_list(uow: UnitOfWork, operation: Operation) -> None:
    """What runs is what was shown: the stored list must still give the fingerprint people voted on."""
    listed = ((target.ref, target.version) for target in _all_targets(uow, operation.number))
    if fingerprint(operation.action, operation.mode, listed) != operation.fingerprint:
        raise QuorumLost(f"{operation.label}: the stored list is not the approved one")


def _send_back(uow: UnitOfWork, operation: Operation, policy: Policy, why: str) -> Operation:
    people = {person.id: person for person in uow.people.everybody()}
    rights = uow.people.rights()
    rule, requester = policy.rule(operation.action), people.get(operation.requester)
    approvers = who_still_decides(operation.action, rule, requester, people.values(), rights)
    if rule.votes and len(approvers) >= rule.votes:
        back = operation.reopen().ask_others(approvers, rule.votes, uow.now() + rule.expires)
    else:
        back = operation.fail(uow.now(), why)
    uow.audit.append(
        Event(Tag.OPERATION_REOPENED, operation=operation.number, detail={"state": back.state, "why": why})
    )
    return uow.operations.save(back)


# doing it


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
    return any(target.outcome is None for target in _all_targets(uow, number))


async def _drop_changed(tools: Tools, proof: Approved) -> None:
    """Compare every target with its record of now; the changed ones drop out as conflict."""
    after: RecordRef | None = None
    while page := await tools.db.read(partial(_page, proof.operation, after)):
        waiting = [target for target in page if target.outcome is None]
        there = {record.ref: record for record in await tools.crm.read([target.ref for target in waiting])}
        changed = {
            target.ref: Outcome.CONFLICT if target.ref in there else Outcome.NOT_FOUND
            for target in waiting
            if target.ref not in there or there[target.ref].version != target.version
        }
        if changed:
            await tools.db.run(partial(_record, proof, changed))
        after = page[-1].ref


async def _proven_backup(tools: Tools, operation: Operation, proof: Approved) -> dict[RecordRef, int]:
    """Seal what will be changed and prove it; which versions of which records the backup holds."""
    receipt = await tools.db.read(lambda uow: uow.backups.get(operation.number))
    if receipt is not None:
        held = await asyncio.to_thread(_held, tools.vault, receipt)
        if await tools.db.read(lambda uow: _covers(uow, operation.number, held)):
            return held
    head, now = await tools.db.read(lambda uow: (uow.audit.head(), uow.now()))
    pages = _snapshots(tools, operation.number, asyncio.get_running_loop())
    receipt = await asyncio.to_thread(tools.vault.seal, operation.number, pages, head, now)
    await tools.db.run(partial(_keep_receipt, proof, receipt))
    return await asyncio.to_thread(_held, tools.vault, receipt)


def _held(vault: Vault, receipt: BackupReceipt) -> dict[RecordRef, int]:
    return {snapshot.ref: snapshot.version for snapshot in vault.open(receipt)}


def _covers(uow: UnitOfWork, number: int, held: dict[RecordRef, int]) -> bool:
    """A backup of an earlier round is of no use to this one."""
    waiting = (target for target in _all_targets(uow, number) if target.outcome is None)
    return all(held.get(target.ref) == target.version for target in waiting)


def _snapshots(tools: Tools, number: int, loop: asyncio.AbstractEventLoop) -> Iterator[Snapshot]:
    """Pages of record sets, pulled from the vault's thread: flat in memory."""
    after: RecordRef | None = None
    while True:
        page = asyncio.run_coroutine_threadsafe(tools.db.read(partial(_page, number, after)), loop).result()
        if not page:
            return
        refs = [target.ref for target in page if target.outcome is None]
        yield from asyncio.run_coroutine_threadsafe(tools.crm.snapshots(refs), loop).result()
        after = page[-1].ref


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
    uow: UnitOfWork, crm: LocalCrm, operation: Operation, proof: Approved, covered: dict[RecordRef, int]
) -> bool:
    """Change one chunk of records; its outcome and its log entries commit with it. False when none is left."""
    still_ours(uow, proof)
    waiting = uow.operations.undone_targets(operation.number, CHUNK)
    if not waiting:
        return False
    ready = tuple(target for target in waiting if covered.get(target.ref) == target.version)
    work = Work(
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
    uow.operations.record_outcomes(proof.operation, outcomes)
    uow.audit.append(
        *(
            Event(
                Tag.TARGET_OUTCOME,
                subject=f"{ref.kind}:{ref.number}",
                operation=proof.operation,
                detail={"outcome": outcome, "fence": proof.fence},
            )
            for ref, outcome in sorted(outcomes.items())
        )
    )


def still_ours(uow: UnitOfWork, proof: Approved) -> None:
    """Extend the lease. Raises LeaseLost when another worker has taken it."""
    uow.operations.extend_lease(proof.operation, proof.fence, uow.now() + LEASE)


# the end of it


async def proof_of_undo(tools: Tools, operation: Operation) -> tuple[str, ...] | None:
    """What differs between the records of now and the backup the undone operation made; nothing is as before.

    None when that backup cannot be read any more: the undo has happened all the same.
    """
    if operation.mode is not Mode.UNDO or operation.undo_of is None:
        return ()
    source = operation.undo_of
    receipt = await tools.db.read(lambda uow: uow.backups.get(source))
    if receipt is None:
        return None
    found: list[str] = []
    targets = await tools.db.read(lambda uow: list(_all_targets(uow, operation.number)))
    mine = {target.ref for target in targets if target.outcome is not None and target.outcome.good}
    try:
        held = await asyncio.to_thread(lambda: {s.ref: s.body for s in tools.vault.open(receipt) if s.ref in mine})
    except (BackupNotProven, OSError):
        return None
    for snapshot in await tools.crm.snapshots(sorted(mine)):
        if snapshot.ref in held:
            found += differences(held[snapshot.ref], snapshot.body)
    return tuple(found)


def finish(
    uow: UnitOfWork, operation: Operation, proof: Approved, policy: Policy, changed_since: tuple[str, ...] | None
) -> Finished:
    """Count the outcomes and end the operation."""
    still_ours(uow, proof)
    current = uow.operations.lock(operation.number)
    assert current is not None  # it was claimed
    tally = uow.operations.tally(operation.number)
    term = policy.retention.of(operation.action)
    ended = current.finish(tally, uow.now(), uow.now() + term if term and tally.done else None)
    if ended.state is State.STALE:
        ended = ended.await_answer(uow.now() + policy.rule(operation.action).expires)
    ended = uow.operations.save(ended)
    uow.audit.append(
        Event(
            Tag.OPERATION_FINISHED,
            operation=ended.number,
            detail={
                "state": ended.state,
                "done": tally.done,
                "failed": tally.failed,
                "conflicts": tally.conflicts,
                "unknown": tally.unknown,
            },
        )
    )
    if changed_since is None:
        uow.audit.append(
            Event(Tag.BACKUP_FAILED, operation=operation.undo_of, detail={"why": "unreadable when it was undone"})
        )
    return Finished(ended, _mark_undone(uow, ended, tally.done), changed_since)


def _mark_undone(uow: UnitOfWork, undo: Operation, done: int) -> Operation | None:
    if undo.mode is not Mode.UNDO or undo.undo_of is None or not done:
        return None
    source = uow.operations.lock(undo.undo_of)
    assert source is not None  # an undo is proposed for an operation that is there
    undone = uow.operations.save(source.mark_undone())
    uow.audit.append(
        Event(Tag.OPERATION_UNDONE, operation=undone.number, detail={"by": undo.number, "records": done})
    )
    return undone


def give_up(uow: UnitOfWork, operation: Operation, proof: Approved, policy: Policy, why: str) -> Finished:
    """It cannot be carried out, again and again: that is the end of it, told as it is.

    Where nothing was changed it has failed; where a part was, the rest needs a human.
    """
    if uow.operations.tally(operation.number).done:
        return finish(uow, operation, proof, policy, None)
    still_ours(uow, proof)
    current = uow.operations.lock(operation.number)
    assert current is not None  # it was claimed
    failed = uow.operations.save(current.fail(uow.now(), why))
    uow.audit.append(
        Event(Tag.OPERATION_FINISHED, operation=failed.number, detail={"state": failed.state, "why": why})
    )
    return Finished(failed)


def _page(number: int, after: RecordRef | None, uow: UnitOfWork) -> list[Target]:
    return uow.operations.targets(number, after=after, limit=CHUNK)


def _all_targets(uow: UnitOfWork, number: int) -> Iterator[Target]:
    after: RecordRef | None = None
    while page := _page(number, after, uow):
        yield from page
        after = page[-1].ref
