"""Puts cards and texts into envelopes. What is sent to a person goes to the home channel."""

from cards.model import Card, TextMessage, card_json
from core.domain.address import home_of
from core.domain.operation.operation import Operation
from core.domain.outbox import CardCopy, CardName, DeliveryKind, Envelope
from core.domain.people import PersonId
from core.domain.prompts import Prompt


def text_to(to: PersonId, message: TextMessage, operation: Operation | None = None) -> Envelope:
    return Envelope(
        home_of(to), DeliveryKind.TEXT, message.text, operation=operation.number if operation else None
    )


def card_to(to: PersonId, card: Card, task: str, name: CardName, operation: Operation | None = None) -> Envelope:
    return Envelope(
        home_of(to),
        DeliveryKind.CARD,
        card_json(card),
        operation=operation.number if operation else None,
        card=name,
        task_id=task,
    )


def redraw(copy: CardCopy, body: str, *, open_: bool) -> Envelope:
    """Returns an update of the card, sent where it was shown. `open_` says whether it can be tapped afterwards."""
    return Envelope(
        copy.address,
        DeliveryKind.UPDATE,
        body,
        operation=copy.operation,
        card=copy.card,
        task_id=copy.task_id,
        open=open_,
    )


# Not by `cards.keys.task_id`: such a card is about no operation, and its prompt has an id of its own.
def list_task(prompt: Prompt, name: CardName) -> str:
    """Returns the task id of a card that asks about a list. Prompt ids are random and never used twice."""
    return f"vb-{name}-{prompt.id}"
