"""The same handlers behind another door: a channel made of memory stands beside the app, and works the same."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from bot.app import PARTS
from tests.memory import MEMORY, MemoryDoor, MemoryMessenger, Shown
from tests.pretend import free_port, open_wecom
from tests.scenario.settling import now, open_bot, settle_in, town_settings
from tests.scenario.town import Town
from tests.scenario.weather import log_holds


@dataclass
class House:
    """A town with two doors: everybody has the app, 王敏 also writes through memory."""

    town: Town
    memory: MemoryDoor

    async def card(self, *words: str) -> Shown:
        """The one card in the memory channel that shows all these words, once nothing is on its way any more."""
        await self.town.settled()
        (found,) = self.memory.cards(*words)
        return found


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    bot_port, messenger = free_port(), MemoryMessenger()
    async with AsyncExitStack() as stack:
        wecom = await stack.enter_async_context(open_wecom(tmp_path, bot_port))
        settings = town_settings(tmp_path, database_url, wecom)
        app, bot = await stack.enter_async_context(open_bot(settings, bot_port, messengers={MEMORY: messenger}))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        parts = app[PARTS]
        await parts.db.run(lambda uow: settle_in(uow.connection, now()))
        town = Town(wecom, bot, http, parts.db, settings)
        yield House(town, MemoryDoor(messenger, parts.db, "wangmin", parts.worker.wake))


async def test_what_comes_through_another_door_is_done_all_the_same(house: House) -> None:
    """In words through the memory channel 王敏 gets what she would get through the app; 李强 decides at home."""
    town, memory = house.town, house.memory
    for words in ("作废客户 宏远科技", "确认", "重复"):
        await memory.say(words)
        await town.settled()
    decide = await town.gets_card("liqiang", line=("宏远科技", "重复"), button=("同意", "驳回"))
    await town.tap("liqiang", decide, "同意")
    await town.becomes("liqiang", decide, grey="已执行")
    assert await town.status("C1024") == "voided"
    await log_holds(town)


async def test_an_answer_comes_back_where_the_message_came_from(house: House) -> None:
    """王敏 asks, confirms and looks up through memory and hears there; what nobody waits for there goes home."""
    town, memory = house.town, house.memory
    await memory.say("作废客户 宏远科技")
    confirm = await house.card("确认作废", "宏远科技", "李强")
    await memory.tap(confirm, "确认作废", reason="duplicate")
    submitted = await house.card("撤回申请")
    assert "已提交 #0001" in str(confirm.card)
    await memory.say("我的申请")
    await memory.say("请把天气改好")
    await town.settled()
    assert (len(memory.texts()), "#0001" in memory.texts()[0]) == (2, True)
    assert await town.chat("wangmin") == []

    await town.tap("liqiang", await town.gets_card("liqiang", line="宏远科技", button=("同意", "驳回")), "同意")
    await town.gets_card("wangmin", title="已作废", button="撤销")
    await town.settled()
    assert {one.task_id for one in memory.cards("已执行")} == {confirm.task_id, submitted.task_id}
    assert await town.status("C1024") == "voided"
    await log_holds(town)


async def test_two_conversations_of_one_person_are_kept_apart(house: House) -> None:
    """What is asked in a group is answered in the group, what is asked alone is answered alone."""
    alone, memory = house.memory, house.memory.messenger
    group = MemoryDoor(memory, alone.db, "wangmin", alone.stored, conversation="sales")
    await group.say("查 宏远科技")
    await alone.say("查 蓝天贸易")
    await house.town.settled()
    told: Callable[[MemoryDoor], bool] = lambda door: len(door.texts()) == 1  # noqa: E731
    assert (told(group), told(alone)) == (True, True)
    assert "C1024" in group.texts()[0]
