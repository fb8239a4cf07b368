"""The ports of messages that arrive and deliveries that leave, and of the channels through which they leave.

Both are stored before anything else is done with them.
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
    """A stored message that this process may handle now."""

    incoming: Incoming
    attempts: int
    """The number of claims so far, this one included."""


class Inbox(Protocol):
    """The messages that have arrived. `owner` names the process that holds the lease of a message.

    `finish`, `give_up` and `release` raise LeaseLost when another process has taken the message over.
    """

    def seal_all(self) -> int:
        """Seals the messages that wait, and returns their number."""

    def add(self, arrivals: Sequence[tuple[Incoming, str]]) -> list[bool]:
        """Stores pairs of message and callback signature.

        Returns False for each pair whose message key or signature was stored before.
        """

    def claim(self, owner: str, lease: timedelta, limit: int) -> list[Claimed]:
        """Returns the oldest unhandled message of each sender, so that one person's messages keep their order.

        The order holds over all channels together: a person has one question to answer, not one in each channel.
        """

    def finish(self, key: str, owner: str) -> None: ...
    def give_up(self, key: str, owner: str) -> None:
        """Keeps a message that fails again and again for a human, and lets the sender's next message pass."""

    def release(self, key: str, owner: str, until: datetime) -> None:
        """Gives a message back, to be tried again after `until`."""

    # keeping the table small
    def forget(self, before: datetime) -> int:
        """Deletes handled messages so old that the freshness check refuses a repeat of them anyway."""

    def empty_given_up(self, before: datetime) -> int:
        """Deletes the content of old messages that are kept for a human; the rows stay."""


class Cards(Protocol):
    """The copies of cards that people have, and the one-use codes that redraw them."""

    def copies(self, operation: int) -> list[CardCopy]:
        """Returns the open copies of an operation's cards."""

    def copy(self, task_id: str) -> CardCopy | None: ...
    def showing(self, task_id: str) -> Showing:
        """Returns how far a card has come; a fresh card that replaced it (`task_id-…`) counts as well."""

    def shown_copy(self, task_id: str) -> CardCopy | None:
        """Returns the newest copy that has reached its person; a fresh card that replaced it counts as well."""

    def tapped(self, task_id: str, response_code: str, at: datetime) -> CardCopy | None:
        """Stores the one-use code that came with a tap, and returns the copy that was tapped."""

    def close(self, task_id: str) -> None: ...

    # one-use codes
    def codes(self, task_id: str) -> int:
        """Returns how often this card can still be redrawn."""

    def use_code(self, delivery: int, task_id: str) -> ReservedCode | None:
        """Reserves the newest code that can still redraw this card for this delivery; None when there is none."""

    def free_code(self, delivery: int, task_id: str) -> None:
        """Gives a reserved code back that was certainly not used."""

    def code_failed(self, delivery: int, task_id: str) -> None:
        """Marks a reserved code that is spent or belongs to another card, so that the next one is tried."""


class Outbox(Protocol):
    """Deliveries: what is to be sent, and what became of it. `owner` names the process that holds the lease.

    The methods that end a try take the delivery as `claim` returned it, and raise LeaseLost when it was claimed
    again since, by another process or by the same.
    """

    def seal_all(self) -> int:
        """Seals the deliveries that wait, and returns their number."""

    def answer_at(self, address: Address) -> None:
        """Sends what goes home to this person in this transaction to this address instead."""

    def send(self, *envelopes: Envelope) -> None:
        """Stores deliveries. A card whose task id was stored before is not sent again."""

    # sending
    def claim(self, owner: str, lease: timedelta, limit: int, without: Collection[Channel] = ()) -> list[Delivery]:
        """Returns the oldest waiting delivery of each person in each channel, if it is due.

        So what one person is sent through one channel keeps its order. `without` lists channels that take nothing
        now.
        """

    def sent(self, delivery: Delivery, owner: str, response_code: str | None) -> None:
        """Notes that it has arrived; a card came with the code that can redraw it."""

    def undelivered(self, delivery: Delivery, owner: str, error: str) -> None: ...
    def retry(self, delivery: Delivery, owner: str, at: datetime, error: str) -> None: ...
    def put_off(self, delivery: Delivery, owner: str, at: datetime, why: str) -> None:
        """Does what `retry` does, but counts no attempt: nothing was tried, or the fault lay elsewhere."""

    def replace_card(self, delivery: Delivery, owner: str, task_id: str) -> None:
        """Turns a redraw for which no code is left into a fresh card under a new task id."""

    # keeping the tables small
    def forget(self, before: datetime) -> int:
        """Deletes what was sent, the codes of cards too old to be redrawn, and card copies of no more use."""

    def empty_undelivered(self, before: datetime) -> int:
        """Deletes the content of what never arrived; the rows stay."""

    # counting for the limits of a channel
    def sent_since(self, channel: Channel, person: PersonId, since: datetime) -> list[datetime]:
        """Returns when this person was sent messages and cards through this channel, the oldest first.

        Redraws do not count.
        """

    def sent_by_all(self, channel: Channel, since: Sequence[datetime]) -> list[int]:
        """Returns, for each moment, how much all processes sent through this channel since then.

        Messages, cards and redraws count.
        """


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to send one delivery."""

    to: Address
    userid: str
    """The user id as the company's directory spells it; the canonical id of a person the bot does not know."""
    delivery: int
    """The number of the delivery: two tries with one number send one message."""
    again: bool
    """True when an earlier try may have arrived."""


class Messenger(Protocol):
    """Sends through one channel. Sending is idempotent: a delivery is shown once, however often it is sent.

    Every method raises the errors below `PlatformError` (`core/domain/errors.py`), and ValueError for a body that
    is not what `cards/` makes.
    """

    # The messenger states its limits; the courier counts, since only the database knows of all processes.
    @property
    def person_limits(self) -> SlidingLimits:
        """The number of messages and cards that one person may get, over all processes; redraws do not count."""

    @property
    def channel_limits(self) -> SlidingLimits:
        """The number of messages, cards and redraws for all people together, over all processes."""

    async def send_text(self, attempt: Attempt, text: str) -> None: ...
    async def send_markdown(self, attempt: Attempt, text: str) -> None: ...
    async def send_card(self, attempt: Attempt, card: str, task_id: str) -> str | None:
        """Sends a card, as JSON made by `cards/`, under this task id.

        Returns the code that can redraw it once, or None. Raises TaskIdUsed when a card with this task id is there
        already, unless an earlier try of ours may have put it there: then the card has arrived, without a code.
        """

    async def redraw(self, attempt: Attempt, card: str, code: str) -> None:
        """Replaces the card that the code belongs to. Raises CodeSpent when the code was used or is too old."""
