"""Tells the requester that an approver cannot be reached: else the request waits for a card that nobody got."""

from cards.answering import undelivered
from core.domain.operation.life import State
from core.domain.outbox import CardName, Delivery, DeliveryKind
from core.ports.store import UnitOfWork
from notify.post import text_to


def tell_undelivered(uow: UnitOfWork, delivery: Delivery) -> None:
    """Tells the requester when the delivery was an approver's card (K6); in the transaction that gives it up."""
    envelope = delivery.envelope
    operation = uow.operations.get(envelope.operation) if envelope.operation else None
    if operation is None or envelope.kind is not DeliveryKind.CARD or envelope.card is not CardName.DECIDE:
        return
    if operation.state is not State.PENDING or envelope.to.person not in operation.approvers:
        return  # the request does not wait for this card any more
    requester = uow.people.get(operation.requester)
    missed = uow.people.get(envelope.to.person)
    if requester is None:
        return
    name = missed.name if missed else str(envelope.to.person)
    alone = len(operation.approvers) == 1
    notice = undelivered(requester.language, operation, (name,), everybody=alone)
    uow.outbox.send(text_to(requester.id, notice, operation))
