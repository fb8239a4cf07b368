"""What the chat page hears live, and the log of API calls and callbacks that tests read."""

import asyncio
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

KEPT = 2000


@dataclass(frozen=True, slots=True)
class Event:
    """One thing the page redraws; `id` is what `Last-Event-ID` names."""

    id: int
    name: str
    data: dict[str, Any]


class Feed:
    """Numbered events with a memory, so that a page that lost the line gets what it missed."""

    def __init__(self) -> None:
        # From real time, in ms: a page that outlived our restart asks after a number we know to be too old.
        self.last_id = time.time_ns() // 1_000_000
        self._kept: deque[Event] = deque(maxlen=KEPT)
        self._listeners: set[asyncio.Queue[Event | None]] = set()

    def tell(self, name: str, data: dict[str, Any]) -> None:
        self.last_id += 1
        event = Event(self.last_id, name, data)
        self._kept.append(event)
        for listener in self._listeners:
            listener.put_nowait(event)

    def missed(self, after: int) -> list[Event] | None:
        """Events after that id, or None when they are no longer all remembered (the page must load anew)."""
        oldest = self._kept[0].id - 1 if self._kept else self.last_id
        if not oldest <= after <= self.last_id:
            return None
        return [event for event in self._kept if event.id > after]

    @contextmanager
    def listen(self) -> Iterator[asyncio.Queue[Event | None]]:
        """A queue of coming events; None in it means that the stream ends."""
        queue: asyncio.Queue[Event | None] = asyncio.Queue()
        self._listeners.add(queue)
        try:
            yield queue
        finally:
            self._listeners.discard(queue)

    def close(self) -> None:
        for listener in self._listeners:
            listener.put_nowait(None)


@dataclass(slots=True)
class Log:
    """Numbered dicts, the oldest dropped beyond 10,000."""

    entries: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=10_000))
    count: int = 0

    def add(self, **entry: Any) -> dict[str, Any]:
        self.count += 1
        line = {"id": self.count, **entry}
        self.entries.append(line)
        return line

    def after(self, number: int) -> list[dict[str, Any]]:
        return [line for line in self.entries if line["id"] > number]
