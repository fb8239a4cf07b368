"""The same handlers behind another door: a channel made of memory stands beside the app, and works the same."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.domain.operation.life import State
from tests.scenario.listening import Message, look
from tests.scenario.memory_door import House, MemoryDoor, open_house
from tests.scenario.test_changed_meanwhile import edited
from tests.scenario.weather import log_holds


@pytest.fixture
async def house(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[House]:
    failed_before = request.session.testsfailed
    async with open_house(database_url, tmp_path) as place:
        yield place
        if request.session.testsfailed == failed_before:  # a failed story would only fail here once more
            await place.finish()


async def proposes(door: MemoryDoor, words: str) -> Message:
    """Asks for a void, and gets the card to confirm it in the same conversation."""
    await door.say(words)
    return await door.gets_card(title="宏远科技", line="需 李强 同意", button=("确认作废", "取消"))


async def submits(house: House, door: MemoryDoor) -> tuple[Message, Message, Message]:
    """Returns 王敏's confirm card and card of the request, both in memory, and 李强's card in the app."""
    confirm = await proposes(door, "作废客户 宏远科技")
    await door.tap(confirm, "确认作废", reason="duplicate")
    submitted = await door.gets_card(source="#0001", title="已提交", button=("催一下", "撤回申请"))
    decide = await is_asked(house)
    await house.town.settled()  # words count only for a card that is known to have arrived
    return confirm, submitted, decide


async def is_asked(house: House, line: str = "原因 重复") -> Message:
    """李强 is asked at home, whatever door he himself uses: nobody told him in answer to a message of his."""
    return await house.town.gets_card("liqiang", source="#0001", line=line, button=("同意", "驳回"))


async def test_a_void_and_its_undo(house: House):
    """Requester and approver both use memory: each answer comes there, each notice and the done card at home."""
    town, rep, lead = house.town, house.at("wangmin"), house.at("liqiang")
    confirm, submitted, decide = await submits(house, rep)
    await rep.becomes(confirm, grey="已提交 #0001")
    assert await town.status("C1024") == "active"

    await lead.say("同意 #0001")
    await lead.hears("#0001 你已同意")
    done = await town.gets_card("wangmin", title=("已作废", "宏远科技"), line="B-0001", button="撤销")
    await town.becomes("liqiang", decide, grey=("李强 已同意", "已执行"))
    await rep.becomes(submitted, grey="已执行")
    await rep.becomes(confirm, grey="已执行")
    assert await town.status("C1024") == "voided"

    await rep.say("撤销 #0001")
    await town.is_undone("wangmin", "#0001")
    await town.becomes("wangmin", done, grey="已撤销")
    assert await town.status("C1024") == "active"
    await log_holds(town)


async def test_the_same_is_said_through_both_doors(house: House):
    """What 王敏 writes in the app and in memory is answered with the same words and the same card."""
    town, rep = house.town, house.at("wangmin")
    for words in ("帮助", "查 宏远科技", "我的申请", "请把天气改好", "同意 #0001"):
        await rep.say(words)
        await town.say("wangmin", words)
        assert (await rep.hears())["text"] == (await town.hears("wangmin"))["text"]
    first = await proposes(rep, "作废客户 宏远科技")
    second = await town.proposes("wangmin", "作废客户 宏远科技", source="#0002")
    assert replace(look(first), source="") == replace(look(second), source="")
    await rep.becomes(first, grey="#0002")


async def test_the_whole_way_in_words(house: House):
    """作废, 确认 and a reason are answered in memory; 李强 decides at home, where 王敏 is told what is done."""
    town, rep = house.town, house.at("wangmin")
    confirm = await proposes(rep, "作废客户 宏远科技")
    await rep.say("确认")
    await rep.hears("请用一句话写作废「宏远科技」的原因")
    await rep.say("重复")
    submitted = await rep.gets_card(source="#0001", title="已提交", button="撤回申请")
    await rep.hears("原因已记下：重复")
    await rep.becomes(confirm, grey="已提交 #0001")
    await town.tap("liqiang", await is_asked(house), "同意")
    await town.gets_card("wangmin", title=("已作废", "宏远科技"), button="撤销")
    await rep.becomes(submitted, grey="已执行")
    assert await town.status("C1024") == "voided"


async def test_a_rejection(house: House):
    """李强 rejects through memory and hears there that it counts; 王敏, who did not write, is told at home."""
    town, lead = house.town, house.at("liqiang")
    _, submitted, decide = await submits(house, house.at("wangmin"))
    await lead.say("驳回 #0001 还在谈")
    await lead.hears("#0001 你已驳回")
    await town.hears("wangmin", "#0001 被驳回", "还在谈")
    await town.becomes("liqiang", decide, grey="已驳回")
    await house.at("wangmin").becomes(submitted, grey="已驳回：还在谈")


async def test_a_pick_list(house: House):
    """The list, the card to choose from and what follows the choice all come through memory."""
    rep = house.at("wangmin")
    await rep.say("作废 宏远")
    await rep.hears("对得上的：\n1. ", "C1024", "C1026")
    pick = await rep.gets_card(option=("宏远科技", "都不是"), button="就是它")
    await rep.tap(pick, "就是它", pick="C1024")
    await rep.gets_card(title="宏远科技", line="客户 C1024 ", button=("确认作废", "取消"))
    await rep.becomes(pick, grey="已选 C1024")


async def test_a_request_whose_records_changed(house: House):
    """The pause is told at home; 仍要作废 in memory is answered there, and a second vote there carries it out."""
    town, rep, lead = house.town, house.at("wangmin"), house.at("liqiang")
    _, submitted, _ = await submits(house, rep)
    await town.change(edited())
    await lead.say("同意 #0001")
    await lead.hears("#0001 你已同意")
    await town.hears("liqiang", "#0001 暂停", "级别 B → A")
    changed = await town.gets_card("wangmin", title="资料有变，已暂停", button=("保留客户", "仍要作废"))
    await rep.becomes(submitted, grey="资料有变")
    assert await town.status("C1024") == "active"

    await rep.say("仍要作废")
    again = await rep.gets_card(source="#0001", title="已提交", button="撤回申请")
    decide = await is_asked(house, "版本 v2")
    await town.settled()
    await lead.say("同意 #0001")
    await lead.hears("#0001 你已同意")
    await town.gets_card("wangmin", title=("已作废", "宏远科技"), button="撤销")
    await rep.becomes(again, grey="已执行")
    await town.becomes("liqiang", decide, grey="已执行")
    await town.becomes("wangmin", changed, grey="已提交 #0001")
    assert await town.status("C1024") == "voided"


async def test_two_conversations_of_one_person_are_kept_apart(house: House):
    """What is asked in a group is answered and redrawn in the group, what is asked alone is answered alone."""
    alone, group = house.at("wangmin"), house.at("wangmin", "sales")
    confirm, submitted, _ = await submits(house, group)
    await alone.say("查 蓝天贸易")
    await alone.hears("蓝天贸易")
    await group.say("查 宏远科技")
    await group.hears("C1024")
    await group.tap(submitted, "撤回申请")
    await group.hears("#0001 已撤回")
    await group.becomes(confirm, grey="已撤回")
    assert set(await house.answers()) == {(door.address, door.address) for door in (alone, group)}


async def test_a_card_in_the_group_dropped_alone(house: House):
    """A draft belongs to its person: 取消 in another conversation is answered there, and the group's card ends."""
    alone, group = house.at("wangmin"), house.at("wangmin", "sales")
    confirm = await proposes(group, "作废客户 宏远科技")
    await alone.say("取消")
    await alone.hears("#0001 已取消")
    await group.becomes(confirm, grey="已取消")
    assert (await house.town.operation(1)).state is State.CANCELLED


@pytest.mark.parametrize("conversation", ["", "sales"])
async def test_what_nobody_expected_fails_the_story(house: House, conversation: str):
    """A story about memory cannot end while a message there, in whatever conversation, was not expected."""
    rep = house.at("wangmin", conversation)
    await rep.say("查 宏远科技")
    with pytest.raises(AssertionError, match="got what nobody expected"):
        await house.finish()
    await rep.hears("C1024")
