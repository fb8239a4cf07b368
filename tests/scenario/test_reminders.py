"""Customers nobody has spoken to come to their reps, and requests that wait to those who decide."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select, update

from core.crm.embedded.indexing import index_customers
from core.crm.embedded.tables import customers
from core.domain.audit import Tag
from core.storage.tables import reminder_facts
from tests.pretend import ROLES
from tests.scenario.town import Town, settle_in
from tests.scenario.weather import (
    at,
    cards,
    log_holds,
    log_tags,
    move_to,
    next_working_moment,
    open_town,
    pass_time,
    quiet_monday,
)

DIGEST = "该联系了"
A_FEW_TICKS = 0.7
"""Seconds in which the jobs, quickened, come round several times."""


@pytest.fixture(autouse=True)
def quick_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.schedule.TICK_SECONDS", 0.1)


@pytest.fixture
async def town(database_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """It begins on a Monday evening, when nobody may be disturbed."""
    async with open_town(database_url, tmp_path, start=at(quiet_monday(), 20)) as town:
        yield town


def moved(day: date, days: int) -> date:
    return day + timedelta(days=days)


async def facts(town: Town) -> list[tuple[str, str, str]]:
    """What reps have answered."""
    columns = (reminder_facts.c.person, reminder_facts.c.kind, reminder_facts.c.record_number)
    query = select(*columns).order_by(reminder_facts.c.id)
    return await town.db.read(lambda uow: [tuple(row) for row in uow.connection.execute(query)])


async def spoken_to(town: Town, *numbers: str, when: datetime) -> None:
    """As the CRM tells it."""
    told = update(customers).where(customers.c.number.in_(numbers)).values(last_contact_at=when)
    await town.change(lambda connection: connection.execute(told))


async def test_the_digest_comes_in_working_hours_and_once(town: Town) -> None:
    """Not at night; at nine once, the longest silent first; not again within seven days; then again."""
    monday = quiet_monday()
    await asyncio.sleep(A_FEW_TICKS)
    await move_to(town, at(moved(monday, 1), 3))
    await asyncio.sleep(A_FEW_TICKS)
    await move_to(town, at(moved(monday, 1), 8, 30))
    await asyncio.sleep(A_FEW_TICKS)
    assert await cards(town, "wangmin", DIGEST) == []

    await move_to(town, at(moved(monday, 1), 9))
    card = await town.gets_card("wangmin", DIGEST, "2 个客户", "宏远科技", "宏远物流")
    options = [option["text"] for option in card["card"]["checkbox"]["option_list"]]
    assert [text.split("·")[0] for text in options] == ["C1024 宏远科技", "C1026 宏远物流"]
    assert "宏源科技" not in str(card["card"])  # spoken to three days ago
    await town.gets_card("ZhaoJun", DIGEST, "1 个客户", "明月软件")
    for who in ("liqiang", "chenjie", "sunyu"):
        assert await cards(town, who, DIGEST) == []  # they own no customers

    for day in (2, 4, 7):
        await move_to(town, at(moved(monday, day), 11))
        await asyncio.sleep(A_FEW_TICKS)
    assert len(await cards(town, "wangmin", DIGEST)) == 1
    await move_to(town, at(moved(monday, 8), 10))
    await town.gets_card("wangmin", DIGEST, "宏远科技")
    await town.settled()
    assert len(await cards(town, "wangmin", DIGEST)) == 2
    assert await log_tags(town, Tag.REMINDER_SENT) == 4
    await log_holds(town)


async def test_no_digest_at_weekends_and_on_national_day(town: Town) -> None:
    """Saturday, Sunday and 国庆 are left alone; the next working day makes up for it."""
    friday_evening, saturday = moved(quiet_monday(), 4), moved(quiet_monday(), 5)
    await spoken_to(town, "C1024", "C1026", when=at(quiet_monday(), 19))
    await move_to(town, at(friday_evening, 19))
    await spoken_to(town, "C1024", "C1026", when=at(quiet_monday(), 19) - timedelta(days=200))
    for day in (saturday, moved(saturday, 1)):
        await move_to(town, at(day, 10))
        await asyncio.sleep(A_FEW_TICKS)
    assert await cards(town, "wangmin", DIGEST) == []
    national_day = date(saturday.year + 1, 10, 1)
    while national_day.weekday() > 4:
        national_day = national_day.replace(year=national_day.year + 1)
    await move_to(town, at(national_day, 10))
    await asyncio.sleep(A_FEW_TICKS)
    assert await cards(town, "wangmin", DIGEST) == []

    await next_working_moment(town)
    await town.gets_card("wangmin", DIGEST, "宏远科技")
    await log_holds(town)


async def test_a_rep_answers_the_digest(town: Town) -> None:
    """Ticked ones come as one card: 已联系 and 下周再提醒 are facts, and leave the customer out next time."""
    await next_working_moment(town)
    digest = await town.gets_card("wangmin", DIGEST, "宏远科技")
    await town.tap("wangmin", digest, "处理勾选的", digest=["C1024"])
    follow = await town.gets_card("wangmin", "宏远科技", "已联系", "下周再提醒", "作废")
    await town.tap("wangmin", follow, "下周再提醒")
    await town.becomes("wangmin", follow, "再提醒")
    await town.tap("wangmin", digest, "处理勾选的", digest=["C1026"])
    other = await town.gets_card("wangmin", "宏远物流", "已联系")
    await town.tap("wangmin", other, "已联系")
    await town.becomes("wangmin", other, "已记下：联系过了")
    assert await facts(town) == [("wangmin", "snoozed", "C1024"), ("wangmin", "contacted", "C1026")]

    await town.tap("wangmin", follow, "已联系", force=True)  # too late: it is answered
    await town.settled()
    assert len(await facts(town)) == 2

    await pass_time(town, timedelta(days=7))  # the snooze has not ended when the next digest is due
    await next_working_moment(town)
    again = await town.gets_card("wangmin", DIGEST, "宏远科技")
    assert "宏远物流" not in str(again["card"])
    assert len(await cards(town, "wangmin", DIGEST)) == 2
    await log_holds(town)


@pytest.mark.parametrize(("words", "noted"), [("已联系", "contacted"), ("下周再提醒", "snoozed")])
async def test_an_action_card_is_answered_in_words(town: Town, words: str, noted: str) -> None:
    """已联系 and 下周再提醒 typed do what the buttons do and name the customer; before any card, nothing."""
    await next_working_moment(town)
    digest = await town.gets_card("wangmin", DIGEST, "宏远科技")
    await town.say("wangmin", words)
    await town.hears("wangmin", "还不知道是哪个客户")
    await town.tap("wangmin", digest, "处理勾选的", digest=["C1024"])
    follow = await town.gets_card("wangmin", "宏远科技", "已联系")
    await town.say("wangmin", words)
    await town.hears("wangmin", "宏远科技：")
    await town.becomes("wangmin", follow, "联系过了" if noted == "contacted" else "再提醒")
    assert await facts(town) == [("wangmin", noted, "C1024")]


async def test_a_digest_is_answered_in_words(town: Town) -> None:
    """`2` is the second of the list, which stays open for `1`; a place beyond the end chooses nothing."""
    await next_working_moment(town)
    await town.gets_card("wangmin", DIGEST, "宏远科技", "宏远物流")
    await town.say("wangmin", "3")
    await town.hears("wangmin", "还没有选")
    await town.say("wangmin", "2")
    second = await town.gets_card("wangmin", "宏远物流", "已联系", "作废")
    await town.tap("wangmin", second, "已联系")
    await town.becomes("wangmin", second, "已记下：联系过了")
    await town.say("wangmin", "选1")
    first = await town.gets_card("wangmin", "宏远科技", "已联系")
    assert "宏远物流" not in str(first["card"])
    assert await facts(town) == [("wangmin", "contacted", "C1026")]


async def test_a_digest_does_not_answer_for_newer_questions(town: Town) -> None:
    """A place in a list is one in the newest list; 取消 is never about a digest."""
    await next_working_moment(town)
    await town.gets_card("wangmin", DIGEST)
    await town.say("wangmin", "取消")
    await town.hears("wangmin", "现在没有要确认的事")
    await town.say("wangmin", "作废 hykj")
    pick = await town.gets_card("wangmin", "就是它")
    first = pick["card"]["checkbox"]["option_list"][0]["id"]
    await town.say("wangmin", "1")
    await town.gets_card("wangmin", "确认作废", first)
    await town.becomes("wangmin", pick, "已选")


async def test_several_are_answered_together(town: Town) -> None:
    """Two ticked: one card for both, without 作废, and one fact for each."""
    await next_working_moment(town)
    digest = await town.gets_card("wangmin", DIGEST)
    await town.tap("wangmin", digest, "处理勾选的", digest=["C1024", "C1026"])
    both = await town.gets_card("wangmin", "2 个客户", "已联系")
    assert "作废" not in str(both["card"]["button_list"])
    await town.tap("wangmin", both, "已联系")
    await town.becomes("wangmin", both, "已记下：联系过了")
    assert {number for _, _, number in await facts(town)} == {"C1024", "C1026"}


async def test_nothing_ticked(town: Town) -> None:
    """A tap without a tick is answered, and the list stays as it is."""
    await next_working_moment(town)
    digest = await town.gets_card("wangmin", DIGEST)
    await town.tap("wangmin", digest, "处理勾选的", digest=[])
    await town.hears("wangmin", "勾")
    await town.tap("wangmin", digest, "处理勾选的", digest=["C1024"])
    await town.gets_card("wangmin", "宏远科技", "已联系")


async def test_void_from_the_digest_goes_into_the_flow(town: Town) -> None:
    """作废 opens the ordinary confirm card; nothing is voided before the approval."""
    await next_working_moment(town)
    digest = await town.gets_card("wangmin", DIGEST)
    await town.tap("wangmin", digest, "处理勾选的", digest=["C1024"])
    follow = await town.gets_card("wangmin", "宏远科技", "作废", "下周再提醒")
    await town.tap("wangmin", follow, "作废")
    await town.becomes("wangmin", follow, "已转作废确认")
    confirm = await town.gets_card("wangmin", "确认作废", "宏远科技", "48,000")
    await town.tap("wangmin", confirm, "确认作废", reason="duplicate")
    decide = await town.gets_card("liqiang", "王敏", "宏远科技", "同意")
    assert await town.status("C1024") == "active"
    await town.tap("liqiang", decide, "同意")
    await town.gets_card("wangmin", "已作废", "B-0001")
    assert await town.status("C1024") == "voided"
    await log_holds(town)


async def test_a_digest_does_not_swallow_an_open_question(town: Town) -> None:
    """A digest arrives while the bot waits for 确认: the words still mean the confirm card."""
    await move_to(town, at(moved(quiet_monday(), 1), 8, 50))
    await town.say("wangmin", "作废客户 宏源科技 原因 重复")
    await town.gets_card("wangmin", "确认作废", "宏源科技")
    await move_to(town, at(moved(quiet_monday(), 1), 9, 5))
    await town.gets_card("wangmin", DIGEST)
    await town.say("wangmin", "确认")
    await town.gets_card("wangmin", "已提交")
    await town.gets_card("liqiang", "王敏", "宏源科技", "同意")


async def test_a_process_that_slept_three_days_sends_once(database_url: str, tmp_path: Path) -> None:
    """The clock jumps three working days at once: one digest, one expiry, and no push for what has expired."""
    async with open_town(database_url, tmp_path, start=at(quiet_monday(), 8)) as town:
        await move_to(town, at(quiet_monday(), 10))
        await town.gets_card("wangmin", DIGEST)
        await town.say("wangmin", "作废客户 宏远科技 原因 重复")
        confirm = await town.gets_card("wangmin", "确认作废", "宏远科技")
        await town.tap("wangmin", confirm, "确认作废", reason="duplicate")
        decide = await town.gets_card("liqiang", "同意")
        await pass_time(town, timedelta(days=3))
        await town.hears("wangmin", "#0001", "已过期")
        await asyncio.sleep(A_FEW_TICKS)
        await town.settled()
        assert len(await cards(town, "wangmin", DIGEST)) == 1
        assert not [m for m in await town.chat("liqiang") if "还等你决定" in m.get("text", "")]
        await town.tap("liqiang", decide, "同意", force=True)
        await town.becomes("liqiang", decide, "已过期")
        assert await town.status("C1024") == "active"
        await log_holds(town)


async def test_at_half_time_the_approver_is_reminded_once(database_url: str, tmp_path: Path) -> None:
    """Half of 24 hours is over in the middle of the night: the reminder waits for nine and comes once."""
    async with open_town(database_url, tmp_path, start=at(moved(quiet_monday(), 1), 14)) as town:
        await town.say("wangmin", "作废客户 宏远科技 原因 重复")
        confirm = await town.gets_card("wangmin", "确认作废", "宏远科技")
        await town.tap("wangmin", confirm, "确认作废", reason="duplicate")
        await town.gets_card("liqiang", "同意")
        await move_to(town, at(moved(quiet_monday(), 2), 3))
        await asyncio.sleep(A_FEW_TICKS)
        assert not [m for m in await town.chat("liqiang") if m.get("text")]
        await move_to(town, at(moved(quiet_monday(), 2), 9, 1))
        await town.hears("liqiang", "还等你决定", "#0001", "宏远科技")
        await move_to(town, at(moved(quiet_monday(), 2), 12))
        await asyncio.sleep(A_FEW_TICKS)
        await town.settled()
        assert len([m for m in await town.chat("liqiang") if "还等你决定" in m.get("text", "")]) == 1
        await town.say("liqiang", "同意 #0001")
        await town.gets_card("wangmin", "已作废")
        await log_holds(town)


async def test_what_ends_before_work_begins_again_is_told_of_in_the_last_hour(
    database_url: str, tmp_path: Path
) -> None:
    """Asked on Friday at two for 24 hours: half time and end are on Saturday, so the reminder comes at five."""
    friday = moved(quiet_monday(), 4)
    async with open_town(database_url, tmp_path, start=at(friday, 14)) as town:
        await town.submits("wangmin", "作废客户 宏远科技")
        await town.gets_card("liqiang", "同意")
        await move_to(town, at(friday, 16, 30))
        await asyncio.sleep(A_FEW_TICKS)
        assert not [m for m in await town.chat("liqiang") if "还等你决定" in m.get("text", "")]
        await move_to(town, at(friday, 17, 1))
        await town.hears("liqiang", "还等你决定", "#0001", "宏远科技")
        await town.submits("wangmin", "作废客户 宏源科技")
        await town.gets_card("liqiang", "同意", "宏源科技")
        await asyncio.sleep(A_FEW_TICKS)
        await town.settled()
        assert len([m for m in await town.chat("liqiang") if "还等你决定" in m.get("text", "")]) == 1


NO_RIGHTS = (
    ROLES.replace('roles = ["rep"]', "roles = []", 1)
    + """
