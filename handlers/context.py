"""What a handler is given, and what it gives back."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from cards.keys import ButtonKey, KeyRing
from cards.views import Viewer
from core.domain.incoming import Incoming, Tap
from core.domain.people import Language, Person, PersonId, Right
from core.domain.policy import Policy
from core.ports.crm import LocalConnector
from core.ports.store import Transactions, UnitOfWork
from notify.requests import Announcer

Work = Callable[[UnitOfWork], None]
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
    announcer: Announcer


@dataclass(frozen=True, slots=True)
class Context:
    """One message of one person."""

    desk: Desk
    incoming: Incoming
    person: Person | None
    """None: nobody the bot knows."""
    rights: frozenset[Right]
    """For what a person is told they can do; what they may is asked in `bot/dispatch.py`."""
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

    def viewer_for(self, person: Person) -> Viewer:
        return Viewer(person.language, self.desk.zone, self.now)


@dataclass(frozen=True, slots=True)
class Pressed:
    """A tap on a button of ours: signed by us, for this person, still in time."""

    key: ButtonKey
    tap: Tap

    def chosen(self) -> tuple[str, ...]:
        """Every option chosen, over all questions of the card."""
        return tuple(option for options in self.tap.selected.values() for option in options)


Handler = Callable[[Context, Any], Awaitable[Work]]
