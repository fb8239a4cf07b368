"""The requester stands by a draft: it is routed to those who decide, or approved where nobody needs to."""

from datetime import UTC, tzinfo

from core.domain.approval.plan import who_decides
from core.domain.errors import AlreadyClosed, BadInput, LimitReached, NoApprover
from core.domain.events.requests import OperationConfirmed
from core.domain.operation.life import State
from core.domain.operation.operation import Mode, Operation
from core.domain.operation.reason import Reason, ReasonCode
from core.domain.people import Person, Right
from core.domain.policy import Policy
from core.ports.store import UnitOfWork
from core.services.operations import locked


def confirm(
    uow: UnitOfWork, number: int, by: Person, reason: Reason | None, policy: Policy, zone: tzinfo
) -> OperationConfirmed:
    """Raises NotFound, NotYours, AlreadyClosed, BadInput (no reason, asked already), LimitReached, NoApprover.

    Two drafts on one record may have been out at once: the store lets one of them pass.
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
    """Find those who decide; never the requester. Locked, so nobody leaves meanwhile. Raises NoApprover."""
    rule = policy.rule(operation.action)
    approvers = who_decides(rule, requester, uow.people.who_may(Right.APPROVE), uow.people.rights())
    if len(approvers) < rule.votes:
        raise NoApprover(operation=operation.label, needed=rule.votes)
    now = uow.now
    return operation.ask(
        approvers,
        rule.votes,
        expires_at=now + rule.expires if rule.votes else None,
        nudge_at=now + rule.expires / 2 if rule.votes else None,
    )


def refuse_late(uow: UnitOfWork, operation: Operation) -> None:
    """A tap after the term changes nothing, even when the job that ends the operation has not come round yet."""
    if operation.expires_at is not None and operation.expires_at <= uow.now:
        raise AlreadyClosed("closed_expired", operation=operation.label)


def needs_words(reason: Reason | None) -> bool:
    """其他 needs a line of text."""
    return reason is not None and reason.code is ReasonCode.OTHER and not reason.words.strip()


def _refuse_over_limit(uow: UnitOfWork, by: Person, policy: Policy, zone: tzinfo, draft: Operation) -> None:
    if draft.mode is Mode.UNDO or draft.state is not State.DRAFT:
        return
    today = uow.now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    done = uow.operations.confirmed_since(by.id, today.astimezone(UTC))
    if done >= policy.limits.changes_per_day:
        raise LimitReached(done=done, limit=policy.limits.changes_per_day)
