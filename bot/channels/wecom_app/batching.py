"""Group commit for the inbox: callbacks that arrive while a write is under way share the next write.

An idle bot stores a callback at once; a busy one pays for one commit per batch instead of one per callback.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from bot.channels.wecom_app.callback import Opened
from core.domain.errors import StoreUnavailable
from core.storage.db import Database

WriteMany = Callable[[Sequence[Opened]], Awaitable[Sequence[bool]]]
"""Stores a batch in one transaction, and returns for each callback, in order, whether it is new or a repeat.

A batch may hold the same callback twice.
"""

MAX_BATCH = 256
MAX_WAITING = 4096
"""With more callbacks waiting, the database cannot keep up: further ones are refused, and WeCom repeats them."""

GIVE_WAY_SECONDS = 0.5
"""How long other work waits for callbacks: WeCom gives up after 5 s, but a flood must not stop all other work."""

CROWD = 4
"""The number of callbacks in one write from which they count as a crowd."""
CROWD_SECONDS = 0.25
"""How long after a crowd more callbacks are expected."""
AT_ONCE = 8
"""How much other work is done side by side: not too much, as callbacks that arrive meanwhile wait for it."""


def inbox_writer(db: Database) -> WriteMany:
    """Returns what stores batches before all other work, because WeCom waits only 5 s for an answer."""

    def write(batch: Sequence[Opened]) -> Awaitable[Sequence[bool]]:
        arrived = [(opened.incoming, opened.signature) for opened in batch]
        return db.run(lambda uow: uow.inbox.add(arrived), first=True)

    return write


_Waiting = tuple[Opened, asyncio.Future[bool]]


class InboxBatcher:
    """Stores callbacks in batches, one write at a time. A caller that gives up waiting does not stop the write."""

    def __init__(self, write_many: WriteMany) -> None:
        self._write_many = write_many
        self._waiting: deque[_Waiting] = deque()
        self._writer: asyncio.Task[None] | None = None
        self._closed = False
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._crowded_until = 0.0

    async def store(self, opened: Opened) -> bool:
        """Stores one callback with others. Returns True when it is new, False when it is a repeat.

        Raises what the write of its batch raises, and StoreUnavailable when too many callbacks wait.
        """
        if self._closed or len(self._waiting) >= MAX_WAITING:
            raise StoreUnavailable("the inbox takes no more")
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((opened, answer))
        if self._writer is None:
            self._quiet.clear()
            self._writer = asyncio.create_task(self._write_all(), name="inbox writer")
        return await answer

    async def quiet(self) -> int:
        """Waits until no callback is to be stored, at most `GIVE_WAY_SECONDS`.

        Returns how much other work may then be done side by side.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(GIVE_WAY_SECONDS):
                await self._quiet.wait()
        # Threads that run side by side take turns, and a callback would wait for all of them: in a crowd only one.
        return 1 if asyncio.get_running_loop().time() < self._crowded_until else AT_ONCE

    async def close(self) -> None:
        """Takes no more callbacks and stores those that wait."""
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
        (outcome,) = await asyncio.gather(writing, return_exceptions=True)  # an exception becomes the outcome
        if len(batch) > 1 and isinstance(outcome, Exception) and not isinstance(outcome, StoreUnavailable):
            for one in batch:  # a callback that cannot be stored must not keep the others from being stored
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
