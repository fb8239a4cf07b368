"""A card shows one round of a request; once that round is over its buttons do nothing but get an answer."""

from core.domain.errors import AlreadyClosed, NotYours
from core.domain.operation.life import OPEN
from core.domain.operation.operation import Operation
from core.domain.people import PersonId
from core.ports.store import UnitOfWork
from handlers.context import Answer, Context, Pressed, Transaction


def of_this_round(context: Context, pressed: Pressed, then: Transaction) -> Transaction:
    """`then`, for a button that showed what is asked now; asked under the row lock, for every button alike.

    撤回申请 and 催一下 as well, which change no record: a tap may come late, after the same person has said
    仍要作废 to what changed, and the newer word counts. The newer card has both buttons, and words reach any
    round. 撤销 outlives nothing: what is done is never asked again, so its card showed the last round.
    """
    key = pressed.key

    def guarded(uow: UnitOfWork) -> Answer:
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
