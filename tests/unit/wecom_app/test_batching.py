"""Group commit of callbacks: which share a write, what each caller is answered, what a failure does."""

import asyncio
from collections.abc import Sequence

import pytest

from bot.channels.wecom_app import batching
from bot.channels.wecom_app.batching import InboxBatcher
from bot.channels.wecom_app.callback import CallbackDoor, Opened
from core.domain.errors import StoreUnavailable
from tests.wecom import NOW, WeComSide

SIDE = WeComSide()
DOOR = CallbackDoor(SIDE.token, SIDE.aes_key, SIDE.corp_id, SIDE.agent_id)


def opened(number: int) -> Opened:
    return DOOR.open(*SIDE.post(SIDE.text_xml(message_id=str(number))), NOW)


class Inbox:
    """A store that remembers its batches and lets a test hold a write open."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.error: Exception | None = None

    async def write_many(self, batch: Sequence[Opened]) -> list[bool]:
        seen = {key for earlier in self.batches for key in earlier}
        keys = [one.incoming.key for one in batch]
        self.batches.append(keys)
        await self.gate.wait()
        if self.error:
            raise self.error
        return [key not in seen and key not in keys[:position] for position, key in enumerate(keys)]


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_an_idle_batcher_writes_each_callback_at_once():
    """A callback that arrives alone is written at once, without a wait for others."""
    inbox = Inbox()
    batcher = InboxBatcher(inbox.write_many)

    assert await batcher.store(opened(1)) is True
    assert await batcher.store(opened(2)) is True
    assert await batcher.store(opened(1)) is False
    assert inbox.batches == [["m:1"], ["m:2"], ["m:1"]]


async def test_callbacks_that_arrive_during_a_write_share_the_next():
    """Ten callbacks behind a slow commit cost one more commit, and each gets its own answer."""
    inbox = Inbox()
    inbox.gate.clear()
    batcher = InboxBatcher(inbox.write_many)
    first = asyncio.create_task(batcher.store(opened(0)))
    await settled()
    rest = [asyncio.create_task(batcher.store(opened(number % 9))) for number in range(1, 11)]
    await settled()
    inbox.gate.set()

    assert await first is True
    assert [await one for one in rest] == [True] * 8 + [False, False]
    assert [len(batch) for batch in inbox.batches] == [1, 10]


async def test_a_batch_has_a_largest_size(monkeypatch):
    """A flood is written in bounded transactions, in order of arrival."""
    monkeypatch.setattr(batching, "MAX_BATCH", 4)
    inbox = Inbox()
    batcher = InboxBatcher(inbox.write_many)
    await asyncio.gather(*(batcher.store(opened(number)) for number in range(10)))

    assert [len(batch) for batch in inbox.batches] == [4, 4, 2]
    assert sum(inbox.batches, []) == [f"m:{number}" for number in range(10)]  # noqa: RUF017


async def test_too_many_waiting_are_sent_away(monkeypatch):
    """When the database cannot keep up, callbacks are refused for WeCom to repeat: memory does not grow."""
    monkeypatch.setattr(batching, "MAX_WAITING", 3)
    inbox = Inbox()
    inbox.gate.clear()
    batcher = InboxBatcher(inbox.write_many)
    kept = [asyncio.create_task(batcher.store(opened(0)))]
    await settled()
    kept += [asyncio.create_task(batcher.store(opened(number))) for number in (1, 2, 3)]
    await settled()

    with pytest.raises(StoreUnavailable):
        await batcher.store(opened(4))
    inbox.gate.set()
    assert await asyncio.gather(*kept) == [True] * 4


async def test_a_failed_write_reaches_everybody_in_it_and_nobody_else():
    """A failed write fails all callers of its batch; the next batch is written normally."""
    inbox = Inbox()
    inbox.error = StoreUnavailable("locked")
    batcher = InboxBatcher(inbox.write_many)
    answers = await asyncio.gather(*(batcher.store(opened(n)) for n in (1, 2)), return_exceptions=True)
    inbox.error = None

    assert answers == [inbox.error or answers[0]] * 2
    assert isinstance(answers[0], StoreUnavailable)
    assert await batcher.store(opened(3)) is True


async def test_a_caller_that_gives_up_does_not_stop_the_write():
    """A request cut off by its deadline is still stored; WeCom's retry then finds its row."""
    inbox = Inbox()
    inbox.gate.clear()
    batcher = InboxBatcher(inbox.write_many)
    hurried = asyncio.create_task(batcher.store(opened(1)))
    patient = asyncio.create_task(batcher.store(opened(2)))
    await settled()
    hurried.cancel()
    await settled()
    inbox.gate.set()

    assert await patient is True
    assert inbox.batches == [["m:1", "m:2"]]


async def test_closing_writes_what_waits_and_takes_no_more():
    """A shutdown still stores every callback that was accepted."""
    inbox = Inbox()
    inbox.gate.clear()
    batcher = InboxBatcher(inbox.write_many)
    waiting = [asyncio.create_task(batcher.store(opened(number))) for number in (1, 2)]
    await settled()
    closing = asyncio.create_task(batcher.close())
    await settled()
    with pytest.raises(StoreUnavailable):
        await batcher.store(opened(3))
    inbox.gate.set()
    await closing

    assert await asyncio.gather(*waiting) == [True, True]


async def test_closing_an_idle_batcher_returns():
    """A batcher that has stored nothing closes at once."""
    inbox = Inbox()
    await InboxBatcher(inbox.write_many).close()

    assert inbox.batches == []


async def test_a_crowd_of_callbacks_makes_other_work_go_one_by_one(monkeypatch):
    """While callbacks come in crowds, other work is done one piece at a time; a little later as before."""
    monkeypatch.setattr(batching, "CROWD_SECONDS", 600.0)
    inbox = Inbox()
    batcher = InboxBatcher(inbox.write_many)
    assert await batcher.quiet() == batching.AT_ONCE

    inbox.gate.clear()
    crowd = [asyncio.create_task(batcher.store(opened(number))) for number in range(batching.CROWD + 1)]
    await settled()
    inbox.gate.set()
    await asyncio.gather(*crowd)
    assert await batcher.quiet() == 1

    monkeypatch.setattr(batching, "CROWD_SECONDS", 0.0)  # the next crowd is over at once
    inbox.gate.clear()
    crowd = [asyncio.create_task(batcher.store(opened(number))) for number in range(10, 10 + batching.CROWD + 1)]
    await settled()
    inbox.gate.set()
    await asyncio.gather(*crowd)
    assert await batcher.quiet() == batching.AT_ONCE


async def test_one_that_cannot_be_stored_troubles_nobody_else():
    """A callback that the database refuses fails alone; the others of its batch are stored."""
    inbox = Inbox()

    async def picky(batch: Sequence[Opened]) -> list[bool]:
        if any(one.incoming.key == "m:2" for one in batch):
            raise ValueError("too long")
        return await inbox.write_many(batch)

    batcher = InboxBatcher(picky)
    answers = await asyncio.gather(
        *(batcher.store(opened(number)) for number in (1, 2, 3)), return_exceptions=True
    )
    assert [type(one) for one in answers] == [bool, ValueError, bool]
    assert inbox.batches == [["m:1"], ["m:3"]]
