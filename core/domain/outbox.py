"""Deliveries: messages, cards and card updates on their way to one address, stored before they are sent."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from core.domain.address import Address
from core.domain.people import PersonId


class DeliveryKind(StrEnum):
    TEXT = "text"
    MARKDOWN = "markdown"
    CARD = "card"
    UPDATE = "update"
    """The redraw of a card that a person already has."""


class CardName(StrEnum):
    """The cards of an operation or a reminder. The name is part of a card's fixed task id.

    K1 to K18 are the short names by which docstrings mention the cards.
    """

    PICK = "pick"  # K1
    CONFIRM = "confirm"  # K2
    SUBMITTED = "submitted"  # K5
    DECIDE = "decide"  # K6
    FINAL = "final"  # K8
    DONE = "done"  # K9, K10
    CHANGED = "changed"  # K12
    DIGEST = "digest"  # K18
    FOLLOW_UP = "follow_up"  # the action card after K18


@dataclass(frozen=True, slots=True)
class Envelope:
    """One thing to send. `cards/` has worded and checked its body, which goes to WeCom as it is."""

    to: Address
    kind: DeliveryKind
    body: str
    """Plain text, Markdown, or a card as canonical JSON."""
    operation: int | None = None
    card: CardName | None = None
    task_id: str = ""
    """A card's id, fixed by operation, person, card and round, so that sending it again makes no second card."""
    open: bool = True
    """Whether the card can still be tapped after this delivery; used for cards and updates."""

    @property
    def body_hash(self) -> str:
        """The SHA-256 of the body, hex; the log and the stored copy of a card hold the same."""
        return hashlib.sha256(self.body.encode()).hexdigest()


class DeliveryState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    UNDELIVERED = "undelivered"
    """It cannot arrive: no channel serves it, or the platform refuses for good. The requester is told."""


@dataclass(frozen=True, slots=True)
class Delivery:
    id: int
    envelope: Envelope
    attempts: int
    due_at: datetime
    """When it is tried next."""
    made_at: datetime
    """When it was stored; the time it has been on its way is counted from then."""
    state: DeliveryState = DeliveryState.WAITING

    def as_fresh_card(self, task_id: str) -> Envelope:
        return replace(self.envelope, kind=DeliveryKind.CARD, task_id=task_id)


@dataclass(frozen=True, slots=True)
class ReservedCode:
    """A one-use code that only this delivery may use."""

    code: str
    tried: bool
    """True when an earlier try of this delivery may have used the code, so that a used code means it succeeded."""


class Showing(StrEnum):
    """How far a card has come on its way to its person."""

    SHOWN = "shown"
    ON_ITS_WAY = "on_its_way"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class CardCopy:
    """One card where it was shown. The store keeps the one-use codes that can redraw it."""

    task_id: str
    address: Address
    operation: int | None
    card: CardName
    open: bool
    card_hash: str

    @property
    def person(self) -> PersonId:
        return self.address.person
