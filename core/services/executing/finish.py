"""How an operation ends: its outcomes are counted, and what is told is what was done."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from core.domain.approval.approved import Approved
from core.domain.errors import BackupNotProven
from core.domain.events.domain_event import DomainEvent
from core.domain.events.execution import BackupFailed, OperationFinished, OperationUndone
from core.domain.facts import Facts, facts_of
from core.domain.operation.life import State, moves_from
from core.domain.operation.operation import Mode, Operation
from core.domain.operation.targets import Outcome
from core.domain.policy import Policy
from core.domain.records import RecordRef, RecordState
from core.domain.snapshots import differences
from core.ports.store import UnitOfWork
from core.services.executing.shared import CHUNK, Tools, all_targets, record, still_ours
from core.services.operations import locked


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
    tools: Tools,
    operation: Operation,
    proof: Approved,
    changed_since: tuple[str, ...] | None = (),
    now: Sequence[RecordState] = (),
) -> list[DomainEvent]:
    """Count the outcomes and end the operation. Raises LeaseLost.

    `now` are its first records as they are now, to show what has changed where it turns out stale.
    """
    _lock(uow, operation, proof)
    events: list[DomainEvent] = []
    if changed_since is None:
        events.append(BackupFailed(operation.undo_of, "unreadable when it was undone"))

    def facts() -> dict[RecordRef, Facts]:
        return {record.ref: facts_of(record, tools.crm.impact_within(uow, record.ref)) for record in now}

    return events + _count(uow, operation.number, tools.policy, changed_since, facts=facts)


def give_up(uow: UnitOfWork, operation: Operation, proof: Approved, policy: Policy, why: str) -> list[DomainEvent]:
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


def end_early(uow: UnitOfWork, operation: Operation, policy: Policy, why: str) -> list[DomainEvent]:
    """For whoever holds it: what was done stays done, the rest is not done."""
    if not has_begun(uow, operation):
        failed = locked(uow, operation.number).fail(uow.now, why)
        return [OperationFinished(uow.operations.save(failed), why=why)]
    events: list[DomainEvent] = []
    while rest := uow.operations.undone_targets(operation.number, CHUNK):
        blocked = {target.ref: Outcome.BLOCKED for target in rest}
        events.append(record(uow, operation.number, operation.fence, blocked))
    return events + _count(uow, operation.number, policy, None, why)


def has_begun(uow: UnitOfWork, operation: Operation) -> bool:
    """Whether a record was changed by it already."""
    return uow.operations.tally(operation.number).done > 0


def _count(
    uow: UnitOfWork,
    number: int,
    policy: Policy,
    changed_since: tuple[str, ...] | None,
    why: str = "",
    facts: Callable[[], Mapping[RecordRef, Facts]] = dict,
) -> list[DomainEvent]:
    current = locked(uow, number)
    tally = uow.operations.tally(number)
    term = policy.retention.of(current.action)
    until = uow.now + term if term and tally.done else None
    ended = current.finish(tally, uow.now, until, why)
    if ended.state is State.STALE:
        ended = ended.await_answer(uow.now + policy.rule(current.action).expires)
    ended = uow.operations.save(ended)
    undone = _mark_undone(uow, ended, tally.done)
    changed = facts() if ended.state is State.STALE else {}
    finished = OperationFinished(ended, tally, why, undone, changed_since, changed)
    return [finished, OperationUndone(undone, ended.number, tally.done)] if undone else [finished]


def _mark_undone(uow: UnitOfWork, undo: Operation, done: int) -> Operation | None:
    if undo.mode is not Mode.UNDO or undo.undo_of is None or not done:
        return None
    source = locked(uow, undo.undo_of)
    if State.UNDONE not in moves_from(source.state):
        return None  # put back from its backup meanwhile
    return uow.operations.save(source.mark_undone(uow.now, undo.requester))
