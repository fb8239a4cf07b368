"""What a handler is given, and what it gives back."""

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
"""What a message led to, in order: what happened, and what its sender is answered."""
Transaction = Callable[[UnitOfWork], Answer]
"""What to commit: runs inside the one transaction that also ends the message's row."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What all handlers share; made once, at the start."""

    db: Transactions
    crm: LocalConnector
    policy: Policy
    keys: KeyRing
    zone: tzinfo
    language: Language
    """For people whose own is not known."""


@dataclass(frozen=True, slots=True)
class Context:
    """One message of one person."""

    desk: Desk
    incoming: Incoming
    person: Person | None
    """None: nobody the bot knows."""
    rights: frozenset[Right]
    """For what a person is told they can do; what they may is asked in `core/services/gate.py`."""
    now: datetime

    @property
    def sender(self) -> PersonId:
        return self.incoming.sender

    @property
    def me(self) -> Person:
        """The known person; routes that need a right are only reached by those."""
        assert self.person is not None
        return self.person

    @property
    def served(self) -> bool:
        """Somebody the bot does anything for."""
        return self.person is not None and bool(self.rights)

    @property
    def language(self) -> Language:
        return self.person.language if self.person else self.desk.language

    @property
    def viewer(self) -> Viewer:
        return Viewer(self.language, self.desk.zone, self.now)

    def reply(self, message: TextMessage, operation: Operation | None = None) -> Envelope:
        """To whoever wrote."""
        return text_to(self.sender, message, operation)

    def say(self, name: str, **values: object) -> Envelope:
        """As `reply`, with the text of this name in the person's language."""
        return self.reply(TextMessage(say(self.language, name, **values)))

    def send_list(self, card: Card, prompt: Prompt, name: CardName) -> Envelope:
        """To whoever wrote: a card that asks about a list."""
        return card_to(self.sender, card, list_task(prompt, name), name)


def answer(*parts: DomainEvent | Envelope) -> Transaction:
    """A transaction that reads and changes nothing."""
    return lambda _uow: parts


@dataclass(frozen=True, slots=True)
class Pressed:
    """A tap on a button of ours: signed by us, for this person, still in time."""

    key: ButtonKey
    tap: Tap

    def chosen(self) -> tuple[str, ...]:
        """Every option chosen, over all questions of the card."""
        return tuple(option for options in self.tap.selected.values() for option in options)


Handler = Callable[[Context, Any], Awaitable[Transaction]]
