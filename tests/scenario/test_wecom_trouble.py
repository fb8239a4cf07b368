"""WeCom has a bad day: every answer still arrives, once, and nothing is changed twice."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot.channels.wecom_app.limits import MEMBER_LIMITS
from cards.model import TextMessage
from core.domain.people import PersonId
from notify.post import text_to
from tests.scenario.listening import PATIENCE, text
from tests.scenario.town import Town
from tests.scenario.weather import hurrying, log_holds, pass_time

SEND = "message/send"
SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For stories about WeCom alone, where one database is enough."""


@SQLITE
@pytest.mark.parametrize(
    "fault",
    [
        {"busy": 5},
        {"rate_limited": 3},
        {"html": 3},
        {"empty": 3},
        {"drop": 3},
        {"drop_after": 2},
        {"answers": [60020, 48002, 40001, 9999]},
        {"token_dies": True},
    ],
    ids=lambda fault: str(next(iter(fault))),
)
async def test_an_approval_outlives_a_bad_day(town: Town, fault: dict[str, Any]) -> None:
    """Busy, limited, HTML, nothing, cut lines before and after the fact, unknown codes: all arrives, once."""
    _, decide = await town.submits("wangmin", "作废客户 宏远科技")
    await town.fault(**fault, only=[SEND])
    await town.tap("liqiang", decide, "同意")
    async with hurrying(town):
        await town.gets_card("wangmin", title="已作废", line="B-0001", button="撤销")
        await town.becomes("liqiang", decide, grey="已执行")
    for who in ("wangmin", "liqiang"):
        await town.hears_nothing(who)
    assert await town.status("C1024") == "voided"
    await log_holds(town)


@SQLITE
async def test_a_card_whose_code_was_lost_closes_at_a_tap(town: Town) -> None:
    """The answer to a sent card is lost, and with it the code to redraw it: a tap on it closes it."""
    confirm = await town.proposes("wangmin", "作废客户 宏远科技")
    await town.fault(drop_after=9, only=[SEND])
    await town.tap("wangmin", confirm, "确认作废")
    async with hurrying(town):
        submitted, decide = await town.is_submitted("wangmin")
        await town.settled()
    await town.fault(drop_after=0, only=[])
    await town.tap("liqiang", decide, "同意")
    await town.gets_card("wangmin", title="已作废", line="B-0001", button="撤销")
    await town.settled()
    await town.becomes("wangmin", submitted, title="已提交", button="催一下")
    await town.tap("wangmin", submitted, "催一下")
    await town.hears("wangmin", "#0001 已经执行完了")
    await town.becomes("wangmin", submitted, grey="已执行")


@SQLITE
async def test_a_card_whose_answer_was_lost_counts_as_shown(town: Town) -> None:
    """WeCom took 李强's card and the bot did not learn of it: his typed 同意 counts, and no second card comes."""
    confirm = await town.proposes("wangmin", "作废客户 宏远科技")
    await town.fault(drop_after=9, only=[SEND])
    await town.tap("wangmin", confirm, "确认作废")
    async with hurrying(town):
        await town.is_submitted("wangmin")
        await town.settled()
    await town.fault(drop_after=0, only=[])
    await town.say("liqiang", "同意 #0001")
    await town.gets_all("liqiang", text("好，#0001 你已同意"))
    await town.gets_card("wangmin", title="已作废", line="B-0001", button="撤销")
    await town.hears_nothing("liqiang")


@SQLITE
async def test_wecom_hangs(town: Town) -> None:
    """No answer for longer than we wait: tried again, and a message that had arrived is not doubled."""
    _, decide = await town.submits("wangmin", "作废客户 宏远科技")
    await town.fault(slow=9, only=[SEND])
    await town.tap("liqiang", decide, "同意")
    async with asyncio.timeout(PATIENCE):
        while await town.status("C1024") != "voided":
            await asyncio.sleep(0.05)
    await asyncio.sleep(9)
    await town.fault(slow=0, only=[])
    async with hurrying(town):
        await town.gets_card("wangmin", title="已作废", line="B-0001", button="撤销")
    await town.hears_nothing("wangmin")


async def test_an_approver_who_cannot_be_reached(town: Town) -> None:
    """WeCom names 李强 in invaliduser: the requester is told at once; words bring him the card he missed."""
    await town.fault(invalid_users=["liqiang"])
    confirm = await town.proposes("wangmin", "作废客户 宏远科技")
    await town.tap("wangmin", confirm, "确认作废", reason="duplicate")
    await town.gets_card("wangmin", title="已提交", button="撤回申请")
    await town.hears("wangmin", "#0001", "没有送到任何审批人")
    await town.settled()
    (operation,) = await town.operations()
    assert operation.state == "pending"
    await town.fault(invalid_users=[])
    await town.say("liqiang", "待我审批")
    await town.hears("liqiang", "#0001")
    await town.say("liqiang", "同意 #0001")
    await town.hears("liqiang", "#0001", "没给你看过")
    decide = await town.gets_card("liqiang", title="宏远科技", line="原因 重复", button=("同意", "驳回"))
    await town.tap("liqiang", decide, "同意")
    await town.gets_card("wangmin", title="已作废", button="撤销")
    await log_holds(town)


@SQLITE
async def test_two_hundred_messages_in_a_minute(town: Town) -> None:
    """More than WeCom takes for one person: none is dropped, all arrive in order, as fast as the limits allow."""

    who = PersonId("wangmin")
    sent = [f"第 {number} 条" for number in range(200)]
    await town.db.run(lambda uow: uow.outbox.send(*(text_to(who, TextMessage(text)) for text in sent)))
    (a_minute, _) = (window.most for window in MEMBER_LIMITS.windows)
    # The clock moves on only when a minute's messages are there: one on its way over the jump would be counted
    # for the minute before by the bot, and for the minute after by WeCom.
    for arrived in range(a_minute, len(sent) + a_minute, a_minute):
        async with asyncio.timeout(PATIENCE):
            while len(await town.chat("wangmin")) < min(arrived, len(sent)):
                await asyncio.sleep(0.05)
        await pass_time(town, timedelta(seconds=62))
    for words in sent:
        await town.hears("wangmin", words)
    await town.hears_nothing("wangmin")
    calls = (await town.get("calls"))["calls"]
    assert [call for call in calls if call.get("dropped")] == []
    assert [call for call in calls if call["path"] == SEND and call["errcode"]] == []


async def test_a_message_outlives_a_long_sleep(town: Town) -> None:
    """It fails, the process sleeps two days, it fails again: it is tried on, not given up."""
    await town.fault(html=1000, only=[SEND])
    await town.say("wangmin", "查 宏远科技")
    await failed_again(town)
    await pass_time(town, timedelta(days=2))
    await failed_again(town)
    await town.fault(html=0)
    async with hurrying(town):
        await town.hears("wangmin", "C1024")


async def failed_again(town: Town) -> None:
    before = (await town.get("faults"))["html"]
    async with asyncio.timeout(PATIENCE):
        while (await town.get("faults"))["html"] == before:
            await asyncio.sleep(0.02)
