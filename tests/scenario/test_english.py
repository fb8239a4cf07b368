"""The same path in English, and each person in the own language."""

from tests.scenario.town import Town


async def test_the_whole_way_in_english(town: Town):
    """void customer … because …: English cards for the rep, Chinese ones for the approver."""
    await town.say("wangmin", "void customer 宏远科技 because duplicate")
    confirm = await town.gets_card("wangmin", "Please confirm: void", "C1024", "Archive it", "Cancel")
    assert confirm["card"]["button_selection"]["selected_id"] == "duplicate"
    await town.tap("wangmin", confirm, "Confirm")
    submitted = await town.gets_card("wangmin", "Submitted", "Nudge", "Withdraw")
    decide = await town.gets_card("liqiang", "同意", "驳回", "重复")
    await town.tap("wangmin", submitted, "Nudge")
    await town.hears("wangmin", "I reminded 李强")
    await town.hears("liqiang", "催你看一下")
    await town.tap("liqiang", decide, "同意")
    done = await town.gets_card("wangmin", "Done: void", "Undo")
    await town.tap("wangmin", done, "Undo")
    await town.hears("wangmin", "#0001 is undone", "✓")


async def test_an_english_refusal(town: Town):
    """Who asks in English is refused in English."""
    await town.say("wangmin", "void customer Nowhere Ltd")
    await town.hears("wangmin", "Nowhere Ltd", "not")


async def test_english_words_for_buttons(town: Town):
    """approve, reject, undo, withdraw, help, my requests."""
    await town.say("wangmin", "void customer 宏远科技 because moved")
    await town.gets_card("wangmin", "Please confirm")
    await town.say("wangmin", "confirm")
    await town.gets_card("wangmin", "Submitted")
    await town.gets_card("liqiang", "同意")
    await town.say("liqiang", "reject #0001 still talking")
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
