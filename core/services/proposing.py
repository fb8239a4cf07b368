"""Draft an operation on one record: the confirm card goes out, nothing is asked of anybody yet."""

from dataclasses import dataclass

from core.domain.actions import Action, allowed_from
from core.domain.audit import Event, Tag
from core.domain.errors import BadInput, NotFound
from core.domain.facts import facts_of
from core.domain.fingerprint import fingerprint
from core.domain.impact import Impact
from core.domain.operation.life import ON_ITS_WAY
from core.domain.operation.operation import Mode, Operation
from core.domain.operation.reason import Reason
from core.domain.operation.targets import Target, Targets
from core.domain.people import Person, Sight
from core.domain.policy import Policy
from core.domain.records import RecordRef, RecordState
from core.ports.store import UnitOfWork


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a person wants done, to records just read."""

    action: Action
    records: tuple[RecordState, ...]
    said: str
    reason: Reason | None = None
    impact: Impact | None = None
    """What hangs on it, where it is a single record."""
    mode: Mode = Mode.NORMAL
    undo_of: int | None = None


def propose(uow: UnitOfWork, requester: Person, seen_by: Sight, policy: Policy, proposal: Proposal) -> Operation:
    """Raises NotFound (also when not theirs to see), BadInput (wrong status, or asked already)."""
    for record in proposal.records:
        refuse_unfit(record, seen_by, proposal.action)
        refuse_running(uow, record.ref, record.label)
    operation = Operation(
        number=uow.operations.next_number(),
        action=proposal.action,
        kind=proposal.records[0].ref.kind,
        requester=requester.id,
        targets=targets_of(proposal.action, proposal.mode, proposal.records, proposal.impact),
        created_at=uow.now(),
        mode=proposal.mode,
        reason=proposal.reason,
        said=proposal.said,
        expires_at=uow.now() + policy.lives.confirm_card,
        undo_of=proposal.undo_of,
    )
    uow.operations.add(operation, operation.targets.first)
    for target in operation.targets.first:
        uow.audit.append(
            Event(
                Tag.OPERATION_DRAFTED,
                actor=requester.id,
                subject=subject_of(target),
                operation=operation.number,
                detail={"action": operation.action, "mode": operation.mode, "version": target.version},
            )
        )
    return operation


def targets_of(
    action: Action, mode: Mode, records: tuple[RecordState, ...], impact: Impact | None = None
) -> Targets:
    only = impact if len(records) == 1 else None
    listed = tuple(sorted((_target(record, only) for record in records), key=lambda target: target.ref))
    mark = fingerprint(action, mode, ((target.ref, target.version) for target in listed))
    return Targets(len(listed), listed, mark)


def _target(record: RecordState, impact: Impact | None) -> Target:
    return Target(record.ref, record.label, record.version, record.status, facts=facts_of(record, impact))


def subject_of(target: Target) -> str:
    """How the log names a record before it becomes a pseudonym."""
    return f"{target.ref.kind}:{target.ref.number}"


def refuse_unfit(record: RecordState, seen_by: Sight, action: Action) -> None:
    if not record.seen_by(seen_by):
        raise NotFound(what=record.label)
    if record.status not in allowed_from(action):
        raise BadInput(f"already_{record.status}", what=record.label)


def refuse_running(uow: UnitOfWork, ref: RecordRef, label: str) -> None:
    """One request at a time on a record: two would each void the other's votes.

    An early word for the person; what keeps two from passing at once is `Operations.save`.
    """
    running = uow.operations.touching(ref, ON_ITS_WAY, limit=1)
    if running:
        raise BadInput("already_asked", what=label, operation=running[0].label)
