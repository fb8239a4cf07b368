"""Drafts an operation on records just read: the requester gets a confirm card, and no approver is asked yet."""

from dataclasses import dataclass

from core.domain.actions import Action, allowed_from
from core.domain.errors import BadInput, NotFound
from core.domain.events.requests import DraftReplaced, OperationDrafted
from core.domain.facts import facts_of
from core.domain.fingerprint import fingerprint
from core.domain.impact import Impact
from core.domain.operation.life import ON_ITS_WAY, State
from core.domain.operation.operation import Mode, Operation
from core.domain.operation.reason import Reason
from core.domain.operation.targets import Target, Targets
from core.domain.people import Person, Sight
from core.domain.policy import Policy
from core.domain.prompts import Asking
from core.domain.records import RecordRef, RecordState
from core.ports.store import UnitOfWork
from core.services.operations import locked
from core.services.people import who_may_decide
from core.services.prompts import new_prompt

MOST_DRAFTS = 50
"""The number of a person's newest drafts among which an older one on the same records is looked for."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change that a person wants, with the records as they were just read."""

    action: Action
    records: tuple[RecordState, ...]
    said: str
    reason: Reason | None = None
    impact: Impact | None = None
    """What hangs on the record, when there is only one."""
    mode: Mode = Mode.NORMAL
    undo_of: int | None = None
    took_delete_as_void: bool = False


def propose(
    uow: UnitOfWork, requester: Person, seen_by: Sight, policy: Policy, proposal: Proposal
) -> tuple[OperationDrafted | DraftReplaced, ...]:
    """Drafts an operation and asks for its confirmation. Older drafts of this person on the records are replaced.

    The new draft is the last event. Raises NotFound (also for a record that this person may not see) and BadInput
    (wrong status, or another request is running on the record).
    """
    drafted = draft(uow, requester, seen_by, policy, proposal)
    operation = drafted.operation
    assert operation.expires_at is not None  # drafts always have a term
    uow.prompts.put(
        new_prompt(
            requester, Asking.CONFIRM, operation.expires_at, operation=operation.number, kind=operation.kind
        )
    )
    return (*_replace_drafts(uow, operation), drafted)


def propose_instead(
    uow: UnitOfWork, number: int, requester: Person, seen_by: Sight, policy: Policy, proposal: Proposal
) -> tuple[OperationDrafted | DraftReplaced, ...]:
    """Replaces the draft of that number by one with a gentler action on the same record.

    Raises NotFound, NotYours, AlreadyClosed, and what `propose` raises.
    """
    # Cancelled first, or `propose` would report it as replaced a second time.
    cancelled = uow.operations.save(locked(uow, number).cancel(requester.id))
    events = propose(uow, requester, seen_by, policy, proposal)
    return (DraftReplaced(cancelled, events[-1].operation, gentler=True), *events)


def draft(
    uow: UnitOfWork, requester: Person, seen_by: Sight, policy: Policy, proposal: Proposal
) -> OperationDrafted:
    """Drafts an operation as `propose` does, and raises what it raises, but asks nobody to confirm it."""
    for record in proposal.records:
        refuse_unfit(record, seen_by, proposal.action)
        refuse_running(uow, record.ref, record.label)
    operation = Operation(
        number=uow.operations.next_number(),
        action=proposal.action,
        kind=proposal.records[0].ref.kind,
        requester=requester.id,
        targets=targets_of(proposal.action, proposal.mode, proposal.records, proposal.impact),
        created_at=uow.now,
        mode=proposal.mode,
        reason=proposal.reason,
        said=proposal.said,
        expires_at=uow.now + policy.lives.confirm_card,
        undo_of=proposal.undo_of,
    )
    uow.operations.add(operation, operation.targets.first)
    return _drafted(uow, operation, requester, policy, proposal)


def _drafted(
    uow: UnitOfWork, operation: Operation, requester: Person, policy: Policy, proposal: Proposal
) -> OperationDrafted:
    rule, term = policy.rule(operation.action), policy.retention.of(operation.action)
    first = proposal.records[0]
    return OperationDrafted(
        operation,
        proposal.impact or Impact(),
        approvers=who_may_decide(uow, rule, requester),
        votes_needed=rule.votes,
        undo_until=uow.now + term if term else None,
        owner=first.owner,
        level=first.level,
        took_delete_as_void=proposal.took_delete_as_void,
    )


def _replace_drafts(uow: UnitOfWork, newest: Operation) -> list[DraftReplaced]:
    """Cancels this person's older drafts on the same records, so that only one confirm card for them is open."""
    wanted = {target.ref for target in newest.targets.first}
    return [
        DraftReplaced(uow.operations.save(locked(uow, older.number).cancel(newest.requester)), newest)
        for older in uow.operations.drafts_of(newest.requester, MOST_DRAFTS)
        if older.number != newest.number
        and older.state is State.DRAFT
        and wanted == {target.ref for target in older.targets.first}
    ]


def targets_of(
    action: Action, mode: Mode, records: tuple[RecordState, ...], impact: Impact | None = None
) -> Targets:
    # An impact is about one record, so it says nothing about the targets of a longer list.
    only = impact if len(records) == 1 else None
    listed = tuple(sorted((_target(record, only) for record in records), key=lambda target: target.ref))
    mark = fingerprint(action, mode, ((target.ref, target.version) for target in listed))
    return Targets(len(listed), listed, mark)


def _target(record: RecordState, impact: Impact | None) -> Target:
    return Target(record.ref, record.label, record.version, record.status, facts=facts_of(record, impact))


def refuse_unfit(record: RecordState, seen_by: Sight, action: Action) -> None:
    """Raises NotFound when the person may not see the record, BadInput when its status rules the action out."""
    if not record.seen_by(seen_by):
        raise NotFound(what=record.label)
    if record.status not in allowed_from(action):
        raise BadInput(f"already_{record.status}", what=record.label)


def refuse_running(uow: UnitOfWork, ref: RecordRef, label: str) -> None:
    """Raises BadInput when another request is running on the record.

    The one that is executed first would change the record, and the votes on the other would no longer count. This
    only tells the person early: it is `Operations.save` that keeps two requests from passing at the same moment.
    """
    running = uow.operations.touching(ref, ON_ITS_WAY, limit=1)
    if running:
        raise BadInput("already_asked", what=label, operation=running[0].label)
