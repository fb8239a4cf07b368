"""Cards and texts into envelopes. A person without an address is written to at home."""

import json

from cards.model import Card, TextMessage, card_json
from core.domain.address import Address, home_of
from core.domain.operation.operation import Operation
from core.domain.outbox import CardCopy, CardName, DeliveryKind, Envelope
from core.domain.people import PersonId
from core.domain.prompts import Prompt


def text_to(to: PersonId | Address, message: TextMessage, operation: Operation | None = None) -> Envelope:
    return Envelope(
        _address(to), DeliveryKind.TEXT, message.text, operation=operation.number if operation else None
    )


def card_to(
    to: PersonId | Address, card: Card, task: str, name: CardName, operation: Operation | None = None
) -> Envelope:
    return Envelope(
        _address(to),
        DeliveryKind.CARD,
        card_json(card),
        operation=operation.number if operation else None,
        card=name,
        task_id=task,
    )


def redraw(copy: CardCopy, body: str, *, open_: bool) -> Envelope:
    """Goes where the card was shown. `open_`: whether the card may still be tapped afterwards."""
    return Envelope(
        copy.address,
        DeliveryKind.UPDATE,
        body,
        operation=copy.operation,
        card=copy.card,
        task_id=copy.task_id,
        open=open_,
    )


def grey_button(text: str) -> str:
    """Variant A of an update: all buttons become one grey one (path/94888)."""
    return json.dumps({"replace_name": text}, ensure_ascii=False)


def _address(to: PersonId | Address) -> Address:
    return to if isinstance(to, Address) else home_of(to)


def list_task(prompt: Prompt, name: CardName) -> str:
    """The task id of a card that asks about a list. Prompt ids are random and never used twice."""
    return f"vb-{name}-{prompt.id}"
