"""The loops that do what is stored: messages, operations, deliveries. Wakes are hints; rows decide."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from time import monotonic

import structlog

from core.domain.errors import StoreUnavailable
from core.ports.store import Queue

log = structlog.get_logger(__name__)

POLL_SECONDS = 1.0
"""How soon work shows that another process has stored, or that has become due."""
AWAY_SECONDS = 1.0
"""Pause while the database is away."""
REST = 3
"""Times as long as a step took."""


Turn = Callable[[], Awaitable[int]]
"""Does some of what is waiting; how much that was."""
TurnOf = Callable[[int], Awaitable[int]]
"""As a step, of so much at most."""


class Loop:
    """Runs `step` while it finds work; sleeps until woken or polled."""

    def __init__(self, name: str, step: Turn) -> None:
        self._name = name
        self._step = step
        self._woken = asyncio.Event()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    def wake(self) -> None:
        self._woken.set()

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name=self._name)

    async def stop(self, seconds: float = 10.0) -> None:
        """Let the step under way end; what does not end is left to its lease."""
        self._stopping = True
        self._woken.set()
        if self._task is None:
            return
        with suppress(TimeoutError, asyncio.CancelledError):
            await asyncio.wait_for(self._task, seconds)

    async def _run(self) -> None:
        while not self._stopping:
            self._woken.clear()
            if await self._safe_step():
                continue
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), POLL_SECONDS)

    async def _safe_step(self) -> int:
        try:
            return await self._step()
        except StoreUnavailable as away:
            log.warning("database_away", loop=self._name, why=str(away))
        except Exception:  # the outermost edge of a loop: it must outlive any defect
            log.exception("loop_step_failed", loop=self._name)
        await asyncio.sleep(AWAY_SECONDS)
        return 0


def _after(give_way: Turn, step: TurnOf) -> Turn:
    """Where only one may be done at once, others want the machine: a loop then rests longer than it works."""

    async def run() -> int:
        most = await give_way()
        began = monotonic()
        done = await step(most)
        if most == 1:
            await asyncio.sleep(REST * (monotonic() - began))
        return done

    return run


class Worker:
    """The three loops. A commit that stores work for one of them wakes it; the others sleep on."""

    def __init__(
        self,
        messages: TurnOf,
        operations: Turn,
        deliveries: TurnOf,
        give_way: Turn,
    ) -> None:
        """`give_way` lets what is urgent pass first, and says how much may be done at once then."""
        self._loops = {
            Queue.INBOX: Loop("messages", _after(give_way, messages)),
            Queue.OPERATIONS: Loop("operations", operations),
            Queue.OUTBOX: Loop("deliveries", _after(give_way, deliveries)),
        }

    def start(self) -> None:
        for loop in reversed(self._loops.values()):
            loop.start()

    async def stop(self) -> None:
        """In the order in which one makes work for the next."""
        for loop in self._loops.values():
            await loop.stop()

    def wake(self, queues: Iterable[Queue] = Queue) -> None:
        """Something was stored for these, by this process or another."""
        for queue in queues:
            self._loops[queue].wake()
