"""What the platform told us, as a closed set of typed values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from core.domain.people import PersonId


class MediaKind(StrEnum):
    IMAGE = "image"
    FILE = "file"
    VOICE = "voice"
    VIDEO = "video"
    LOCATION = "location"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Text:
    content: str


@dataclass(frozen=True, slots=True)
class Tap:
    """A button or a submit of a card (WeCom: template_card_event)."""

    task_id: str
    key: str
    """EventKey: what we packed and signed into the button."""
    response_code: str
    """Updates the tapped card once, within 72 h."""
    selected: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """question_key → chosen option ids."""


@dataclass(frozen=True, slots=True)
class MenuClick:
    key: str


@dataclass(frozen=True, slots=True)
class Entered:
    """The person opened the chat (enter_agent)."""


@dataclass(frozen=True, slots=True)
class Joined:
    """The person came into the app's visible range (subscribe)."""


@dataclass(frozen=True, slots=True)
class Left:
    """The person left the visible range or the company (unsubscribe)."""


@dataclass(frozen=True, slots=True)
class Media:
    kind: MediaKind
    media_id: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """An event or message kind this version does not know; logged, answered 200."""

    name: str


Content = Text | Tap | MenuClick | Entered | Joined | Left | Media | Unknown


@dataclass(frozen=True, slots=True)
class Incoming:
    """One verified, decrypted callback."""

    key: str
    """Message key: the message id, or for events a hash over the whole decrypted event."""
    sender: PersonId
    sender_userid: str
    sent_at: datetime
    """CreateTime, from inside the encrypted part."""
    content: Content
    raw_hash: str
    """SHA-256 of the decrypted XML, for the log."""
