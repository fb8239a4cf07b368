"""Draft an operation on records just read: the confirm card goes out, nothing is asked of anybody yet."""

from dataclasses import dataclass

from core.domain.actions import Action, allowed_from
from core.domain.approval.plan import who_decides
from core.domain.errors import BadInput, NotFound
from core.domain.events.requests import DraftReplaced, OperationDrafted
from core.domain.facts import facts_of
from core.domain.fingerprint import fingerprint
from core.domain.impact import Impact
from core.domain.operation.life import ON_ITS_WAY, State
from core.domain.operation.operation import Mode, Operation
from core.domain.operation.reason import Reason
from core.domain.operation.targets import Target, Targets
from core.domain.people import Person, Right, Sight
from core.domain.policy import Policy
from core.domain.prompts import Asking
from core.domain.records import RecordRef, RecordState
from core.ports.store import UnitOfWork
from core.services.operations import locked
from core.services.prompts import new_prompt

MOST_DRAFTS = 50


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
    took_delete_as_void: bool = False


def propose(
    uow: UnitOfWork, requester: Person, seen_by: Sight, policy: Policy, proposal: Proposal
) -> tuple[OperationDrafted | DraftReplaced, ...]:
    """A draft with its confirm card; an earlier draft of the same person on the same record gives way to it.

    Raises NotFound (also when not theirs to see), BadInput (wrong status, or asked already).
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
    """The same record, the gentler action: the draft of that number gives way to a new one.

    Raises NotFound, NotYours, AlreadyClosed, and what `propose` raises.
    """
    cancelled = uow.operations.save(locked(uow, number).cancel(requester.id))
    events = propose(uow, requester, seen_by, policy, proposal)
    return (DraftReplaced(cancelled, events[-1].operation), *events)


def draft(
    uow: UnitOfWork, requester: Person, seen_by: Sight, policy: Policy, proposal: Proposal
) -> OperationDrafted:
    """As `propose`, without a question to anybody. Raises as it does."""
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
        approvers=who_decides(rule, requester, uow.people.who_may(Right.APPROVE), uow.people.rights()),
        votes_needed=rule.votes,
        undo_until=uow.now + term if term else None,
        owner=first.owner,
        level=first.level,
        took_delete_as_void=proposal.took_delete_as_void,
    )


def _replace_drafts(uow: UnitOfWork, newest: Operation) -> list[DraftReplaced]:
    """One open confirm card a record."""
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
    only = impact if len(records) == 1 else None
    listed = tuple(sorted((_target(record, only) for record in records), key=lambda target: target.ref))
    mark = fingerprint(action, mode, ((target.ref, target.version) for target in listed))
    return Targets(len(listed), listed, mark)


def _target(record: RecordState, impact: Impact | None) -> Target:
    return Target(record.ref, record.label, record.version, record.status, facts=facts_of(record, impact))


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
