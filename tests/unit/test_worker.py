"""The loops let urgent work pass, survive defects and waits, and are woken by stored work."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from bot import worker
from bot.worker import Worker
from core.domain.errors import StoreUnavailable
from core.ports.store import Queue


class Stage:
    """Counts what each loop is asked to do; `outcomes` are played one after another, then there is no work."""

    def __init__(self, at_once: int = 8) -> None:
        self.at_once = at_once
        self.asked: list[tuple[str, int]] = []
        self.outcomes: dict[str, list[int | Exception]] = {}
        self.worker = Worker(self.step("messages"), self.operations, self.step("deliveries"), self.give_way)

    def step(self, name: str) -> Callable[[int], Awaitable[int]]:
        async def run(most: int) -> int:
            self.asked.append((name, most))
            left = self.outcomes.get(name, [])
            outcome = left.pop(0) if left else 0
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        return run

    async def operations(self) -> int:
        return await self.step("operations")(0)

    async def give_way(self) -> int:
        return self.at_once

    async def until(self, name: str, times: int) -> None:
        async with asyncio.timeout(10):
            while [asked for asked, _ in self.asked].count(name) < times:
                await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sets polls so far apart that only wakes count, and short pauses after trouble."""
    monkeypatch.setattr(worker, "POLL_SECONDS", 60.0)
    monkeypatch.setattr(worker, "AWAY_SECONDS", 0.0)


async def test_what_is_stored_wakes_the_loop_that_works_on_it():
    """A wake starts the loop of its queue without waiting for the next poll, and no other loop."""
    stage = Stage()
    stage.worker.start()
    await stage.until("messages", 1)
    stage.worker.wake({Queue.OPERATIONS, Queue.OUTBOX})
    await stage.until("operations", 2)
    await stage.until("deliveries", 2)
    await stage.worker.stop()
    assert [name for name, _ in stage.asked].count("messages") == 1


@pytest.mark.parametrize("trouble", [StoreUnavailable("away"), ValueError("a defect")], ids=["away", "defect"])
async def test_a_loop_outlives_trouble(trouble, monkeypatch: pytest.MonkeyPatch):
    """A database that is away, or a defect, costs one step and not the loop."""
    monkeypatch.setattr(worker, "POLL_SECONDS", 0.0)
    stage = Stage()
    stage.outcomes["messages"] = [trouble, 1, 1]
    stage.worker.start()
    stage.worker.wake()
    await stage.until("messages", 2)
    await stage.worker.stop()


async def test_as_many_at_once_as_there_is_room_for():
    """Messages and deliveries take as much as they are told; executing operations does not wait for callbacks."""
    stage = Stage(at_once=5)
    stage.worker.start()
    await stage.until("messages", 1)
    await stage.until("deliveries", 1)
    await stage.worker.stop()
    assert {asked for asked in stage.asked if asked[0] != "operations"} == {("messages", 5), ("deliveries", 5)}


async def test_a_loop_that_others_wait_for_rests_longer_than_it_works(monkeypatch: pytest.MonkeyPatch):
    """A step of two seconds in a crowd is followed by six of rest; without a crowd by none."""
    rests: list[float] = []
    slept = asyncio.sleep

    async def sleep(seconds: float) -> None:
        if seconds:
            rests.append(seconds)
        await slept(0)

    clock = iter(range(0, 10_000, 2))
    monkeypatch.setattr(worker, "monotonic", lambda: next(clock))
    monkeypatch.setattr("bot.worker.asyncio.sleep", sleep)
    for at_once in (1, 8):
        stage = Stage(at_once)
        stage.worker.start()
        await stage.until("messages", 1)
        await stage.until("deliveries", 1)
        await stage.worker.stop()
    assert rests == [6, 6]
