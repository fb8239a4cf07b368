"""查, 我的客户, 我的申请, 待我审批, 日志: looks that change nothing, within what a person may see."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert, select

from core.crm.embedded.indexing import index_customers
from core.crm.embedded.tables import customers
from core.domain.audit import NewEntry, Tag
from core.domain.operation.targets import Targets
from tests.scenario.settling import now
from tests.scenario.town import Town

WAYS = [
    ("C1024", "编号"),
    ("上海宏远科技有限公司", "全名"),
    ("宏远科技", "简称"),
    ("5678", "手机"),
    ("张三", "联系人"),
    ("远科", "含字"),
    ("hongyuankeji", "拼音"),
    ("hykj", "首字母"),
    ("宏远科枝", "近似"),
]


@pytest.mark.parametrize(("said", "way"), WAYS, ids=[way for _, way in WAYS])
async def test_a_hit_tells_how_it_was_found(town: Town, said: str, way: str):
    """By number, name, short name, phone, contact, part, pinyin, initials or one typo, and it says which."""
    await town.say("wangmin", f"查 {said}")
    await town.hears("wangmin", "C1024", "王敏", "在用", f"（{way}）")


@pytest.mark.parametrize("said", ["宏远科枝", "hykj"])
async def test_what_is_only_similar_is_called_so(town: Town, said: str):
    """查 with a typo or initials: nobody reads that something of that name was found."""
    await town.say("wangmin", f"查 {said}")
    answer = await town.hears("wangmin", f"没有叫「{said}」的", "相近", "C1024")
    assert "找到" not in str(answer)


async def test_a_single_hit_shows_what_hangs_on_it(town: Town):
    """Last contact, deals, unpaid invoices: enough for a look without opening the CRM."""
    await town.say("wangmin", "查 C1024")
    await town.hears("wangmin", "217天前", "商机1", "48,000", "未付1", "1,200")


@pytest.mark.parametrize(
    ("who", "sees"),
    [("wangmin", False), ("ZhaoJun", True), ("liqiang", True), ("chenjie", True), ("sunyu", True)],
)
async def test_people_see_what_is_theirs(town: Town, who: str, sees: bool):
    """Reps see their own, leads their people's, admins and auditors all; the rest is as if it were not there."""
    await town.say(who, "查 蓝天贸易")
    if sees:
        await town.hears(who, "C2001", "赵军")
    else:
        await town.hears(who, "没找到「蓝天贸易」，或你无权查看")


async def test_a_look_at_nothing(town: Town):
    """A name that is nowhere gets the same answer as one that is not visible."""
    await town.say("wangmin", "查 不存在的公司")
    await town.hears("wangmin", "没找到「不存在的公司」，或你无权查看")


async def test_many_hits_are_counted_and_narrowed(town: Town):
    """More than a card can hold: the count, the first ones, and how to narrow it down."""

    def settle(connection):
        for number in range(25):
            connection.execute(
                insert(customers).values(
                    number=f"C3{number:03d}", name=f"天宇{number:02d}号工厂", owner="wangmin", created_at=now()
                )
            )
        c = customers.c
        ids = connection.execute(select(c.id).where(c.number.startswith("C3"))).scalars().all()
        index_customers(connection, list(ids))

    await town.change(settle)
    await town.say("wangmin", "作废 天宇")
    await town.hears("wangmin", "「天宇」", "太多了", "写全名", "写编号")
    assert await town.operations() == []


async def test_my_customers(town: Town):
    """我的客户: the longest silent first."""
    await town.say("wangmin", "我的客户")
    heard = await town.hears("wangmin", "共 3 个", "217 天没联系")
    assert heard["text"].index("C1024") < heard["text"].index("C1026") < heard["text"].index("C1025")


