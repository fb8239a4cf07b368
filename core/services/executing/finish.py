"""Ends an operation: its outcomes are counted, so that people are told what was really done."""

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
    """Returns the fields that differ between the records after an undo and the backup of the undone operation.

    () says that all is as before, or that the operation is no undo. None says that the backup cannot be read any
    more: the undo has happened, and only its proof is missing.
    """
    if operation.mode is not Mode.UNDO or operation.undo_of is None:
        return ()
    source = operation.undo_of
    receipt, mine = await tools.db.read(lambda uow: (uow.backups.get(source), _done_by(uow, operation.number)))
    if receipt is None:
        return None
    found: list[str] = []
    try:
        before = await asyncio.to_thread(
            lambda: {held.ref: held.body for held in tools.vault.open(receipt) if held.ref in mine}
        )
    except (BackupNotProven, OSError):
        return None
    # A backup that was made anew in the middle of the operation lacks the records that were done before.
    if not mine <= before.keys():
        return None
    for snapshot in await tools.crm.snapshots(sorted(mine)):
        found += differences(before[snapshot.ref], snapshot.body)
    return tuple(found)


def _done_by(uow: UnitOfWork, number: int) -> set[RecordRef]:
    ended = ((target.ref, target.outcome) for target in all_targets(uow, number))
    return {ref for ref, outcome in ended if outcome is not None and outcome.good}


def finish(
    uow: UnitOfWork,
    tools: Tools,
    operation: Operation,
    proof: Approved,
    changed_since: tuple[str, ...] | None = (),
    now: Sequence[RecordState] = (),
) -> list[DomainEvent]:
    """Counts the outcomes and ends the operation. Raises LeaseLost.

    `changed_since` is what `proof_of_undo` returned. `now` are the first records as they are now: when the
    operation turns out to be stale, they show what has changed.
    """
    _lock(uow, operation, proof)
    events: list[DomainEvent] = []
    if changed_since is None:
        events.append(BackupFailed(operation.undo_of, "unreadable when it was undone"))

    def facts() -> dict[RecordRef, Facts]:
        return {record.ref: facts_of(record, tools.crm.impact_within(uow, record.ref)) for record in now}

    return events + _count(uow, operation.number, tools.policy, changed_since, facts=facts)


def give_up(uow: UnitOfWork, operation: Operation, proof: Approved, policy: Policy, why: str) -> list[DomainEvent]:
    """Ends an operation that a fault has stopped again and again; the events say how much of it was done.

    Raises LeaseLost.
    """
    _lock(uow, operation, proof)
    return end_early(uow, operation, policy, why)


def _lock(uow: UnitOfWork, operation: Operation, proof: Approved) -> None:
    """Locks an operation for its end, after the one that it undoes. Raises LeaseLost."""
    # The undone operation has the lower number, and everybody locks the lowest number first.
    if operation.undo_of is not None:
        uow.operations.lock(operation.undo_of)
    still_ours(uow, proof)


def end_early(uow: UnitOfWork, operation: Operation, policy: Policy, why: str) -> list[DomainEvent]:
    """Ends an operation that its caller holds before all is done: what was done stays, the rest is blocked."""
    if not has_begun(uow, operation):
        failed = locked(uow, operation.number).fail(uow.now, why)
        return [OperationFinished(uow.operations.save(failed), why=why)]
    events: list[DomainEvent] = []
    while rest := uow.operations.unfinished_targets(operation.number, CHUNK):
        blocked = {target.ref: Outcome.BLOCKED for target in rest}
        events.append(record(uow, operation.number, operation.fence, blocked))
    return events + _count(uow, operation.number, policy, None, why)


def has_begun(uow: UnitOfWork, operation: Operation) -> bool:
    """Returns whether the operation has changed a record already."""
    return uow.operations.tally(operation.number).done > 0


def _count(
    uow: UnitOfWork,
    number: int,
    policy: Policy,
    changed_since: tuple[str, ...] | None,
    why: str = "",
    facts: Callable[[], Mapping[RecordRef, Facts]] = dict,
) -> list[DomainEvent]:
    """Ends the operation in the state that its outcomes give, and marks the one that it undid.

    `facts` is called only when the operation is stale, because it reads the impact of each record.
    """
    current = locked(uow, number)
    tally = uow.operations.tally(number)
    term = policy.retention.of(current.action)
    # Where nothing was done, nothing can be undone.
    until = uow.now + term if term and tally.done else None
    ended = current.finish(tally, uow.now, until, why)
    if ended.state is State.STALE:  # the requester's term to ask again begins now
        ended = ended.await_answer(uow.now + policy.rule(current.action).expires)
    ended = uow.operations.save(ended)
    undone = _mark_undone(uow, ended, tally.done)
    changed = facts() if ended.state is State.STALE else {}
    finished = OperationFinished(ended, tally, why, undone, changed_since, changed)
    return [finished, OperationUndone(undone, ended.number, tally.done)] if undone else [finished]


def _mark_undone(uow: UnitOfWork, undo: Operation, done: int) -> Operation | None:
    """Returns the operation that was undone, or None when nothing of it was put back."""
    if undo.mode is not Mode.UNDO or undo.undo_of is None or not done:
        return None
    source = locked(uow, undo.undo_of)
    if State.UNDONE not in moves_from(source.state):
        return None  # its backup was restored on the command line meanwhile
    return uow.operations.save(source.mark_undone(uow.now, undo.requester))
