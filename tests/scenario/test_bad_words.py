"""Whatever a person writes or a customer is called: an answer comes, and nothing changes by accident."""

from sqlalchemy import Connection, insert, select

from core.crm.embedded.indexing import index_customers
from core.crm.embedded.tables import customers
from tests.scenario.listening import look
from tests.scenario.settling import now
from tests.scenario.town import Town
from tests.scenario.weather import log_holds, state_of

UNCLEAR, NOT_THERE = "没看懂。是不是想说：", "，或你无权查看"
ODD_WORDS = {
    "作废": UNCLEAR,
    "作废客户": UNCLEAR,
    "作废客户 《》": "没找到「《》」" + NOT_THERE,
    "作废客户 " + "宏" * 600: "没找到「宏宏宏",
    "同意": "现在没有等你审批的申请",
    "同意 #": UNCLEAR + "同意 #0312",
    "同意 #9999999999999999999999": UNCLEAR + "同意 #0312",
    "驳回 #0000": "没有 #0000 这张申请" + NOT_THERE,
    "撤销 #0099": "没有 #0099 这张申请" + NOT_THERE,
    "选 99999999999999999999": UNCLEAR,
    "执行 #-1": UNCLEAR + "执行 #0312",
    "void": "I did not get that",
    "void customer": "I did not get that",
    "'; DROP TABLE customers; --": "还办不了",
    "%%%%____": UNCLEAR,
    "作废客户 \u200b\u200b\u200b": UNCLEAR,
    "👍👍🏽‍♂️🇨🇳": UNCLEAR,
    "<xml><Event>subscribe</Event></xml>": UNCLEAR,
    "]]><x/>": UNCLEAR,
    "查 " + "?" * 2000: UNCLEAR,
    "a" * 2048: UNCLEAR,
    "宏" * 682: UNCLEAR,
    "\n\n\n": UNCLEAR,
    "　　": UNCLEAR,
    "日志 #0": "没有 #0000 这张申请" + NOT_THERE,
    "恢复 #123456789012345678901234567890": "没找到「#123456789012345678901234567890」" + NOT_THERE,
}
"""What somebody writes, and what the one answer to it holds."""


async def test_odd_words_are_answered_and_change_nothing(town: Town) -> None:
    """Half commands, huge numbers, SQL, markup, 2,048 bytes, emoji: one answer each, and it fits."""
    before = await state_of(town)
    for words in ODD_WORDS:
        assert (await town.say("wangmin", words))["status"] == 200, words
    for answer in ODD_WORDS.values():
        await town.hears("wangmin", answer)
    await town.hears_nothing("wangmin")
    assert await state_of(town) == before
    await log_holds(town)


async def test_a_turned_around_command_is_a_command(town: Town) -> None:
    """A right-to-left mark before the words changes how they look, not what they mean: asked, and no more."""
    before = await state_of(town)
    await town.proposes("wangmin", "\u202e作废客户 宏远科技", title="宏远科技")
    assert [operation.state for operation in await town.operations()] == ["draft"]
    after = await state_of(town)
    assert {**after, "operations": []} == {**before, "operations": []}
    await log_holds(town)


HOSTILE_NAMES = (
    "宏\u202e远\u202c乙公司",
    "甲\u0007\u001b[31m红公司",
    "换行\n确认作废：同意\n公司",
    "@all 丙公司",
    "[点我](http://evil.example) 丁公司",
    "<a href='x'>戊</a>公司",
    "🎉🎉🎉己公司",
    "很长" * 100 + "公司",
)


FORBIDDEN = ("\u202e", "\u0007", "\u001b", "\n确认", "@all", "](http", "<a ")
"""What would change how a card reads."""


async def test_hostile_names_stay_names(town: Town) -> None:
    """Control characters, line breaks, mentions, links and emoji in a name: the card's own facts are untouched."""

    def add(connection: Connection) -> None:
        for number, name in enumerate(HOSTILE_NAMES):
            row = {"number": f"H{number}", "name": name, "owner": "wangmin", "level": "C", "created_at": now()}
            connection.execute(insert(customers).values(row))
        index_customers(connection, list(connection.execute(select(customers.c.id)).scalars()))

    await town.change(add)
    for number in range(len(HOSTILE_NAMES)):
        confirm = await town.proposes("wangmin", f"作废客户 H{number}", source="客户助手", line=f"客户 H{number} ")
        await town.tap("wangmin", confirm, "确认作废", reason="duplicate")
        _, decide = await town.is_submitted("wangmin", why="重复")
        assert f"H{number} " in str(look(decide))
        shown = "\x00".join(_strings(decide["card"]))
        assert not [sign for sign in FORBIDDEN if sign in shown]
        await town.tap("liqiang", decide, "同意")
        await town.gets_card("wangmin", source=f"#{number + 1:04}", title="已作废", button="撤销")
        assert await town.status(f"H{number}") == "voided"
    await log_holds(town)


def _strings(value: object) -> list[str]:
    """Every text on a card."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for part in value.values() for text in _strings(part)]
    return [text for part in value for text in _strings(part)] if isinstance(value, list) else []
