"""The same path in English, and each person in the own language."""

import re

from tests.scenario.listening import Message, Words
from tests.scenario.town import Town


async def proposes(town: Town, words: str, chosen: Words = ()) -> Message:
    await town.say("wangmin", words)
    buttons = ("Confirm", "Archive it", "Cancel")
    return await town.gets_card(
        "wangmin", title="Please confirm: void", line="C1024", chosen=chosen, button=buttons
    )


async def is_submitted(town: Town, why: str) -> tuple[Message, Message]:
    """The rep reads English, the approver Chinese."""
    submitted = await town.gets_card("wangmin", title="Submitted", button=("Nudge", "Withdraw"))
    return submitted, await town.gets_card("liqiang", line=f"原因 {why}", button=("同意", "驳回"))


async def test_the_whole_way_in_english(town: Town):
    """void customer … because …: English cards for the rep, Chinese ones for the approver."""
    confirm = await proposes(town, "void customer 宏远科技 because duplicate", chosen="Duplicate")
    await town.tap("wangmin", confirm, "Confirm")
    submitted, decide = await is_submitted(town, "重复")
    await town.tap("wangmin", submitted, "Nudge")
    await town.hears("wangmin", "I reminded 李强")
    await town.hears("liqiang", "催你看一下")
    await town.tap("liqiang", decide, "同意")
    done = await town.gets_card("wangmin", title="Done: void", button="Undo")
    await town.tap("wangmin", done, "Undo")
    await town.hears("wangmin", "#0001 is undone", "✓")
    await town.hears("liqiang", "#0001 已撤销", "恢复原样 ✓")


async def test_an_english_refusal(town: Town):
    """Who asks in English is refused in English."""
    await town.say("wangmin", "void customer Nowhere Ltd")
    await town.hears("wangmin", "Nowhere Ltd", "not")


async def test_english_words_for_buttons(town: Town):
    """approve, reject, undo, withdraw, help, my requests."""
    await proposes(town, "void customer 宏远科技 because moved")
    await town.say("wangmin", "confirm")
    await is_submitted(town, "已搬迁")
    await town.say("liqiang", "reject #0001 still talking")
    await town.hears("liqiang", "you rejected #0001")
    await town.hears("wangmin", "#0001", "still talking")
    await town.say("wangmin", "my requests")
    await town.hears("wangmin", "#0001", "void")
    await town.say("wangmin", "help")
    await town.hears("wangmin", "void ")


async def test_back_to_chinese(town: Town):
    """A Chinese command brings Chinese answers back; 说英文 changes it for good."""
    await town.say("wangmin", "find 宏源科技")
    await town.hears("wangmin", "C1025", "active")
    await town.say("wangmin", "查 宏源科技")
    await town.hears("wangmin", "C1025", "在用")
    await town.say("wangmin", "说英文")
    await town.hears("wangmin", "English")


async def test_no_chinese_inside_english(town: Town):
    """What is not offered, and what is not understood, is worded in English throughout."""
    await town.say("wangmin", "speak English")
    await town.hears("wangmin", "English")
    for words in ("export C1024", "can I delete C1024", "purge C1024", "notes C1024", "C1024", "thanks", "what?!"):
        await town.say("wangmin", words)
        answer = await town.hears("wangmin")
        assert not re.search("[\u3400-\u9fff]", answer["text"]), answer["text"]


async def test_a_number_changes_no_language(town: Town):
    """restore C1024 and a bare C1024 by somebody who is answered in Chinese are answered in Chinese."""
    await town.say("wangmin", "restore C1024")
    await town.hears("wangmin", "宏远科技 本来就在用")
    await town.say("wangmin", "C1024")
    await town.hears("wangmin", "查 C1024")
    await town.say("wangmin", "#0035")
    await town.hears("wangmin", "同意 #0035", "撤销 #0035")
    await town.say("wangmin", "please find customer 宏源科技")
    await town.hears("wangmin", "active")
