"""Messages that arrive and deliveries that leave, both stored before anything is done with them; and the channels
deliveries leave through.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from core.domain.address import Address, Channel
from core.domain.incoming import Incoming
from core.domain.limits import SlidingLimits
from core.domain.outbox import CardCopy, Delivery, Envelope, ReservedCode, Showing
from core.domain.people import PersonId


@dataclass(frozen=True, slots=True)
class Claimed:
    """A stored message this process may handle now."""

    incoming: Incoming
    attempts: int


class Inbox(Protocol):
    def add(self, arrivals: Sequence[tuple[Incoming, str]]) -> list[bool]:
        """Store (message, callback signature) pairs; False for each whose key or signature is there already."""

    def claim(self, owner: str, lease: timedelta, limit: int) -> list[Claimed]:
        """The oldest unhandled message of each sender, so that one person's messages keep their order, whichever
        channels they come through: what a person was last asked is one thing, not one a channel.
        """

    def finish(self, key: str, owner: str) -> None:
        """Raises LeaseLost when another process took it over."""

    def give_up(self, key: str, owner: str) -> None:
        """It fails again and again: keep it for a human, let the sender's next message pass."""

    def release(self, key: str, owner: str, until: datetime) -> None:
        """Not now: try again after `until`."""

    def forget(self, before: datetime) -> int:
        """Drop handled rows; the freshness check refuses what is older."""

    def empty_given_up(self, before: datetime) -> int:
        """Take the words out of what was kept for a human; that it was there stays."""


class Cards(Protocol):
    """The copies of cards that people have, and the one-use codes that redraw them."""

    def copies(self, operation: int) -> list[CardCopy]:
        """Open ones only."""

    def copy(self, task_id: str) -> CardCopy | None: ...
    def showing(self, task_id: str) -> Showing:
        """Of this card, or of a fresh one that took its place: `task_id-…`."""

    def shown_copy(self, task_id: str) -> CardCopy | None:
        """The newest of those `showing` speaks of that has reached its person."""

    def tapped(self, task_id: str, response_code: str, at: datetime) -> CardCopy | None:
        """Keep the one-use code of a tap."""

    def close(self, task_id: str) -> None: ...

    def codes(self, task_id: str) -> int:
        """How often this card can still be redrawn."""

    def use_code(self, delivery: int, task_id: str) -> ReservedCode | None:
        """The newest code that can still redraw this card, reserved for this delivery."""

    def free_code(self, delivery: int, task_id: str) -> None:
        """The reserved code was certainly not used: nothing came of the try."""

    def code_failed(self, delivery: int, task_id: str) -> None:
        """The reserved code is spent or foreign: let the next one be tried."""


class Outbox(Protocol):
    """Deliveries: what is to be sent, and what became of it."""

    def answer_at(self, address: Address) -> None:
        """In this transaction, what is sent home to this person goes to this address instead."""

    def send(self, *envelopes: Envelope) -> None: ...
    def claim(self, owner: str, lease: timedelta, limit: int, without: Collection[Channel] = ()) -> list[Delivery]:
        """The oldest waiting delivery of each person in each channel that is due: what one person is sent through
        one channel keeps its order. `without`: channels that take nothing now.
        """

    def sent(self, delivery: int, owner: str, response_code: str | None) -> None: ...
    def undelivered(self, delivery: int, owner: str, error: str) -> None: ...
    def retry(self, delivery: int, owner: str, at: datetime, error: str) -> None: ...
    def put_off(self, delivery: int, owner: str, at: datetime, why: str) -> None:
        """As `retry`, where nothing was tried, or nothing that says anything about this delivery."""

    def replace_card(self, delivery: int, owner: str, task_id: str) -> None:
        """No code is left: the delivery becomes a fresh card under a new task id."""

    def forget(self, before: datetime) -> int:
        """Drop what was sent, the codes of cards too old to be redrawn, and copies of no more use."""

    def empty_undelivered(self, before: datetime) -> int:
        """Take the words out of what never arrived; that it was there stays."""

    def sent_since(self, channel: Channel, person: PersonId, since: datetime) -> list[datetime]:
        """When this person was sent something new through this channel, the oldest first; redraws do not count."""

    def sent_by_all(self, channel: Channel, since: Sequence[datetime]) -> list[int]:
        """For each moment: messages, cards and redraws through this channel since then, by all processes."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to send one delivery."""

    to: Address
    userid: str
    """The person as the company's directory spells them; their id where the bot does not know them."""
    delivery: int
    """Its number: two tries with one number send one message."""
    again: bool
    """An earlier try may have arrived."""


class Messenger(Protocol):
    """One channel's way out. Sending is safe to repeat: the same delivery is shown once, however often it is sent.

    Every method raises the errors below `PlatformError` (`core/domain/errors.py`), and ValueError for a body that
    is not what `cards/` makes.
    """

    @property
    def person_limits(self) -> SlidingLimits:
        """Messages and cards that one person may get, counted over all processes; redraws are free."""

    @property
    def channel_limits(self) -> SlidingLimits:
        """Messages, cards and redraws for all people together, counted over all processes."""

    async def send_text(self, attempt: Attempt, text: str) -> None: ...
    async def send_markdown(self, attempt: Attempt, text: str) -> None: ...
    async def send_card(self, attempt: Attempt, card: str, task_id: str) -> str | None:
        """A card (JSON as `cards/` words it) under this task id; answers the code that redraws it once, if any.

        Raises TaskIdUsed when a card with this task id is there already, unless an earlier try of ours may have
        put it there: then it has arrived, and there is no code.
        """

    async def redraw(self, attempt: Attempt, card: str, code: str) -> None:
        """The card this code belongs to becomes this one. Raises CodeSpent when the code is used or too old."""
