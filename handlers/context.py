"""The arguments and the result of a handler."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from cards.keys import ButtonKey, KeyRing
from cards.model import Card, TextMessage
from cards.texts.say import say
from cards.views import Viewer
from core.domain.events.domain_event import DomainEvent
from core.domain.incoming import Incoming, Tap
from core.domain.operation.operation import Operation
from core.domain.outbox import CardName, Envelope
from core.domain.people import Language, Person, PersonId, Right
from core.domain.policy import Policy
from core.domain.prompts import Prompt
from core.ports.crm import LocalConnector
from core.ports.store import Transactions, UnitOfWork
from notify.post import card_to, list_task, text_to

Answer = Sequence[DomainEvent | Envelope]
"""What a message has led to, in order: the events, and the answers to its sender as envelopes."""
Transaction = Callable[[UnitOfWork], Answer]
"""The part of a handler that changes data. It runs in the one transaction that also ends the message's inbox row.

So a handler cannot commit by itself, and what it reads before may be old by then (docs/decisions/0005).
"""


@dataclass(frozen=True, slots=True)
class Desk:
    """What all handlers share; it is made once, at the start."""

    db: Transactions
    crm: LocalConnector
    policy: Policy
    keys: KeyRing
    zone: tzinfo
    language: Language
    """The language for people whose own is not known."""


@dataclass(frozen=True, slots=True)
class Context:
    """One message, with its sender and the moment of handling."""

    desk: Desk
    incoming: Incoming
    person: Person | None
    """The sender; None for a stranger and for somebody who has left."""
    rights: frozenset[Right]
    """The rights of the sender, for greetings and help. Handlers do not decide by them: the gate does."""
    now: datetime
    asked: Prompt | None = None
    """The question of the bot that waits for a line of the sender; None for a message without words."""

    @property
    def sender(self) -> PersonId:
        return self.incoming.address.person

    @property
    def me(self) -> Person:
        """The sender, who is known wherever a route needs a right: the gate has turned strangers away."""
        assert self.person is not None
        return self.person

    @property
    def served(self) -> bool:
        """True when the bot does anything for the sender."""
        return self.person is not None and bool(self.rights)

    @property
    def language(self) -> Language:
        return self.person.language if self.person else self.desk.language

    @property
    def viewer(self) -> Viewer:
        return Viewer(self.language, self.desk.zone, self.now)

    def reply(self, message: TextMessage, operation: Operation | None = None) -> Envelope:
        """Returns a text to the sender."""
        # To the person: `Outbox.answer_at` sends it to where the message came from.
        return text_to(self.sender, message, operation)

    def say(self, name: str, **values: object) -> Envelope:
        """Returns the text of this name to the sender, in the sender's language."""
        return self.reply(TextMessage(say(self.language, name, **values)))

    def send_list(self, card: Card, prompt: Prompt, name: CardName) -> Envelope:
        """Returns a card to the sender that asks about a list."""
        return card_to(self.sender, card, list_task(prompt, name), name)


def answer(*parts: DomainEvent | Envelope) -> Transaction:
    """Returns a transaction that only answers: it reads and changes nothing."""
    return lambda _uow: parts


@dataclass(frozen=True, slots=True)
class Pressed:
    """A tap whose button key holds: the bot signed it for this person, and it has not expired."""

    key: ButtonKey
    tap: Tap
    operation: Operation | None = None
    """The operation of the card as it was when the gate was asked; None when the right does not depend on it."""

    def chosen(self) -> tuple[str, ...]:
        """Returns the ids of the options chosen, over all questions of the card."""
        return tuple(option for options in self.tap.selected.values() for option in options)


# `Any`, because each handler takes the type that its route is on; `Route` pairs the two.
Handler = Callable[[Context, Any], Awaitable[Transaction]]