async def test_requests_and_who_they_wait_for(town: Town):
    """我的申请 and 待我审批 name the request, its reason and how it stands."""
    await town.say("wangmin", "我的申请")
    await town.hears("wangmin", "还没有提过申请")
    await town.say("liqiang", "待我审批")
    await town.hears("liqiang", "没有等你审批的申请")
    await town.submits("wangmin", "作废客户 宏远科技 原因：重复")
    await town.say("wangmin", "我的申请")
    await town.hears("wangmin", "#0001 作废「宏远科技」", "待审")
    await town.say("liqiang", "待我审批")
    await town.hears("liqiang", "#0001 王敏 申请作废「宏远科技」", "重复", "剩")
    await town.say("wangmin", "待我审批")
    await town.hears("wangmin", "没有等你审批的申请")


async def test_more_wait_than_are_listed(town: Town):
    """Eleven requests wait: ten are listed, and 李强 is told that there are more."""
    await town.submits("wangmin", "作废客户 宏远科技")
    asked = await town.operation(1)

    def ten_more(uow: Any) -> None:
        for _ in range(10):
            more = replace(asked, number=uow.operations.next_number(), targets=Targets(0, (), asked.fingerprint))
            uow.operations.add(more, ())
            uow.audit.append(NewEntry(Tag.OPERATION_CONFIRMED, operation=more.number))

    await town.db.run(ten_more)
    await town.say("liqiang", "待我审批")
    heard = await town.hears("liqiang", "超过 10 件", "#0001", "#0010")
    assert "#0011" not in heard["text"]


async def test_a_crowded_log_still_tells_how_it_ended(town: Town):
    """Cards for many approvers fill the log of a request, and what was done is told all the same."""
    await town.voids("wangmin", "宏远科技")
    shown = [NewEntry(Tag.CARD_SHOWN, operation=1) for _ in range(50)]
    outcome = [NewEntry(Tag.OPERATION_UNDONE, operation=1)]
    await town.db.run(lambda uow: uow.audit.append(*shown, *outcome, *shown))
    for asked in ("谁动了 宏远科技", "日志 #0001"):
        await town.say("wangmin", asked)
        await town.hears("wangmin", "撤销了", "李强 同意了", "王敏 起草了")


async def test_the_log_answers_who_did_it(town: Town):
    """谁动了 X and 日志 #N: who asked, who agreed, why, newest first."""
    await town.voids("wangmin", "宏远科技")
    await town.say("wangmin", "谁动了 宏远科技")
    told = await town.hears("wangmin", "王敏 作废了 宏远科技", "不再合作", "#0001", "李强")
    assert told["text"].index("作废了") < told["text"].index("起草了")
    lead = told["text"].splitlines()[0]
    for part in ("宏远科技」现在已作废：", "王敏 作废了", "不再合作", "#0001，李强 同意。"):
        assert part in lead
    await town.say("wangmin", "撤销 #0001")
    for who in ("wangmin", "liqiang"):
        await town.hears(who, "#0001 已撤销")
    await town.say("wangmin", "谁动了 宏远科技")
    told = await town.hears("wangmin", "现在在用：", "撤销了")
    assert "#0002" not in told["text"]
    await town.say("liqiang", "日志 #0001")
    await town.hears("liqiang", "王敏", "李强", "#0001")


async def test_the_log_of_others_is_not_there(town: Town):
    """A rep cannot read the log of a colleague's customer or request."""
    await town.voids("ZhaoJun", "蓝天贸易")
    await town.say("wangmin", "谁动了 蓝天贸易")
    await town.hears("wangmin", "没找到「蓝天贸易」，或你无权查看")
    await town.say("wangmin", "日志 #0001")
    await town.hears("wangmin", "没有 #0001 这张申请，或你无权查看")


@pytest.mark.parametrize(("words", "answer"), [("日志", "要看谁的记录"), ("why", "Whose log?")])
async def test_a_log_of_nothing(town: Town, words: str, answer: str):
    """日志 without a name asks whose; it does not look for a word nobody said."""
    await town.say("wangmin", words)
    await town.hears("wangmin", answer, "#0312")


async def test_why_it_cannot_be_voided(town: Town):
    """为什么作废不了 X answers with what the log holds about X."""
    await town.submits("wangmin", "作废客户 宏远科技")
    await town.say("wangmin", "为什么作废不了 宏远科技")
    await town.hears("wangmin", "「宏远科技」的记录", "#0001")
