"""Confirms a draft: its approvers are asked, or it is approved at once where the policy needs no vote."""

from datetime import UTC, tzinfo

from core.domain.actions import Action
from core.domain.errors import AlreadyClosed, BadInput, LimitReached, NoApprover
from core.domain.events.requests import OperationConfirmed
from core.domain.operation.operation import Operation
from core.domain.operation.reason import Reason, ReasonCode
from core.domain.people import Person
from core.domain.policy import Policy
from core.ports.store import UnitOfWork
from core.services.operations import locked
from core.services.people import who_may_decide


def confirm(
    uow: UnitOfWork, number: int, by: Person, reason: Reason | None, policy: Policy, zone: tzinfo
) -> OperationConfirmed:
    """The requester confirms a draft; without a `reason` the one given with the command counts.

    Raises NotFound, NotYours, AlreadyClosed, BadInput (no reason, asked already), LimitReached, NoApprover.
    Of two drafts on one record that are confirmed at the same moment, `Operations.save` lets only one pass.
    """
    draft = locked(uow, number)
    reason = reason or draft.reason
    confirmed = draft.confirm(by.id, reason, uow.now)
    refuse_late(uow, draft)
    if needs_words(reason):
        raise BadInput("reason_needed", operation=draft.label)
    _refuse_over_limit(uow, by, policy, zone, draft)
    return OperationConfirmed(uow.operations.save(route(uow, confirmed, by, policy)))


def route(uow: UnitOfWork, operation: Operation, requester: Person, policy: Policy) -> Operation:
    """Sends an operation to its approvers, never to its requester. Raises NoApprover when they are too few.

    The caller has locked the operation, which also keeps the people chosen here from leaving meanwhile.
    """
    rule = policy.rule(operation.action)
    approvers = who_may_decide(uow, rule, requester)
    if len(approvers) < rule.votes:
        raise NoApprover(operation=operation.label, needed=rule.votes)
    now = uow.now
    return operation.ask(
        approvers,
        rule.votes,
        # An operation that needs no vote waits for nobody, so it gets no term and no reminder.
        expires_at=now + rule.expires if rule.votes else None,
        nudge_at=now + rule.expires / 2 if rule.votes else None,
    )


def refuse_late(uow: UnitOfWork, operation: Operation) -> None:
    """Raises AlreadyClosed when the term is over, even if the job that ends the operation has not run yet."""
    if operation.expires_at is not None and operation.expires_at <= uow.now:
        raise AlreadyClosed("closed_expired", operation=operation.label)


def needs_words(reason: Reason | None) -> bool:
    """Returns whether the reason is 其他, which needs a line of text, and has no words."""
    return reason is not None and reason.code is ReasonCode.OTHER and not reason.words.strip()


def _refuse_over_limit(uow: UnitOfWork, by: Person, policy: Policy, zone: tzinfo, draft: Operation) -> None:
    # What brings data back, an undo or a restore by name, is never held up by the daily limit of changes.
    if draft.action is Action.RESTORE:
        return
    # A day begins at midnight in the company's time zone; the database stores UTC.
    today = uow.now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    done = uow.operations.confirmed_since(by.id, today.astimezone(UTC))
    if done >= policy.limits.changes_per_day:
        raise LimitReached(done=done, limit=policy.limits.changes_per_day)
