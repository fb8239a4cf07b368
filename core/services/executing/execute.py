"""Carries out one taken operation: compares versions, proves a backup, acts, stores the outcomes.

Each step is stored before the next begins, so that a crash at any point resumes without doing anything twice.
No proven backup, no action. No audit, no action.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from core.domain.approval.approved import Approved
from core.domain.errors import QuorumLost
from core.domain.operation.operation import Operation
from core.domain.operation.targets import Outcome
from core.domain.records import RecordRef
from core.ports.crm import Chunk
from core.ports.store import UnitOfWork
from core.services.executing.backup import Held, proven_backup
from core.services.executing.shared import CHUNK, Tools, page, record, still_ours


async def execute(tools: Tools, operation: Operation, proof: Approved) -> bool:
    """Does everything between taking an operation and finishing it; it can be begun again at any point.

    Returns True when it has changed records, and False also when an earlier try has changed them all.
    Raises QuorumLost (the proof is of another operation or list), LeaseLost (another worker has taken over),
    BackupNotProven, AuditBroken, StoreUnavailable. After each of them nothing is half done.
    """
    if (proof.operation, proof.fingerprint) != (operation.number, operation.fingerprint):
        raise QuorumLost(f"{operation.label}: the proof is of another operation or another list")
    await _drop_changed(tools, proof)
    held = await proven_backup(tools, proof)
    if held is None:
        return False
    changed, more = False, True
    while more:
        acted = await tools.db.run(lambda uow: _act_on_chunk(uow, tools, operation, proof, held))
        changed |= acted.changed
        more = acted.more
    return changed


@dataclass(frozen=True, slots=True)
class _Acted:
    changed: bool
    """True when a record of the chunk was changed."""
    more: bool
    """False when no target is left."""


async def _drop_changed(tools: Tools, proof: Approved) -> None:
    """Compares each target with its record as it is now; a changed or missing one drops out with that outcome."""
    after: RecordRef | None = None
    while True:
        # Paged over all targets and filtered here: an outcome that was just stored must not shift the pages.
        listed = await tools.db.read(partial(page, proof.operation, after))
        waiting = [target for target in listed if target.outcome is None]
        there = {record.ref: record for record in await tools.crm.read([target.ref for target in waiting])}
        changed = {
            target.ref: Outcome.CONFLICT if target.ref in there else Outcome.NOT_FOUND
            for target in waiting
            if target.ref not in there or there[target.ref].version != target.version
        }
        if changed:
            await tools.db.run(partial(_record, tools, proof, changed))
        if len(listed) < CHUNK:  # a short page is the last one
            return
        after = listed[-1].ref


def _act_on_chunk(uow: UnitOfWork, tools: Tools, operation: Operation, proof: Approved, held: Held) -> _Acted:
    """Changes one chunk of records; outcomes and log entries commit with it."""
    still_ours(uow, proof)
    waiting = uow.operations.unfinished_targets(operation.number, CHUNK)
    if not waiting:
        return _Acted(changed=False, more=False)
    # A record that changed after the versions were compared is not in the backup as voted on: it drops out.
    ready = tuple(target for target in waiting if held.get(target.ref) == target.version)
    chunk = Chunk(
        operation=operation.number,
        action=operation.action,
        targets=ready,
        actor=operation.requester,
        reason=operation.reason.code if operation.reason else "",
        at=uow.now,
        undo_of=operation.undo_of,
    )
    outcomes = tools.crm.apply_within(uow, chunk) if ready else {}
    outcomes |= {target.ref: Outcome.CONFLICT for target in waiting if target not in ready}
    tools.publish(uow, record(uow, proof.operation, proof.fence, outcomes))
    return _Acted(changed=any(outcome.good for outcome in outcomes.values()), more=len(waiting) == CHUNK)


def _record(tools: Tools, proof: Approved, outcomes: Mapping[RecordRef, Outcome], uow: UnitOfWork) -> None:
    still_ours(uow, proof)
    tools.publish(uow, record(uow, proof.operation, proof.fence, outcomes))
