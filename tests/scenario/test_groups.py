"""删除群体: the same path for a segment; its members stay."""

import pytest

from tests.scenario.listening import look
from tests.scenario.town import Town

HELD = "select count(*) from memberships"


async def members(town: Town) -> int:
    return await town.db.read(lambda uow: uow.connection.exec_driver_sql(HELD).scalar_one())


async def is_back(town: Town) -> None:
    assert await town.segment_status("G1") == "active"
    assert await members(town) == 3


@pytest.mark.parametrize("words", ["删除群体 展会线索2024", "删除分组 展会线索2024"])
async def test_a_group_is_deleted_and_comes_back(town: Town, words: str):
    """Confirm card with the members that stay, approval, deleted; 撤销 brings it back with its members."""
    confirm = await town.proposes("wangmin", words, "确认删除", line=("G1", "只删分组", "3 个客户", "保留"))
    await town.tap("wangmin", confirm, "确认删除")
    _, decide = await town.is_submitted("wangmin")
    assert "展会线索2024" in look(decide).title
    assert any("3 个客户" in line for line in look(decide).lines)
    await town.tap("liqiang", decide, "同意")
    done = await town.gets_card("wangmin", title="已删除", button="撤销")
    assert await town.segment_status("G1") == "deleted"
    assert [await town.status(number) for number in ("C1024", "C1025", "C1026")] == ["active"] * 3
    await town.undoes("wangmin", done)
    await is_back(town)


async def test_a_group_is_deleted_and_comes_back_in_english(town: Town):
    """delete group: Confirm and Undo for the rep, Chinese for the approver."""
    await town.say("wangmin", "delete group 展会线索2024")
    confirm = await town.gets_card("wangmin", line=("G1", "3"), button=("Confirm", "Cancel"))
    await town.tap("wangmin", confirm, "Confirm")
    await town.gets_card("wangmin", title="Submitted", button="Withdraw")
    decide = await town.gets_card("liqiang", title="展会线索2024", line="3 个客户", button=("同意", "驳回"))
    await town.tap("liqiang", decide, "同意")
    done = await town.gets_card("wangmin", title="Done: delete", button="Undo")
    assert await town.segment_status("G1") == "deleted"
    await town.tap("wangmin", done, "Undo")
    await town.hears("wangmin", "#0001 is undone", "✓")
    await town.hears("liqiang", "#0001 已撤销", "恢复原样 ✓")
    await is_back(town)


async def deleted(town: Town) -> None:
    _, decide = await town.submits("wangmin", "删除群体 展会线索2024", "确认删除")
    await town.tap("liqiang", decide, "同意")
    await town.gets_card("wangmin", title="已删除", button="撤销")


async def restored(town: Town, words: str) -> None:
    """It comes back without another person; whoever agreed to its end hears of it."""
    restore = await town.proposes("wangmin", words, "确认恢复", line="G1")
    await town.tap("wangmin", restore, "确认恢复")
    await town.hears("wangmin", "已恢复「展会线索2024」")
    await town.hears("liqiang", "王敏 恢复了「展会线索2024」", "#0002", "之前由 #0001 删除")
    await is_back(town)


async def test_a_deleted_group_is_restored_by_name(town: Town):
    """恢复群体 Y brings it back."""
    await deleted(town)
    await restored(town, "恢复群体 展会线索2024")


@pytest.mark.parametrize("words", ["恢复 展会线索2024", "恢复 G1"])
async def test_a_deleted_group_is_restored_without_saying_group(town: Town, words: str):
    """恢复 Y and 恢复 G1: no customer is called so, the deleted group is."""
    await town.say("wangmin", words)
    await town.hears("wangmin", "展会线索2024 本来就在用")
    await deleted(town)
    await restored(town, words)


async def test_part_of_a_name_is_asked_back(town: Town):
    """A part of a group's name leads to a pick card, as with customers."""
    pick = await town.is_asked_which("wangmin", "删除群体 展会")
    assert "展会线索2024" in look(pick).options[0]
    await town.tap("wangmin", pick, "就是它", pick=["G1"])
    await town.gets_card("wangmin", line="G1", button="确认删除")


async def test_a_group_is_rejected(town: Town):
    """驳回 keeps the group."""
    _, decide = await town.submits("wangmin", "删除群体 展会线索2024", "确认删除")
    await town.tap("liqiang", decide, "驳回", objection="still_talking")
    await town.hears("wangmin", "被驳回")
    assert await town.segment_status("G1") == "active"


async def test_a_group_of_somebody_else(town: Town):
    """A colleague's group and one that is nowhere get one answer."""
    for words in ("展会线索2024", "去年秋天那群"):
        await town.say("zhaojun", f"删除群体 {words}")
        await town.hears("zhaojun", f"没找到「{words}」，或你无权查看")
