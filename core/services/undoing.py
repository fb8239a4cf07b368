"""Undoes one operation by its number: exactly what it changed is put back."""

from datetime import tzinfo

from core.domain.actions import Action
from core.domain.errors import AlreadyClosed, BadInput, NotYours
from core.domain.events.requests import OperationConfirmed, OperationDrafted
from core.domain.operation.life import CARRIED_OUT
from core.domain.operation.operation import Mode, Operation
from core.domain.people import Person, Sight
from core.domain.policy import Policy
from core.domain.records import RecordRef, RecordState
from core.ports.store import UnitOfWork
from core.services.confirming import confirm
from core.services.executing.shared import all_targets
from core.services.operations import known, locked
from core.services.proposing import Proposal, draft


def changed_by(uow: UnitOfWork, number: int, by: Person, seen_by: Sight) -> list[RecordRef]:
    """Returns the records that an undo would touch, for the caller to read them. Raises NotFound, NotYours,
    AlreadyClosed as `undo` does.
    """
    operation = known(uow, number)
    _refuse(uow, operation, by, seen_by)
    return [
        target.ref for target in all_targets(uow, number) if target.outcome is not None and target.outcome.good
    ]


def undo(
    uow: UnitOfWork,
    number: int,
    by: Person,
    seen_by: Sight,
    records: tuple[RecordState, ...],
    policy: Policy,
    zone: tzinfo,
) -> tuple[OperationDrafted, OperationConfirmed]:
    """Drafts and confirms an undo of operation `number` at once. A tap or a number is plain enough, and an undo is
    harmless, so no second card asks.

    Raises NotFound, NotYours, AlreadyClosed (undone, not done, or too late), BadInput (another operation has
    changed the records since, or is running on them).
    """
    operation = locked(uow, number)
    _refuse(uow, operation, by, seen_by)
    # A record that another operation has changed since keeps that later change.
    untouched = tuple(record for record in records if record.changed_by == number)
    if not untouched:
        raise BadInput("undo_superseded", operation=operation.label)
    said = f"undo {operation.label}"
    proposal = Proposal(Action.RESTORE, untouched, said, mode=Mode.UNDO, undo_of=operation.number)
    drafted = draft(uow, by, seen_by, policy, proposal)
    return drafted, confirm(uow, drafted.operation.number, by, None, policy, zone)


def _refuse(uow: UnitOfWork, operation: Operation, by: Person, seen_by: Sight) -> None:
    # Besides the requester, somebody who sees the requester's records may undo, such as the requester's lead.
    if operation.requester != by.id and not seen_by.includes(operation.requester):
        raise NotYours("not_requester", operation=operation.label)
    if operation.state not in CARRIED_OUT or operation.undo_until is None:
        raise AlreadyClosed(f"no_undo_{operation.state}", operation=operation.label)
    if operation.undo_until <= uow.now:
        raise AlreadyClosed("undo_too_late", operation=operation.label, until=operation.undo_until)
