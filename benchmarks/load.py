"""Sends HTTP requests at little cost, as the loader shares the machine with the server that is measured.

The requests are made beforehand, connections are kept alive, and no HTTP library is used.
"""

import asyncio
import re
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import quantiles

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_TICK = 0.001
"""Seconds between two looks at which requests are due."""


@dataclass
class Result:
    """The result of one run."""

    seconds: float = 0.0
    spent: list[float] = field(default_factory=list)
    """The seconds until each answer, in order of arrival."""
    refused: int = 0
    """The number of answers other than 200 and of broken connections."""

    @property
    def rate(self) -> float:
        return len(self.spent) / self.seconds

    def percentile(self, percent: int) -> float:
        """Returns a percentile of the answer times, in milliseconds."""
        return quantiles(self.spent, n=100, method="inclusive")[percent - 1] * 1000


class _Line(asyncio.Protocol):
    """One connection, which carries one request at a time."""

    def __init__(self, load: "Load") -> None:
        self._load = load
        self._buffer = b""
        self._since = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def send(self, request: bytes, since: float) -> None:
        assert self._transport is not None
        self._since = since
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        # Just enough HTTP to see that an answer is complete: its header, and Content-Length bytes after it.
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        length = _LENGTH.search(self._buffer, 0, head)
        if length is None or len(self._buffer) < head + 4 + int(length[1]):
            return
        good = self._buffer.startswith(b"HTTP/1.1 200")
        self._buffer = b""
        self._load.answered(self, self._since, good=good)

    def connection_lost(self, exc: Exception | None) -> None:
        self._load.lost()

    def close(self) -> None:
        assert self._transport is not None
        self._transport.close()


class Load:
    """Sends the given requests once, by one of the two methods below."""

    def __init__(self, requests: Sequence[bytes]) -> None:
        self._requests = requests
        self._next = 0
        self._idle: deque[_Line] = deque()
        self._due: deque[float] = deque()
        self._result = Result()
        self._until: float | None = None
        self._done = asyncio.Event()
        self._closing = False
        self._busy = 0

    async def as_fast_as_answered(self, port: int, connections: int, seconds: float) -> Result:
        """Sends requests for some seconds; each connection sends the next as soon as it has an answer."""
        await self._connect(port, connections)
        began = time.perf_counter()
        self._until = began + seconds
        for _ in range(connections):
            self._send(self._idle.popleft(), time.perf_counter())
        await asyncio.wait_for(self._done.wait(), seconds + 30)
        return self._end(began)

    async def at_rate(self, port: int, connections: int, per_second: float, seconds: float) -> Result:
        """Sends requests at a steady rate, whether or not earlier ones are answered.

        Each is timed from when it was due. A request that waits for a free connection is therefore slow, as it is
        for its sender; timing from the sending would hide that.
        """
        await self._connect(port, connections)
        began = time.perf_counter()
        count = min(int(per_second * seconds), len(self._requests))
        planned = 0
        while len(self._result.spent) + self._result.refused < count:
            now = time.perf_counter()
            while planned < count and began + planned / per_second <= now:
                self._due.append(began + planned / per_second)
                planned += 1
            while self._due and self._idle:
                self._send(self._idle.popleft(), self._due.popleft())
            await asyncio.sleep(_TICK)
            if now > began + seconds + 30:
                raise TimeoutError("the server does not keep up")
        return self._end(began)

    async def _connect(self, port: int, connections: int) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(connections):
            _, line = await loop.create_connection(lambda: _Line(self), "127.0.0.1", port)
            self._idle.append(line)

    def _send(self, line: _Line, since: float) -> None:
        request = self._requests[self._next]
        self._next += 1
        self._busy += 1
        line.send(request, since)

    def answered(self, line: _Line, since: float, *, good: bool) -> None:
        now = time.perf_counter()
        self._busy -= 1
        if good:
            self._result.spent.append(now - since)
        else:
            self._result.refused += 1
        if self._until is None:  # at_rate: the next request that is due uses this connection
            self._idle.append(line)
            if self._due:
                self._send(self._idle.popleft(), self._due.popleft())
        # as_fast_as_answered: until the time is over; then the answers that are still under way are waited for.
        elif now < self._until and self._next < len(self._requests):
            self._send(line, now)
        else:
            self._idle.append(line)
            if not self._busy:
                self._done.set()

    def lost(self) -> None:
        # A connection that we close ourselves at the end is not lost.
        if not self._closing:
            self._result.refused += 1
            self._busy -= 1

    def _end(self, began: float) -> Result:
        self._result.seconds = time.perf_counter() - began
        self._closing = True
        for line in self._idle:
            line.close()
        return self._result
