"""Taps while no backup can be written: nothing changes, everybody is answered, and all goes on once it can."""

from pathlib import Path

import pytest

from core.domain.audit import Tag
from core.domain.operation.life import State
from tests.scenario.listening import Message
from tests.scenario.town import Town, button_of


class Shelf:
    """The vault's folder, which can be taken away: a file lies in its place, so that nobody can write there."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._aside = folder, folder.with_name("vault-aside")

    def take_away(self) -> None:
        if self._folder.exists():
            self._folder.rename(self._aside)
        self._folder.touch()

    def put_back(self) -> None:
        self._folder.unlink()
        if self._aside.exists():
            self._aside.rename(self._folder)


@pytest.fixture
def shelf(town: Town) -> Shelf:
    return Shelf(town.settings.vault_dir)


async def agreed_in_vain(town: Town, shelf: Shelf) -> tuple[Message, Message]:
    """Approved, and the bot has noted that there is no backup: (the requester's card, the approver's)."""
    shelf.take_away()
    submitted, decide = await town.submits("wangmin", "作废客户 宏远科技")
    await town.tap("liqiang", decide, "同意")
    await town.logs(1, Tag.BACKUP_FAILED)
    assert await town.status("C1024") == "active"
    return submitted, decide


async def test_taps_meanwhile_change_nothing(town: Town, shelf: Shelf):
    """同意 again, 撤回申请, 撤销 in words: each is answered; the void is done once, when the folder is back."""
    submitted, decide = await agreed_in_vain(town, shelf)
    await town.tap("liqiang", decide, button_of(decide, "同意"), force=True)
    await town.hears("liqiang", "#0001", "正在执行")
    await town.tap("wangmin", submitted, "撤回申请")
    await town.hears("wangmin", "#0001", "正在执行")
    await town.say("wangmin", "撤销 #0001")
    await town.hears("wangmin", "#0001", "正在执行")
    await town.say("wangmin", "作废客户 宏远科技")
    await town.hears("wangmin", "宏远科技", "#0001")
    assert await town.status("C1024") == "active"

    shelf.put_back()
    await town.advance("1m")
    await town.gets_card("wangmin", title="已作废", line="B-0001", button="撤销")
    await town.becomes("liqiang", decide, grey=("李强 已同意", "已执行"))
    await town.becomes("wangmin", submitted, grey="已执行")
    assert await town.status("C1024") == "voided"
    assert [operation.state for operation in await town.operations()] == [State.DONE]


async def test_others_are_answered_meanwhile(town: Town, shelf: Shelf):
    """Looks, new requests and rejections need no backup: one stuck operation holds nobody up."""
    await agreed_in_vain(town, shelf)
    await town.say("ZhaoJun", "查 蓝天贸易")
    await town.hears("ZhaoJun", "C2001")
    _, other = await town.submits("ZhaoJun", "作废客户 蓝天贸易")
    await town.tap("liqiang", other, "驳回", objection="still_talking")
    await town.hears("ZhaoJun", "#0002 被驳回", "还在谈")
    assert await town.status("C2001") == "active"

    shelf.put_back()
    await town.advance("1m")
    await town.gets_card("wangmin", source="#0001", title="已作废", button="撤销")


async def test_an_undo_waits_for_its_backup(town: Town, shelf: Shelf):
    """撤销 is an operation too: without a place for its backup the customer stays voided until there is one."""
    done = await town.voids("wangmin", "宏远科技")
    shelf.take_away()
    await town.tap("wangmin", done, "撤销")
    await town.logs(1, Tag.BACKUP_FAILED)
    assert await town.status("C1024") == "voided"
    await town.tap("wangmin", done, button_of(done, "撤销"), force=True)
    await town.hears("wangmin", "宏远科技", "#0002")

    shelf.put_back()
    await town.advance("1m")
    for who in ("wangmin", "liqiang"):
        await town.hears(who, "#0001 已撤销", "恢复原样 ✓")
    assert await town.status("C1024") == "active"
    assert [operation.state for operation in await town.operations()] == [State.UNDONE, State.DONE]


async def test_it_ends_when_the_folder_never_comes_back(town: Town, shelf: Shelf):
    """After three tries everybody concerned is told, the cards close, and the same request can be made again."""
    submitted, decide = await agreed_in_vain(town, shelf)
    for tries in (2, 3):
        await town.advance("1m")
        await town.logs(tries, Tag.BACKUP_FAILED)
    for who in ("wangmin", "liqiang"):
        await town.hears(who, "#0001：备份没通过验证", "什么都没改", "编号 E-0001", "已通知管理员")
    await town.hears("chenjie", "E-0001", "#0001", "没有做成", "起因：")
    await town.becomes("wangmin", submitted, grey="没有做成")
    await town.becomes("liqiang", decide, grey="没有做成")

    shelf.put_back()
    await town.voids("wangmin", "宏远科技")
    assert await town.status("C1024") == "voided"
