"""Group commit for the inbox: callbacks that arrive while one write is under way share the next one.

An idle bot writes at once; a busy one pays for one commit per batch instead of one per callback.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from bot.channels.wecom_app.callback import Opened
from core.domain.errors import StoreUnavailable

WriteMany = Callable[[Sequence[Opened]], Awaitable[Sequence[bool]]]
"""Stores all in one transaction; for each, in order: True when it is new, False when it is a repeat.
One batch may hold the same callback twice.
"""

MAX_BATCH = 256
MAX_WAITING = 4096
"""More than this many waiting: the database cannot keep up, and WeCom is asked to come again."""

GIVE_WAY_SECONDS = 0.5
"""Other work lets callbacks pass for so long: WeCom gives up after 5 s, but a flood must not stop all else."""

CROWD = 4
CROWD_SECONDS = 0.25
"""After so many callbacks shared one write, more are expected for so long."""
AT_ONCE = 8
"""How much other work is done side by side: callbacks that arrive meanwhile wait for it, so not too much."""


_Waiting = tuple[Opened, asyncio.Future[bool]]


class InboxBatcher:
    """`store` fits `CallbackEndpoint.store`. A caller that gives up waiting does not stop the write."""

    def __init__(self, write_many: WriteMany) -> None:
        self._write_many = write_many
        self._waiting: deque[_Waiting] = deque()
        self._writer: asyncio.Task[None] | None = None
        self._closed = False
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._crowded_until = 0.0

    async def store(self, opened: Opened) -> bool:
        """True when it is new, False when it is a repeat; whatever the write raised, for the whole batch."""
        if self._closed or len(self._waiting) >= MAX_WAITING:
            raise StoreUnavailable("the inbox takes no more")
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((opened, answer))
        if self._writer is None:
            self._quiet.clear()
            self._writer = asyncio.create_task(self._write_all(), name="inbox writer")
        return await answer

    async def quiet(self) -> int:
        """Returns when no callback waits to be stored, after `GIVE_WAY_SECONDS` at the latest: how much else may
        be done at once now. Threads side by side take turns, and the next callback would wait for all of them.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(GIVE_WAY_SECONDS):
                await self._quiet.wait()
        return 1 if asyncio.get_running_loop().time() < self._crowded_until else AT_ONCE

    async def close(self) -> None:
        """Writes what is waiting and takes no more."""
        self._closed = True
        if self._writer is not None:
            await self._writer

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(MAX_BATCH, len(self._waiting)))]
                if len(batch) >= CROWD:
                    self._crowded_until = asyncio.get_running_loop().time() + CROWD_SECONDS
                await self._write(batch)
        finally:
            self._writer = None
            self._quiet.set()

    async def _write(self, batch: list[_Waiting]) -> None:
        writing = self._write_many([opened for opened, _ in batch])
        (outcome,) = await asyncio.gather(writing, return_exceptions=True)
        if len(batch) > 1 and isinstance(outcome, Exception) and not isinstance(outcome, StoreUnavailable):
            for one in batch:  # one of them cannot be stored: the others must not suffer for it
                await self._write([one])
            return
        answers: Sequence[bool | BaseException] = (
            [outcome] * len(batch) if isinstance(outcome, BaseException) else outcome
        )
        for (_, waiter), answer in zip(batch, answers, strict=True):
            if waiter.done():  # its caller gave up
                continue
            if isinstance(answer, BaseException):
                waiter.set_exception(answer)
            else:
                waiter.set_result(answer)
