"""Events of incoming messages and of outgoing deliveries."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.domain.audit import Detail, NewEntry, Tag
from core.domain.events.event import Event
from core.domain.incoming import Standing
from core.domain.operation.operation import Operation
from core.domain.outbox import Delivery, DeliveryKind
from core.domain.people import PersonId


@dataclass(frozen=True, slots=True)
class MessageReceived(Event):
    """A message came in."""

    sender: PersonId
    kind: str
    """The class name of the content: Text, Tap, MenuClick …"""
    key: str
    raw_hash: str
    """SHA-256 of the decrypted XML, hex."""

    def entries(self) -> Iterable[NewEntry]:
        detail = {"kind": self.kind, "key": self.key, "hash": self.raw_hash}
        yield NewEntry(Tag.MESSAGE_RECEIVED, actor=self.sender, detail=detail)


@dataclass(frozen=True, slots=True)
class MessageRefused(Event):
    """The sender was answered with a refusal, and nothing else changed."""

    sender: PersonId
    why: str
    """The name of the text in the answer."""
    key: str

    def entries(self) -> Iterable[NewEntry]:
        yield NewEntry(Tag.MESSAGE_REFUSED, actor=self.sender, detail={"why": self.why, "key": self.key})


@dataclass(frozen=True, slots=True)
class UnknownEventReceived(Event):
    """WeCom sent an event of a kind that this version does not know."""

    sender: PersonId
    name: str

    def entries(self) -> Iterable[NewEntry]:
        detail = {"why": "unknown event", "name": self.name[:64]}  # a name from outside may have any length
        yield NewEntry(Tag.MESSAGE_REFUSED, actor=self.sender, detail=detail)


@dataclass(frozen=True, slots=True)
class AppStandingReported(Event):
    """The platform is about to stop the app, has stopped it, or lets it run again."""

    standing: Standing
    effective_at: int

    def entries(self) -> Iterable[NewEntry]:
        yield NewEntry(Tag.APP_STANDING, detail={"standing": self.standing, "effective_at": self.effective_at})


@dataclass(frozen=True, slots=True)
class DecisionUnseen(Event):
    """An approver wrote 同意 before the card of this round had reached them, so the words did not count."""

    voter: PersonId
    operation: Operation
    key: str
    """The key of the message with those words."""
    missed: bool
    """True when the card did not arrive and has to be sent again; False while it is still on its way."""

    def entries(self) -> Iterable[NewEntry]:
        detail: Detail = {"why": "card not shown", "key": self.key, "round": self.operation.round}
        yield NewEntry(Tag.MESSAGE_REFUSED, self.voter, operation=self.operation.number, detail=detail)


@dataclass(frozen=True, slots=True)
class DeliverySent(Event):
    """A message, a card or the redraw of a card has been delivered."""

    delivery: Delivery

    def entries(self) -> Iterable[NewEntry]:
        """Log cards and redraws only: the log must show what a person decided on, and a text decides nothing."""
        envelope = self.delivery.envelope
        if envelope.kind not in {DeliveryKind.CARD, DeliveryKind.UPDATE}:
            return ()
        # The entry of a vote on the card repeats the hash.
        detail = {
            "card": envelope.body_hash,
            "step": envelope.card,
            "task_id": envelope.task_id,
            "channel": envelope.to.channel,
        }
        return (NewEntry(Tag.CARD_SHOWN, actor=envelope.to.person, operation=envelope.operation, detail=detail),)


@dataclass(frozen=True, slots=True)
class DeliveryFailed(Event):
    """A delivery has failed for good: its person cannot be reached, and the bot has stopped trying."""

    delivery: Delivery

    def entries(self) -> Iterable[NewEntry]:
        envelope = self.delivery.envelope
        detail = {"kind": envelope.kind, "step": envelope.card, "channel": envelope.to.channel}
        yield NewEntry(Tag.CARD_UNDELIVERED, actor=envelope.to.person, operation=envelope.operation, detail=detail)
