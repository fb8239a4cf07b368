"""删除群体: the same path for a segment; its members stay."""

import pytest

from tests.scenario.town import Town

HELD = "select count(*) from memberships"


async def members(town: Town) -> int:
    return await town.db.read(lambda uow: uow.connection.exec_driver_sql(HELD).scalar_one())


@pytest.mark.parametrize("words", ["删除群体 展会线索2024", "删除分组 展会线索2024", "delete group 展会线索2024"])
async def test_a_group_is_deleted_and_comes_back(town: Town, words: str):
    """Confirm card with the members that stay, approval, deleted; 撤销 brings it back with its members."""
    await town.say("wangmin", words)
    english = words.isascii() or words.startswith("delete")
    button, agree, undo = ("Confirm", "同意", "Undo") if english else ("确认删除", "同意", "撤销")
    confirm = await town.gets_card(
        "wangmin", button, "G1", *(["3"] if english else ["只删分组", "3 个客户", "保留"])
    )
    await town.tap("wangmin", confirm, button)
    await town.tap("liqiang", await town.gets_card("liqiang", "展会线索2024", "3 个客户"), agree)
    done = await town.gets_card("wangmin", undo)
    assert await town.segment_status("G1") == "deleted"
    assert [await town.status(number) for number in ("C1024", "C1025", "C1026")] == ["active"] * 3
    await town.tap("wangmin", done, undo)
    await town.hears("wangmin", "#0001", "✓")
    assert await town.segment_status("G1") == "active"
    assert await members(town) == 3


async def test_a_deleted_group_is_restored_by_name(town: Town):
    """恢复群体 Y brings it back."""
    await town.submits("wangmin", "删除群体 展会线索2024", "确认删除")
    await town.tap("liqiang", await town.gets_card("liqiang", "同意"), "同意")
    await town.gets_card("wangmin", "已删除")
    await town.say("wangmin", "恢复群体 展会线索2024")
    await town.tap("wangmin", await town.gets_card("wangmin", "确认恢复"), "确认恢复")
    await town.hears("wangmin", "已恢复「展会线索2024」")
    assert await town.segment_status("G1") == "active"


@pytest.mark.parametrize("words", ["恢复 展会线索2024", "恢复 G1"])
async def test_a_deleted_group_is_restored_without_saying_group(town: Town, words: str):
    """恢复 Y and 恢复 G1: no customer is called so, the deleted group is."""
    await town.say("wangmin", words)
    await town.hears("wangmin", "展会线索2024 本来就在用")
    await town.submits("wangmin", "删除群体 展会线索2024", "确认删除")
    await town.tap("liqiang", await town.gets_card("liqiang", "同意"), "同意")
    await town.gets_card("wangmin", "已删除")
    await town.say("wangmin", words)
    await town.tap("wangmin", await town.gets_card("wangmin", "确认恢复", "G1"), "确认恢复")
    await town.hears("wangmin", "已恢复「展会线索2024」")
    assert await town.segment_status("G1") == "active"


async def test_part_of_a_name_is_asked_back(town: Town):
    """A part of a group's name leads to a pick card, as with customers."""
    await town.say("wangmin", "删除群体 展会")
    pick = await town.gets_card("wangmin", "就是它", "展会线索2024")
    await town.tap("wangmin", pick, "就是它", pick=["G1"])
    await town.gets_card("wangmin", "确认删除", "G1")


async def test_a_group_is_rejected(town: Town):
    """驳回 keeps the group."""
    await town.submits("wangmin", "删除群体 展会线索2024", "确认删除")
    await town.tap("liqiang", await town.gets_card("liqiang", "驳回"), "驳回", objection="still_talking")
    await town.hears("wangmin", "被驳回")
    assert await town.segment_status("G1") == "active"


async def test_a_group_of_somebody_else(town: Town):
    """A colleague's group and one that is nowhere get one answer."""
    for words in ("展会线索2024", "去年秋天那群"):
        await town.say("zhaojun", f"删除群体 {words}")
        await town.hears("zhaojun", f"没找到「{words}」，或你无权查看")
