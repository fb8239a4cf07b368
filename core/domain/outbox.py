"""Messages, cards and card updates on their way to one address, stored before they are sent."""

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
    """Redraw an open copy of a card."""


class CardName(StrEnum):
    """Which card of an operation (or reminder) a copy is; part of its fixed task id."""

    PICK = "pick"  # K1
    CONFIRM = "confirm"  # K2
    SUBMITTED = "submitted"  # K5
    DECIDE = "decide"  # K6
    FINAL = "final"  # K8
    DONE = "done"  # K9, K10
    CHANGED = "changed"  # K12
    UNDONE = "undone"  # K13
    DIGEST = "digest"  # K18
    FOLLOW_UP = "follow_up"  # the action card after K18


@dataclass(frozen=True, slots=True)
class Envelope:
    """One thing to send. The body is what the platform gets, already checked and worded by `cards/`."""

    to: Address
    kind: DeliveryKind
    body: str
    """Plain text or Markdown, or the card as canonical JSON."""
    operation: int | None = None
    card: CardName | None = None
    task_id: str = ""
    """Of a card: fixed per (operation, person, card, round), so that a resend cannot double it."""
    not_before: datetime | None = None
    open: bool = True
    """For a card or update: may it still be tapped afterwards?"""


class DeliveryState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    UNDELIVERED = "undelivered"
    """It cannot get there: nobody serves the channel, or the platform says no for good; the requester is told."""


@dataclass(frozen=True, slots=True)
class Delivery:
    id: int
    envelope: Envelope
    attempts: int
    due_at: datetime
    """When it is tried next."""
    made_at: datetime
    """When it was stored; how long it has been on its way is counted from here."""
    state: DeliveryState = DeliveryState.WAITING

    def as_fresh_card(self, task_id: str) -> Envelope:
        return replace(self.envelope, kind=DeliveryKind.CARD, task_id=task_id)


@dataclass(frozen=True, slots=True)
class ReservedCode:
    """A one-use code that only this delivery may use."""

    code: str
    tried: bool
    """An earlier try of this delivery may have used it: found spent now, it was spent by us."""


class Showing(StrEnum):
    """Whether a card has reached its person."""

    SHOWN = "shown"
    ON_ITS_WAY = "on_its_way"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class CardCopy:
    """One card where it was shown, and the one-use codes that can redraw it."""

    task_id: str
    address: Address
    operation: int | None
    card: CardName
    open: bool
    card_hash: str

    @property
    def person(self) -> PersonId:
        return self.address.person
