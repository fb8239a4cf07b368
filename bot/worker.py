"""Runs the loops that handle stored messages, operations and deliveries.

A wake is only a hint to look now; what there is to do is decided by the rows.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from time import monotonic

import structlog

from core.domain.errors import StoreUnavailable
from core.ports.store import Queue

log = structlog.get_logger(__name__)

POLL_SECONDS = 1.0
"""How often a loop looks without a wake, for work that has become due or that another process has stored."""
AWAY_SECONDS = 1.0
"""The pause after a step that failed, for instance because the database is away."""
REST = 3
"""How many times as long as its step a loop rests while callbacks come in crowds."""


Turn = Callable[[], Awaitable[int]]
"""Does some of the waiting work, and returns 0 when all that could be done is done."""
TurnOf = Callable[[int], Awaitable[int]]
"""Does at most so much of the waiting work and returns how much."""


class Loop:
    """Runs `step` again and again while it may find more work, then sleeps until a wake or the next poll."""

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
        """Waits for the running step, but cancels one that takes longer: its lease brings the work back."""
        self._stopping = True
        self._woken.set()
        if self._task is None:
            return
        with suppress(TimeoutError, asyncio.CancelledError):
            await asyncio.wait_for(self._task, seconds)

    async def _run(self) -> None:
        while not self._stopping:
            self._woken.clear()  # before the step: a wake during it must not be lost
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


def _after(give_way: Callable[[], Awaitable[int]], step: TurnOf) -> Turn:
    """Returns a turn that first lets urgent work pass, and then runs the step.

    Work that the step's own work has made possible wakes the loop, so a step that found less than it might do
    leaves nothing to look for.
    """

    async def run() -> int:
        most = await give_way()
        began = monotonic()
        done = await step(most)
        if most == 1:  # callbacks come in crowds and need the machine more
            await asyncio.sleep(REST * (monotonic() - began))
        return int(done >= most)

    return run


class Worker:
    """Holds the three loops. A commit that stores work for one of them wakes only that one."""

    def __init__(
        self,
        messages: TurnOf,
        operations: Turn,
        deliveries: TurnOf,
        give_way: Callable[[], Awaitable[int]],
    ) -> None:
        """`give_way` waits while urgent work is under way, and returns how much may then be done side by side."""
        self._loops = {
            Queue.INBOX: Loop("messages", _after(give_way, messages)),
            Queue.OPERATIONS: Loop("operations", operations),
            Queue.OUTBOX: Loop("deliveries", _after(give_way, deliveries)),
        }

    def start(self) -> None:
        for loop in reversed(self._loops.values()):
            loop.start()

    async def stop(self) -> None:
        # Messages make operations and operations make deliveries, so the loops stop in this order.
        for loop in self._loops.values():
            await loop.stop()

    def wake(self, queues: Iterable[Queue] = Queue) -> None:
        """Wakes the loops of these queues, for which this or another process has stored work."""
        for queue in queues:
            self._loops[queue].wake()
