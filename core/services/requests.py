"""The other things that a requester can do with an own operation: cancel, withdraw, push, run, ask again."""

from core.domain.errors import LimitReached
from core.domain.events.requests import (
    ApproversNudged,
    OperationAskedAgain,
    OperationCancelled,
    OperationRunAsked,
    OperationWithdrawn,
)
from core.domain.impact import Impact
from core.domain.operation.life import State
from core.domain.operation.operation import Operation
from core.domain.people import Person, Sight
from core.domain.policy import Policy
from core.domain.records import RecordState
from core.ports.store import UnitOfWork
from core.services.confirming import refuse_late, route
from core.services.operations import locked
from core.services.proposing import refuse_unfit, targets_of


def cancel(uow: UnitOfWork, number: int, by: Person) -> OperationCancelled:
    """Cancels a draft. Raises NotFound, NotYours, AlreadyClosed."""
    return OperationCancelled(uow.operations.save(locked(uow, number).cancel(by.id)))


def withdraw(uow: UnitOfWork, number: int, by: Person) -> OperationWithdrawn:
    """Withdraws a request, as long as no worker has begun. Raises NotFound, NotYours, AlreadyClosed."""
    return OperationWithdrawn(uow.operations.save(locked(uow, number).withdraw(by.id)))


def run(uow: UnitOfWork, number: int, by: Person) -> OperationRunAsked:
    """Gives the final confirmation (执行). Raises NotFound, NotYours, AlreadyClosed."""
    operation = locked(uow, number)
    approved = operation.run(by.id)
    refuse_late(uow, operation)
    return OperationRunAsked(uow.operations.save(approved))


def push(uow: UnitOfWork, number: int, by: Person, policy: Policy) -> ApproversNudged:
    """Reminds the approvers by hand (催一下).

    Raises NotFound, NotYours, AlreadyClosed, LimitReached (reminded a short while ago).
    """
    operation = locked(uow, number)
    pushed = operation.push(by.id, uow.now)
    last = operation.pushed_at
    if last is not None and uow.now - last < policy.limits.nudge_every:
        raise LimitReached("pushed_lately", operation=operation.label, at=operation.pushed_at)
    return ApproversNudged(uow.operations.save(pushed), by_hand=True)


def ask_again(
    uow: UnitOfWork,
    number: int,
    by: Person,
    seen_by: Sight,
    records: tuple[RecordState, ...],
    policy: Policy,
    impact: Impact | None = None,
) -> OperationAskedAgain:
    """Asks again about records that have changed: with a new fingerprint, in a new round, without votes.

    Raises NotFound (also for a record that this person may not see), NotYours, AlreadyClosed, BadInput (wrong
    status), NoApprover.
    """
    operation = locked(uow, number)
    refuse_late(uow, operation)
    for record in records:
        refuse_unfit(record, seen_by, operation.action)
    again = operation.ask_again(by.id, targets_of(operation.action, operation.mode, records, impact))
    # Before `save`, which takes the records that are listed by then.
    uow.operations.replace_targets(number, again.targets.first)
    return OperationAskedAgain(uow.operations.save(route(uow, again, by, policy)))


def latest_own(uow: UnitOfWork, by: Person, states: frozenset[State]) -> Operation | None:
    """Returns what words without a number mean: the newest own operation in these states that has a way back."""
    mine = uow.operations.of_requester(by.id, 50)
    return next((found for found in mine if found.state in states and _has_a_way_back(found)), None)


def _has_a_way_back(operation: Operation) -> bool:
    """Returns whether the operation can be taken back. A finished 恢复 or 撤销 cannot: it has no term for that."""
    return operation.finished_at is None or operation.undo_until is not None
