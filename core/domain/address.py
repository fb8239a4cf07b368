"""Where people are spoken with: the doors of the bot, and the place behind one where an answer goes."""

from dataclasses import dataclass
from typing import NewType

from core.domain.people import PersonId

Channel = NewType("Channel", str)
"""The name of a door to people, at most 32 characters. Open on purpose: a channel is added without touching this.

Stored with every message and delivery, so a name that is in use never changes.
"""

HOME = Channel("wecom_app")
"""The one channel everybody has: what is told to a person unasked goes there. The only one the domain names."""

OWN_CHAT = ""
"""The conversation of a person alone with the bot."""


@dataclass(frozen=True, slots=True)
class Address:
    """One person in one conversation of one channel."""

    channel: Channel
    person: PersonId
    conversation: str = OWN_CHAT
    """The channel's own name for it, at most 128 characters: a group, a browser window, a session."""


def home_of(person: PersonId) -> Address:
    """Where a person is told what nobody in another conversation waits for."""
    return Address(HOME, person)
