"""Customers nobody has spoken to come to their reps, and requests that wait to those who decide."""

import asyncio
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select, update

from core.crm.embedded.indexing import index_customers
from core.crm.embedded.tables import customers
from core.domain.audit import Tag
from core.storage.tables import reminder_facts
from tests.pretend import ROLES
from tests.scenario.listening import Message, look, text
from tests.scenario.settling import settle_in
from tests.scenario.town import Town, button_of
from tests.scenario.weather import (
    at,
    log_holds,
    log_tags,
    move_to,
    next_working_moment,
    pass_time,
    quiet_monday,
    story,
)

DIGEST = "该联系了"
A_FEW_TICKS = 0.7
"""Seconds in which the jobs, quickened, come round several times."""


@pytest.fixture(autouse=True)
def quick_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.schedule.TICK_SECONDS", 0.1)


def moved(day: date, days: int) -> date:
    return day + timedelta(days=days)


async def facts(town: Town) -> list[tuple[str, str, str]]:
    """What reps have answered."""
    columns = (reminder_facts.c.person, reminder_facts.c.kind, reminder_facts.c.record_number)
    query = select(*columns).order_by(reminder_facts.c.id)
    return await town.db.read(lambda uow: [tuple(row) for row in uow.connection.execute(query)])


async def spoken_to(town: Town, *numbers: str, when: datetime) -> None:
    """Sets when somebody last spoke to these customers."""
    told = update(customers).where(customers.c.number.in_(numbers)).values(last_contact_at=when)
    await town.change(lambda connection: connection.execute(told))


async def digests(town: Town) -> Message:
    """Waits for the digests of both owners, and returns 王敏's."""
    await town.gets_card("ZhaoJun", title=("1 个客户", DIGEST), option="明月软件", button="处理勾选的")
    both = ("宏远科技", "宏远物流")
    return await town.gets_card("wangmin", title=("2 个客户", DIGEST), option=both, button="处理勾选的")


async def follows(town: Town, digest: Message, number: str, name: str) -> Message:
    """Ticks one customer, and returns the card that asks what to do about it."""
    await town.tap("wangmin", digest, "处理勾选的", digest=[number])
    return await town.gets_card("wangmin", title=name, button=("已联系", "下周再提醒", "作废"))


async def nothing_comes(town: Town) -> None:
    """The jobs come round several times, and nobody hears anything that was not expected."""
    await asyncio.sleep(A_FEW_TICKS)
    for who in ("wangmin", "ZhaoJun", "liqiang", "chenjie", "sunyu"):
        await town.hears_nothing(who)


async def test_the_digest_comes_in_working_hours_and_once(town: Town) -> None:
    """Not at night; at nine once, the longest silent first; not again within seven days; then again."""
    monday = quiet_monday()
    await nothing_comes(town)
    for hour, minute in ((3, 0), (8, 30)):
        await move_to(town, at(moved(monday, 1), hour, minute))
        await nothing_comes(town)

    await move_to(town, at(moved(monday, 1), 9))
    digest = look(await digests(town))
    assert [option.split("·")[0] for option in digest.options] == ["C1024 宏远科技", "C1026 宏远物流"]
    assert "宏源科技" not in str(digest)  # spoken to three days ago

    for day in (2, 4, 7):
        await move_to(town, at(moved(monday, day), 11))
        await nothing_comes(town)
    await move_to(town, at(moved(monday, 8), 10))
    await digests(town)
    await nothing_comes(town)
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
        await nothing_comes(town)
    national_day = date(saturday.year + 1, 10, 1)
    while national_day.weekday() > 4:
        national_day = national_day.replace(year=national_day.year + 1)
    await move_to(town, at(national_day, 10))
    await nothing_comes(town)

    await next_working_moment(town)
    await town.gets_card("wangmin", title=("3 个客户", DIGEST), option="宏远科技")
    await town.gets_card("ZhaoJun", title=("2 个客户", DIGEST), option="明月软件")
    await log_holds(town)


