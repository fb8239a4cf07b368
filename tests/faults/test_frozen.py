"""A worker that is frozen while another takes over its work must not act when it wakes."""

import asyncio
import signal
from pathlib import Path

import pytest

from tests.faults.bots import Bot, open_launcher
from tests.faults.story import record_set, voided_once
from tests.faults.town import Place, open_place
from tests.pretend import free_port

PATIENCE = 60


async def until_frozen(bot: Bot) -> None:
    async with asyncio.timeout(PATIENCE):
        while not bot.is_frozen():
            await asyncio.sleep(0.02)


async def until_logged(place: Place, words: str) -> None:
    async with asyncio.timeout(PATIENCE):
        while words not in place.log():
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("at", ["after commit Executor._take", "after vault rename", "after commit _keep_receipt"])
async def test_a_frozen_worker_does_not_act(database_url: str, tmp_path: Path, at: str):
    """A worker frozen between taking and acting gives way when another did the work: one effect, told once."""
    async with open_launcher() as launcher, open_place(tmp_path, database_url, launcher) as place:
        town = place.town
        first = await place.start(at=at, signal="SIGSTOP")
        second = None
        try:
            before = await record_set(town)
            _, decide = await town.submits("wangmin", "作废客户 宏远科技", reason="duplicate", why="重复")
            await town.tap("liqiang", decide, "同意")
            await until_frozen(first)
            second = await place.start(port=free_port())
            await town.gets_card("wangmin", title="已作废", line="B-0001", button="撤销")
            await voided_once(place, before)

            first.send(signal.SIGCONT)
            await until_logged(place, "operation_taken_over")
            await town.finish()
            await voided_once(place, before)
            assert (await town.db.read(lambda uow: uow.audit.verify())).holds
        finally:
            for bot in (first, second):
                if bot is not None:
                    await bot.kill()
