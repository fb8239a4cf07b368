"""Holds the whole state of the pretend WeCom in memory. Only one event loop uses it, so it needs no locks."""

import asyncio
import itertools
import secrets
import time
from dataclasses import dataclass
from typing import Any

from sandbox.access import Access
from sandbox.card_rules import Check
from sandbox.chat import Chats, Message, Sent
from sandbox.clock import WorldClock
from sandbox.faults import Faults
from sandbox.feed import Feed, Log
from sandbox.people import People
from sandbox.settings import Settings


@dataclass(slots=True)
class Media:
    """One uploaded or made-up file; `created_at` is in the world's time."""

    media_id: str
    kind: str
    file_name: str
    content_type: str
    data: bytes
    created_at: int


class World:
    """One corp with one app.

    `address` is where the sandbox itself listens. `clock_moves` counts how often the clock was moved, and
    `moves_bot_saw` how many of these moves the bot has seen in a Date header.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.doubts = settings.doubts
        self.clock = WorldClock(settings.clock_file)
        self.access = Access(settings, self.clock)
        self.feed = Feed()
        # The bot remembers message ids over our restarts, so they start from real time: milliseconds, with room
        # for a million ids in each.
        self._msg_ids = itertools.count(time.time_ns() // 1_000_000 << 20)
        self.bot_seen_at = 0.0
        self.bot_asked = asyncio.Condition()
        self.clock_moves = 0
        self.address = f"http://{settings.host}:{settings.port}"
        self.moves_bot_saw = 0
        self.reset()

    def reset(self) -> None:
        """Empties the world, but keeps tokens, settings and the clock."""
        self.access.forget()
        self.people = People(self.settings.roles_file)
        self.chats = Chats()
        self.faults = Faults()
        self.calls = Log()
        self.callbacks = Log()
        self.sent: dict[str, Sent] = {}
        self.tasks: dict[str, Sent] = {}
        self.repeats: dict[str, tuple[float, dict[str, Any]]] = {}
        self.media: dict[str, Media] = {}
        self.menu: dict[str, Any] | None = None
        self.feed.tell("reset", {})

    def check(self, *, updating: bool) -> Check:
        return Check(updating, self.doubts.action_menu_max)

    def new_msg_id(self) -> str:
        """Returns a 64-bit number as text that is never used again, not even after a restart."""
        return str(next(self._msg_ids))

    def add_media(self, kind: str, file_name: str, content_type: str, data: bytes) -> Media:
        media = Media(secrets.token_urlsafe(48), kind, file_name, content_type, data, self.clock.unix())
        self.media[media.media_id] = media
        return media

    def live_media(self, media_id: object) -> Media | None:
        """Returns the file, or None when it is unknown or older than three days."""
        media = self.media.get(media_id) if isinstance(media_id, str) else None
        if media is None or media.created_at + self.settings.media_life <= self.clock.now():
            return None
        return media

    def show(self, message: Message) -> None:
        """Tells the page that this message is new or changed."""
        self.feed.tell("message", message.as_json())

    def advance(self, seconds: float) -> int:
        self.clock.advance(seconds)
        self.clock_moves += 1
        self.feed.tell("clock", {"now": self.clock.unix()})
        return self.clock.unix()