async def test_a_rep_answers_the_digest(town: Town) -> None:
    """Ticked ones come as one card: 已联系 and 下周再提醒 are facts, and leave the customer out next time."""
    await next_working_moment(town)
    digest = await digests(town)
    follow = await follows(town, digest, "C1024", "宏远科技")
    await town.tap("wangmin", follow, "下周再提醒")
    await town.becomes("wangmin", follow, grey="再提醒")
    other = await follows(town, digest, "C1026", "宏远物流")
    await town.tap("wangmin", other, "已联系")
    await town.becomes("wangmin", other, grey="已记下：联系过了")
    assert await facts(town) == [("wangmin", "snoozed", "C1024"), ("wangmin", "contacted", "C1026")]

    await town.tap("wangmin", follow, button_of(follow, "已联系"), force=True)  # too late: it is answered
    await town.hears("wangmin", "什么都没改")
    assert len(await facts(town)) == 2

    await pass_time(town, timedelta(days=7))  # the snooze has not ended when the next digest is due
    await next_working_moment(town)
    await town.gets_card("ZhaoJun", title=("1 个客户", DIGEST), option="明月软件")
    again = await town.gets_card("wangmin", title=("1 个客户", DIGEST), option="宏远科技")
    assert "宏远物流" not in str(look(again))
    await nothing_comes(town)
    await log_holds(town)


@pytest.mark.parametrize(("words", "noted"), [("已联系", "contacted"), ("下周再提醒", "snoozed")])
async def test_an_action_card_is_answered_in_words(town: Town, words: str, noted: str) -> None:
    """已联系 and 下周再提醒 typed do what the buttons do and name the customer; before any card, nothing."""
    await next_working_moment(town)
    digest = await digests(town)
    await town.say("wangmin", words)
    await town.hears("wangmin", "还不知道是哪个客户")
    follow = await follows(town, digest, "C1024", "宏远科技")
    await town.say("wangmin", words)
    await town.hears("wangmin", "宏远科技：")
    await town.becomes("wangmin", follow, grey="联系过了" if noted == "contacted" else "再提醒")
    assert await facts(town) == [("wangmin", noted, "C1024")]


async def test_a_digest_is_answered_in_words(town: Town) -> None:
    """`2` is the second of the list, which stays open for `1`; a place beyond the end chooses nothing."""
    await next_working_moment(town)
    await digests(town)
    await town.say("wangmin", "3")
    await town.hears("wangmin", "还没有选")
    await town.say("wangmin", "2")
    second = await town.gets_card("wangmin", title="宏远物流", button=("已联系", "下周再提醒", "作废"))
    await town.tap("wangmin", second, "已联系")
    await town.becomes("wangmin", second, grey="已记下：联系过了")
    await town.say("wangmin", "选1")
    first = await town.gets_card("wangmin", title="宏远科技", button=("已联系", "下周再提醒", "作废"))
    assert "宏远物流" not in str(look(first))
    assert await facts(town) == [("wangmin", "contacted", "C1026")]


async def test_a_digest_does_not_answer_for_newer_questions(town: Town) -> None:
    """A place in a list is one in the newest list; 取消 is never about a digest."""
    await next_working_moment(town)
    await digests(town)
    await town.say("wangmin", "取消")
    await town.hears("wangmin", "现在没有要确认的事")
    pick = await town.is_asked_which("wangmin", "作废 hykj")
    first = pick["card"]["checkbox"]["option_list"][0]["id"]
    await town.say("wangmin", "1")
    await town.hears("wangmin", f"已选 {first}")
    await town.gets_card("wangmin", line=f"客户 {first}", button="确认作废")
    await town.becomes("wangmin", pick, grey="已选")


async def test_several_are_answered_together(town: Town) -> None:
    """Two ticked: one card for both, without 作废, and one fact for each."""
    await next_working_moment(town)
    digest = await digests(town)
    await town.tap("wangmin", digest, "处理勾选的", digest=["C1024", "C1026"])
    both = await town.gets_card("wangmin", title="2 个客户", button=("已联系", "下周再提醒"))
    assert "作废" not in look(both).buttons
    await town.tap("wangmin", both, "已联系")
    await town.becomes("wangmin", both, grey="已记下：联系过了")
    assert {number for _, _, number in await facts(town)} == {"C1024", "C1026"}


async def test_nothing_ticked(town: Town) -> None:
    """A tap without a tick is answered, and the list stays as it is."""
    await next_working_moment(town)
    digest = await digests(town)
    await town.tap("wangmin", digest, "处理勾选的", digest=[])
    await town.hears("wangmin", "请先勾选")
    await follows(town, digest, "C1024", "宏远科技")


async def test_void_from_the_digest_goes_into_the_flow(town: Town) -> None:
    """作废 opens the ordinary confirm card; nothing is voided before the approval."""
    await next_working_moment(town)
    digest = await digests(town)
    follow = await follows(town, digest, "C1024", "宏远科技")
    await town.tap("wangmin", follow, "作废")
    await town.becomes("wangmin", follow, grey="已转作废确认")
    confirm = await town.gets_card("wangmin", title="宏远科技", line="48,000", button="确认作废")
    await town.tap("wangmin", confirm, "确认作废", reason="duplicate")
    _, decide = await town.is_submitted("wangmin", why="重复")
    assert await town.status("C1024") == "active"
    await town.tap("liqiang", decide, "同意")
    await town.gets_card("wangmin", title="已作废", line="B-0001", button="撤销")
    assert await town.status("C1024") == "voided"
    await log_holds(town)


