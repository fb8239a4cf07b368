"""Whatever a person writes or a customer is called: an answer comes, and nothing changes by accident."""

from sqlalchemy import Connection, insert, select

from core.crm.embedded.indexing import index_customers
from core.crm.embedded.tables import customers
from tests.scenario.town import Town, now
from tests.scenario.weather import cards, log_holds, state_of, texts

ODD_WORDS = (
    "作废",
    "作废客户",
    "作废客户 《》",
    "作废客户 " + "宏" * 600,
    "同意",
    "同意 #",
    "同意 #9999999999999999999999",
    "驳回 #0000",
    "撤销 #0099",
    "选 99999999999999999999",
    "执行 #-1",
    "void",
    "void customer",
    "'; DROP TABLE customers; --",
    "%%%%____",
    "\u202e作废客户 宏远科技",
    "作废客户 \u200b\u200b\u200b",
    "👍👍🏽‍♂️🇨🇳",
    "<xml><Event>subscribe</Event></xml>",
    "]]><x/>",
    "查 " + "?" * 2000,
    "a" * 2048,
    "宏" * 682,
    "\n\n\n",
    "　　",
    "日志 #0",
    "恢复 #123456789012345678901234567890",
)


async def test_odd_words_are_answered_and_change_nothing(town: Town) -> None:
    """Half commands, huge numbers, SQL, markup, 2,048 bytes, emoji, right-to-left marks: one answer each."""
    before = await state_of(town)
    for words in ODD_WORDS:
        assert (await town.say("wangmin", words))["status"] == 200, words
    await town.settled()
    answers = await texts(town, "wangmin")
    asked = await cards(town, "wangmin")
    assert len(answers) + len(asked) == len(ODD_WORDS)
    assert not [text for text in answers if "出了点问题" in text]
    after = await state_of(town)
    assert {name: rows for name, rows in after.items() if name != "operations"} == {
        name: rows for name, rows in before.items() if name != "operations"
    }
    assert all(operation.state == "draft" for operation in await town.operations())
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
        await town.say("wangmin", f"作废客户 H{number}")
        confirm = await town.gets_card("wangmin", "确认作废", f"H{number}")
        assert confirm["card"]["source"]["desc"].startswith("客户助手")
        await town.tap("wangmin", confirm, "确认作废", reason="duplicate")
        decide = await town.gets_card("liqiang", "同意", f"H{number}")
        shown = "\x00".join(_strings(decide["card"]))
        assert not [
            sign for sign in ("\u202e", "\u0007", "\u001b", "\n确认", "@all", "](http", "<a ") if sign in shown
        ]
        await town.tap("liqiang", decide, "同意")
        await town.gets_card("wangmin", "已作废", f"#{number + 1:04}")
        assert await town.status(f"H{number}") == "voided"
    await log_holds(town)


def _strings(value: object) -> list[str]:
    """Every text on a card."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for part in value.values() for text in _strings(part)]
    return [text for part in value for text in _strings(part)] if isinstance(value, list) else []
