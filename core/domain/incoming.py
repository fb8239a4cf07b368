"""The callbacks of WeCom as a closed set of typed values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from core.domain.address import Address


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
    """A tap on a button or the submit of a card (WeCom: template_card_event)."""

    task_id: str
    key: str
    """The EventKey: what the bot packed and signed into the button."""
    response_code: str
    """A code with which the tapped card can be updated once, within 72 hours (path/94888)."""
    selected: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The ids of the chosen options, by question_key."""


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


class Standing(StrEnum):
    """How the platform treats the app."""

    THREATENED = "threatened"
    """It will be stopped unless it is used more."""
    STOPPED = "stopped"
    """It has been stopped or limited: calls are refused."""
    RUNNING = "running"


@dataclass(frozen=True, slots=True)
class AppStanding:
    """The platform reports what becomes of the app."""

    standing: Standing
    effective_at: int = 0
    """When it takes effect, in seconds since 1970; 0 when that was not said."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """An event of a kind that this version does not know; it is logged, and nobody waits for an answer."""

    name: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What a member has sent and this version cannot understand: a malformed message or tap, or a new kind."""

    why: str
    """What is odd about it, for the log."""


Content = Text | Tap | MenuClick | Entered | Joined | Left | Media | AppStanding | Unknown | Unreadable


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message or event, checked by the channel it came through."""

    key: str
    """Message key: the message id, or for events a hash over the whole event. The channels share one name space,
    so each puts its own mark before it; 80 characters at most.
    """
    address: Address
    """Who wrote it, and where: an answer goes back there."""
    sender_userid: str
    """The sender as the platform spells them."""
    sent_at: datetime
    """By the platform's clock, from the part it vouches for."""
    content: Content
    raw_hash: str
    """SHA-256 of the message as it was checked, for the log."""
