"""The loops that do what is stored: messages, operations, deliveries. Wakes are hints; rows decide."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import monotonic

import structlog

from core.domain.errors import StoreUnavailable

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
    """The three loops, each waking those whose work it makes."""

    def __init__(
        self,
        messages: TurnOf,
        operations: Turn,
        deliveries: TurnOf,
        give_way: Turn,
    ) -> None:
        """`give_way` lets what is urgent pass first, and says how much may be done at once then."""
        self._deliveries = Loop("deliveries", _after(give_way, deliveries))
        self._operations = Loop("operations", self._then_deliver(operations))
        self._messages = Loop("messages", self._then_all(_after(give_way, messages)))

    def start(self) -> None:
        for loop in (self._deliveries, self._operations, self._messages):
            loop.start()

    async def stop(self) -> None:
        for loop in (self._messages, self._operations, self._deliveries):
            await loop.stop()

    def message_stored(self) -> None:
        self._messages.wake()

    def everything_stored(self) -> None:
        """Another process has stored something."""
        self._messages.wake()
        self.work_stored()

    def work_stored(self) -> None:
        """Something else (a job) has stored operations or deliveries."""
        self._operations.wake()
        self._deliveries.wake()

    def _then_deliver(self, step: Turn) -> Turn:
        async def run() -> int:
            done = await step()
            if done:
                self._deliveries.wake()
            return done

        return run

    def _then_all(self, step: Turn) -> Turn:
        async def run() -> int:
            done = await step()
            if done:
                self.work_stored()
            return done

        return run