[roles.auditor]
rights = ["help"]
"""
)


def many_customers(connection: Connection, begin: datetime) -> None:
    """25 silent ones of 赵军, one each of people who may not look customers up."""
    settle_in(connection, begin)
    for number in range(25):
        connection.execute(
            insert(customers).values(
                number=f"C3{number:03}", name=f"静默客户{number:02}", owner="zhaojun", status="active",
                created_at=begin - timedelta(days=900), last_contact_at=begin - timedelta(days=100 + number),
            )
        )  # fmt: skip
    connection.execute(update(customers).where(customers.c.number == "C1026").values(owner="sunyu"))
    index_customers(connection, list(connection.execute(select(customers.c.id)).scalars()))


async def test_twenty_at_most_and_only_for_those_who_may_look(sqlite_url: str, tmp_path: Path) -> None:
    """The longest silent twenty of 26; people without the right to see customers get none, nor does a leaver."""
    start = at(quiet_monday(), 20)
    async with open_town(sqlite_url, tmp_path, start=start, roles=NO_RIGHTS, settle=many_customers) as town:
        await next_working_moment(town)
        digest = await town.gets_card("ZhaoJun", DIGEST, "26 个客户", "先看 20 个")
        options = [
            option["text"].split("·")[0].split(" ")[1] for option in digest["card"]["checkbox"]["option_list"]
        ]
        assert options == ["明月软件", *(f"静默客户{number:02}" for number in range(24, 5, -1))]
        await asyncio.sleep(A_FEW_TICKS)
        await town.settled()
        assert await cards(town, "wangmin", DIGEST) == []  # has no role
        assert await cards(town, "sunyu", DIGEST) == []  # the role grants only help
        await town.event("ZhaoJun", "unsubscribe")
        await pass_time(town, timedelta(days=8))
        await next_working_moment(town)
        await asyncio.sleep(A_FEW_TICKS)
        await town.settled()
        assert len(await cards(town, "ZhaoJun", DIGEST)) == 1
