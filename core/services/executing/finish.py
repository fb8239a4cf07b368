"""How an operation ends: its outcomes are counted, and what is told is what was done."""

import asyncio
from dataclasses import dataclass

from core.domain.approval.approved import Approved
from core.domain.audit import Event, Tag
from core.domain.errors import BackupNotProven
from core.domain.operation.life import State, moves_from
from core.domain.operation.operation import Mode, Operation
from core.domain.operation.targets import Outcome, Tally
from core.domain.policy import Policy
from core.domain.snapshots import differences
from core.ports.store import UnitOfWork
from core.services.executing.shared import CHUNK, Tools, all_targets, record, still_ours


@dataclass(frozen=True, slots=True)
class Finished:
    """What came of it, for those who tell people."""

    operation: Operation
    undone: Operation | None = None
    """The operation an undo has taken back."""
    changed_since: tuple[str, ...] | None = ()
    """Of an undo: what differs from the backup; empty: as before, proven; None: nothing to compare with."""


async def proof_of_undo(tools: Tools, operation: Operation) -> tuple[str, ...] | None:
    """What differs between the records of now and the backup the undone operation made; nothing is as before.

    None when that backup cannot be read any more: the undo has happened, only its proof is missing.
    """
    if operation.mode is not Mode.UNDO or operation.undo_of is None:
        return ()
    source = operation.undo_of
    receipt = await tools.db.read(lambda uow: uow.backups.get(source))
    if receipt is None:
        return None
    found: list[str] = []
    targets = await tools.db.read(lambda uow: list(all_targets(uow, operation.number)))
    mine = {target.ref for target in targets if target.outcome is not None and target.outcome.good}
    try:
        before = await asyncio.to_thread(
            lambda: {held.ref: held.body for held in tools.vault.open(receipt) if held.ref in mine}
        )
    except (BackupNotProven, OSError):
        return None
    if not mine <= before.keys():
        return None  # sealed anew after a part of it had been done: that part has no proof left
    for snapshot in await tools.crm.snapshots(sorted(mine)):
        found += differences(before[snapshot.ref], snapshot.body)
    return tuple(found)


def finish(
    uow: UnitOfWork,
    operation: Operation,
    proof: Approved,
    policy: Policy,
    changed_since: tuple[str, ...] | None = (),
) -> Finished:
    """Count the outcomes and end the operation. Raises LeaseLost."""
    _lock(uow, operation, proof)
    if changed_since is None:
        uow.audit.append(
            Event(Tag.BACKUP_FAILED, operation=operation.undo_of, detail={"why": "unreadable when it was undone"})
        )
    return _count(uow, operation.number, policy, changed_since)


def give_up(uow: UnitOfWork, operation: Operation, proof: Approved, policy: Policy, why: str) -> Finished:
    """It cannot go on, again and again. Nothing was changed, or not all of it: either way it ends, and says which.

    Raises LeaseLost.
    """
    _lock(uow, operation, proof)
    return end_early(uow, operation, policy, why)


def _lock(uow: UnitOfWork, operation: Operation, proof: Approved) -> None:
    """Lowest number first: what an undo takes back, then itself. Raises LeaseLost."""
    if operation.undo_of is not None:
        uow.operations.lock(operation.undo_of)
    still_ours(uow, proof)


def end_early(uow: UnitOfWork, operation: Operation, policy: Policy, why: str) -> Finished:
    """For whoever holds it: what was done stays done, the rest is not done."""
    if has_begun(uow, operation):
        while rest := uow.operations.undone_targets(operation.number, CHUNK):
            record(uow, operation.number, operation.fence, {target.ref: Outcome.BLOCKED for target in rest})
        return _count(uow, operation.number, policy, None, why)
    current = uow.operations.lock(operation.number)
    assert current is not None  # it was claimed
    failed = uow.operations.save(current.fail(uow.now(), why))
    uow.audit.append(
        Event(Tag.OPERATION_FINISHED, operation=failed.number, detail={"state": failed.state, "why": why})
    )
    return Finished(failed)


def has_begun(uow: UnitOfWork, operation: Operation) -> bool:
    """Whether a record was changed by it already."""
    return uow.operations.tally(operation.number).done > 0


def _count(
    uow: UnitOfWork, number: int, policy: Policy, changed_since: tuple[str, ...] | None, why: str = ""
) -> Finished:
    current = uow.operations.lock(number)
    assert current is not None  # it was claimed
    tally = uow.operations.tally(number)
    term = policy.retention.of(current.action)
    until = uow.now() + term if term and tally.done else None
    ended = current.finish(tally, uow.now(), until, why)
    if ended.state is State.STALE:
        ended = ended.await_answer(uow.now() + policy.rule(current.action).expires)
    ended = uow.operations.save(ended)
    uow.audit.append(Event(Tag.OPERATION_FINISHED, operation=number, detail=_detail(ended, tally, why)))
    return Finished(ended, _mark_undone(uow, ended, tally.done), changed_since)


def _detail(ended: Operation, tally: Tally, why: str) -> dict[str, str | int | bool | list[str] | None]:
    counted: dict[str, str | int | bool | list[str] | None] = {
        "state": ended.state,
        "done": tally.done,
        "failed": tally.failed,
        "conflicts": tally.conflicts,
        "unknown": tally.unknown,
    }
    return counted | ({"why": why} if why else {})


def _mark_undone(uow: UnitOfWork, undo: Operation, done: int) -> Operation | None:
    if undo.mode is not Mode.UNDO or undo.undo_of is None or not done:
        return None
    source = uow.operations.lock(undo.undo_of)
    assert source is not None  # an undo is proposed for an operation that is there
    if State.UNDONE not in moves_from(source.state):
        return None  # put back from its backup meanwhile
    undone = uow.operations.save(source.mark_undone(uow.now(), undo.requester))
    uow.audit.append(
        Event(Tag.OPERATION_UNDONE, operation=undone.number, detail={"by": undo.number, "records": done})
    )
    return undone
