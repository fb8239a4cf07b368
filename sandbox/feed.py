"""Holds the live events for the chat page, and the logs of API calls and callbacks that tests read."""

import asyncio
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

KEPT = 2000
"""The number of events kept for pages that have lost their connection."""


@dataclass(frozen=True, slots=True)
class Event:
    """One change that the page draws; `id` is the value of `Last-Event-ID`."""

    id: int
    name: str
    data: dict[str, Any]


class Feed:
    """Numbered events. The newest are kept, so that a page that lost its connection gets what it missed."""

    def __init__(self) -> None:
        # Starts from real time, in ms. A page that is still open after our restart asks for events after a number
        # of the time before, which is then recognized as too old.
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
        """Returns the events after that id, or None when some are no longer kept and the page must load anew."""
        # A page that has seen the event before the oldest one kept has missed none that is lost.
        oldest = self._kept[0].id - 1 if self._kept else self.last_id
        if not oldest <= after <= self.last_id:
            return None
        return [event for event in self._kept if event.id > after]

    @contextmanager
    def listen(self) -> Iterator[asyncio.Queue[Event | None]]:
        """Yields a queue of coming events; a None in it ends the stream."""
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
    """A log of numbered entries, which keeps the newest 10,000."""

    entries: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=10_000))
    count: int = 0

    def add(self, **entry: Any) -> dict[str, Any]:
        self.count += 1
        line = {"id": self.count, **entry}
        self.entries.append(line)
        return line  # the caller may add to it later: a callback's result is known only after it was sent

    def after(self, number: int) -> list[dict[str, Any]]:
        return [line for line in self.entries if line["id"] > number]