async def test_a_digest_does_not_swallow_an_open_question(town: Town) -> None:
    """A digest arrives while the bot waits for 确认: the words still mean the confirm card."""
    await move_to(town, at(moved(quiet_monday(), 1), 8, 50))
    await town.proposes("wangmin", "作废客户 宏源科技 原因 重复", title="宏源科技")
    await move_to(town, at(moved(quiet_monday(), 1), 9, 5))
    await digests(town)
    await town.say("wangmin", "确认")
    await town.is_submitted("wangmin", why="重复")


async def test_a_process_that_slept_three_days_sends_once(database_url: str, tmp_path: Path) -> None:
    """The clock jumps three working days at once: one digest, one expiry, and no push for what has expired."""
    async with story(database_url, tmp_path, start=at(quiet_monday(), 8)) as town:
        await move_to(town, at(quiet_monday(), 10))
        await digests(town)
        _, decide = await town.submits("wangmin", "作废客户 宏远科技 原因 重复", why="重复")
        await pass_time(town, timedelta(days=3))
        for who in ("wangmin", "liqiang"):
            await town.hears(who, "#0001", "已过期", "没有变动")
        await nothing_comes(town)
        await town.tap("liqiang", decide, button_of(decide, "同意"), force=True)
        await town.hears("liqiang", "过期", "什么都没改")
        await town.becomes("liqiang", decide, grey="已过期")
        assert await town.status("C1024") == "active"
        await log_holds(town)


async def test_at_half_time_the_approver_is_reminded_once(database_url: str, tmp_path: Path) -> None:
    """Half of 24 hours is over in the middle of the night: the reminder waits for nine and comes once."""
    async with story(database_url, tmp_path, start=at(moved(quiet_monday(), 1), 14)) as town:
        await digests(town)
        await town.submits("wangmin", "作废客户 宏远科技 原因 重复", why="重复")
        await move_to(town, at(moved(quiet_monday(), 2), 3))
        await nothing_comes(town)
        await move_to(town, at(moved(quiet_monday(), 2), 9, 1))
        await town.hears("liqiang", "还等你决定", "#0001", "宏远科技")
        await move_to(town, at(moved(quiet_monday(), 2), 12))
        await nothing_comes(town)
        await town.say("liqiang", "同意 #0001")
        await town.hears("liqiang", "#0001 你已同意")
        await town.gets_card("wangmin", title="已作废", button="撤销")
        await log_holds(town)


async def test_what_ends_before_work_begins_again_is_told_of_in_the_last_hour(
    database_url: str, tmp_path: Path
) -> None:
    """Asked on Friday at two for 24 hours: half time and end are on Saturday, so the reminder comes at five."""
    friday = moved(quiet_monday(), 4)
    async with story(database_url, tmp_path, start=at(friday, 14)) as town:
        await digests(town)
        await town.submits("wangmin", "作废客户 宏远科技")
        await move_to(town, at(friday, 16, 30))
        await nothing_comes(town)
        await move_to(town, at(friday, 17, 1))
        # the reminder and the day's head of the log are the work of two jobs
        await town.gets_all("liqiang", text("还等你决定", "#0001", "宏远科技"), text("今日日志封印"))
        await town.hears("chenjie", "今日日志封印")
        await town.submits("wangmin", "作废客户 宏源科技")
        await nothing_comes(town)


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
    async with story(sqlite_url, tmp_path, start=start, roles=NO_RIGHTS, settle=many_customers) as town:
        await next_working_moment(town)
        digest = await town.gets_card("ZhaoJun", title=(DIGEST, "26 个客户"), line="先看 20 个")
        names = [option.split("·")[0].split(" ")[1] for option in look(digest).options]
        assert names == ["明月软件", *(f"静默客户{number:02}" for number in range(24, 5, -1))]
        await nothing_comes(town)  # 王敏 has no role, that of 孙宇 grants only help
        await town.event("ZhaoJun", "unsubscribe")
        await town.hears("chenjie", "赵军（ZhaoJun）已离开")
        await pass_time(town, timedelta(days=8))
        await next_working_moment(town)
        await nothing_comes(town)
