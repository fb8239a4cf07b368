"""Refuses taps on cards of an earlier round: a card shows one round of a request, and its buttons act on it."""

from core.domain.errors import AlreadyClosed, NotYours
from core.domain.operation.life import OPEN
from core.domain.operation.operation import Operation
from core.domain.people import PersonId
from core.ports.store import UnitOfWork
from handlers.context import Answer, Context, Pressed, Transaction


def of_this_round(context: Context, pressed: Pressed, then: Transaction) -> Transaction:
    """Returns `then` with a check before it: the button must be of the request's current round.

    The check holds for 撤回申请 and 催一下 too, although they change no record. A tap may arrive late, after the
    same person has said 仍要作废 about the changed records, and then the newer answer counts. The newer card has
    both buttons, and words reach any round. 撤销 is never refused by the check: an operation that is done is never
    asked again, so its card shows the last round.
    """
    key = pressed.key

    def guarded(uow: UnitOfWork) -> Answer:
        # Locked, so that the round cannot change between this check and `then`.
        operation = uow.operations.lock(key.operation) if key.operation else None
        if operation is not None and not key.matches(operation.fingerprint, operation.round):
            raise _old_card(operation, context.sender)
        return then(uow)

    return guarded


def _old_card(operation: Operation, person: PersonId) -> AlreadyClosed | NotYours:
    if operation.state not in OPEN:
        return operation.closed()
    if person not in {operation.requester, *operation.approvers}:  # there is no newer card for this person
        return NotYours("not_approver", operation=operation.label)
    return AlreadyClosed("closed_old_card", operation=operation.label)
