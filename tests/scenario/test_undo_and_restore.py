"""撤销 and 恢复: exactly what an operation changed comes back, and the bot proves it."""

import pytest
from sqlalchemy import update

from core.crm.embedded.tables import customers
from core.domain.operation.life import State
from core.domain.people import Role
from tests.scenario.listening import look
from tests.scenario.town import Town, button_of


async def test_the_hour_of_an_undo(town: Town):
    """已撤销 is told with the time it was undone at, not with the time it was done at."""
    done = await town.voids("wangmin", "宏远科技")
    await town.advance("2h")
    await town.undoes("wangmin", done)
    undone = (await town.operation(1)).undone_at
    assert undone is not None
    hour = undone.astimezone(town.settings.zone).strftime("%H:%M")
    await town.becomes("wangmin", done, grey=f"已撤销 {hour}")


async def test_undoing_twice_undoes_once(town: Town):
    """The second tap on 撤销 is told that it is undone already."""
    done = await town.voids("wangmin", "宏远科技")
    await town.undoes("wangmin", done)
    await town.tap("wangmin", done, button_of(done, "撤销"), force=True)
    await town.hears("wangmin", "#0001 已经撤销过了")
    assert await town.status("C1024") == "active"


@pytest.mark.parametrize("words", ["撤销 #0001", "恢复 #0001", "撤销", "手滑了", "撤回 #0001"])
async def test_undoing_in_words(town: Town, words: str):
    """By number or simply the last one."""
    await town.voids("wangmin", "宏远科技")
    await town.say("wangmin", words)
    await town.is_undone("wangmin", "#0001")
    assert await town.status("C1024") == "active"


@pytest.mark.parametrize("again", ["撤销", "手滑了", "撤销刚才那个"])
async def test_one_after_another(town: Town, again: str):
    """A second bare 撤销 names the operation before and leaves it; with its number it is undone too."""
    await town.voids("wangmin", "宏远科技")
    await town.voids("wangmin", "宏源科技")
    await town.say("wangmin", "撤销刚才那个")
    await town.is_undone("wangmin", "#0002")
    await town.say("wangmin", again)
    await town.hears("wangmin", "#0002 已撤销", "作废「宏远科技」", "撤销 #0001")
    assert (await town.status("C1024"), await town.status("C1025")) == ("voided", "active")
    await town.say("wangmin", "撤销 #0001")
    await town.is_undone("wangmin", "#0001")
    assert await town.status("C1024") == "active"
    await town.say("wangmin", "撤销")
    await town.hears("wangmin", "没有别的可撤销了")


async def test_an_oops_long_after(town: Town):
    """手滑了 weeks later is not meant for what was done weeks ago: it is named, and stays."""
    await town.voids("wangmin", "宏远科技")
    await town.advance("15d")
    await town.say("wangmin", "手滑了")
    await town.hears("wangmin", "最近一次是 #0001", "作废「宏远科技」", "撤销 #0001")
    assert await town.status("C1024") == "voided"


async def test_an_oops_about_the_open_card(town: Town):
    """手滑了 while a confirm card is open means that card, not what was done before."""
    await town.voids("wangmin", "宏远科技")
    await town.proposes("wangmin", "作废客户 宏源科技", source="#0002")
    await town.say("wangmin", "手滑了")
    await town.hears("wangmin", "#0002 已取消")
    assert await town.status("C1024") == "voided"


@pytest.mark.parametrize("words", ["恢复 昨天删的那三个", "恢复昨天作废的", "恢复刚才那个"])
async def test_bringing_back_is_not_withdrawing(town: Town, words: str):
    """Only what is done can be brought back: a request of today that still waits goes on waiting."""
    await town.submits("wangmin", "作废客户 宏远科技")
    await town.say("wangmin", words)
    await town.hears("wangmin", "没找到你说的操作", "什么都没改")
    assert (await town.operation(1)).state is State.PENDING


async def test_bringing_back_by_day_and_number(town: Town):
    """昨天删的: of today's nothing; the only one of yesterday is undone, of two a list says what to reply."""
    await town.voids("wangmin", "宏远科技")
    await town.say("wangmin", "恢复昨天作废的")
    await town.hears("wangmin", "没找到你说的操作")
    await town.advance("24h")
    await town.say("wangmin", "恢复 昨天删的那三个")
    await town.hears("wangmin", "共 1 张", "#0001 作废「宏远科技」", "撤销 #0001")
    assert await town.status("C1024") == "voided"
    await town.say("wangmin", "恢复昨天作废的")
    await town.is_undone("wangmin", "#0001")
    assert await town.status("C1024") == "active"


@pytest.mark.parametrize("words", ["撤销 #0001", "撤回 #0001", "撤销"])
async def test_taking_back_what_still_waits(town: Town, words: str):
    """撤销 of a request nobody has decided withdraws it."""
    _, decide = await town.submits("wangmin", "作废客户 宏远科技")
    await town.say("wangmin", words)
    await town.hears("wangmin", "#0001 已撤回")
    await town.becomes("liqiang", decide, grey="已撤回")


async def test_a_lead_takes_back_what_a_rep_did(town: Town):
    """A lead may undo the own people's operations; both hear of it. A colleague may not."""
    await town.voids("wangmin", "宏远科技")
    await town.say("zhaojun", "撤销 #0001")
    await town.hears("zhaojun", "#0001 不是你提的")
    assert await town.status("C1024") == "voided"
    await town.say("liqiang", "撤销 #0001")
    whole = "恢复原样 ✓ 一起回来的：1 个客户、2 条记录、1 个分组，与作废前一致"
    await town.hears("liqiang", "#0001 已撤销，", whole)
    await town.hears("wangmin", "#0001 已撤销（操作人：李强），", whole)
    assert await town.status("C1024") == "active"


async def test_the_owner_hears_of_it(town: Town):
    """A lead voids a rep's customer: the rep hears who did it and why, once; and again when it is undone."""
    await town.has_roles("liqiang", Role.REP, Role.LEAD, Role.APPROVER)
    _, decide = await town.submits("liqiang", "作废客户 宏远科技 原因：重复", why="重复")
    assert {"对象 C1024 上海宏远科技有限公司", "负责 王敏"} <= set(look(decide).lines)
    await town.tap("chenjie", decide, "同意")
    done = await town.gets_card("liqiang", title="已作废", line="C1024 上海宏远科技有限公司", button="撤销")
    await town.hears(
        "wangmin", "李强 已作废你负责的「宏远科技」（C1024 上海宏远科技有限公司），原因：重复（#0001）"
    )
    await town.undoes("liqiang", done)
    await town.hears("wangmin", "#0001 已撤销（操作人：李强）")
    await town.hears_nothing("wangmin")


async def test_who_agreed_hears_of_a_restore_by_name(town: Town):
    """恢复 X takes back what somebody had agreed to: that person is told who did it."""
    await town.voids("wangmin", "宏远科技")
    card = await town.proposes("wangmin", "恢复 宏远科技", "确认恢复")
    await town.tap("wangmin", card, "确认恢复")
    await town.hears("wangmin", "已恢复「宏远科技」")
    await town.hears("liqiang", "王敏 恢复了「宏远科技」", "#0002", "之前由 #0001 作废")


async def test_an_undo_is_no_request_of_its_own(town: Town):
    """我的申请 lists what was asked for: the undone one as undone, and nothing beside it."""
    done = await town.voids("wangmin", "宏远科技")
    await town.undoes("wangmin", done)
    await town.say("wangmin", "我的申请")
    listed = await town.hears("wangmin", "#0001", "已撤销")
    assert "#0002" not in listed["text"]


async def test_too_late(town: Town):
    """After the retention time the button and the words say until when it was possible; nothing is changed."""
    done = await town.voids("wangmin", "宏远科技")
    await town.advance("91d")
    await town.tap("wangmin", done, "撤销")
    await town.hears("wangmin", "#0001 的撤销期限", "已过")
    await town.say("wangmin", "撤销 #0001")
    await town.hears("wangmin", "#0001 的撤销期限", "已过")
    assert await town.status("C1024") == "voided"


async def test_somebody_else_moved_it_since(town: Town):
    """Restored by name in between and voided again: the old 撤销 does not touch the new state."""
    done = await town.voids("wangmin", "宏源科技")
    card = await town.proposes("liqiang", "恢复 宏源科技", "确认恢复")
    await town.tap("liqiang", card, "确认恢复")
    await town.hears("liqiang", "已恢复「宏源科技」")
    await town.hears("wangmin", "李强 已恢复你负责的「宏源科技」", "#0002")
    await town.tap("wangmin", done, "撤销")
    await town.hears("wangmin", "#0001 之后又有别的操作")
    assert await town.status("C1025") == "active"


async def test_what_was_edited_since_stays_edited(town: Town):
    """Only what the operation changed goes back: a newer phone number stays, and the answer says so."""
    done = await town.voids("wangmin", "宏远科技")
    await town.change(
        lambda connection: connection.execute(
            update(customers)
            .where(customers.c.number == "C1024")
            .values(phone="13811112222", version=customers.c.version + 1)
        )
    )
    await town.tap("wangmin", done, "撤销")
    for who in ("wangmin", "liqiang"):
        await town.hears(who, "#0001 已撤销", "「宏远科技」（C1024 上海宏远科技有限公司）", "手机之后又改过")
    assert await town.status("C1024") == "active"


async def test_restoring_by_name(town: Town):
    """恢复 X finds the voided one, shows it, and brings it back without another person."""
    await town.voids("wangmin", "宏远科技")
    card = await town.proposes("wangmin", "恢复 宏远科技", "确认恢复", line=("C1024", "已作废", "不需要"))
    await town.tap("wangmin", card, "确认恢复")
    await town.hears("wangmin", "已恢复「宏远科技」")
    await town.hears("liqiang", "王敏 恢复了「宏远科技」")
    await town.becomes("wangmin", card, grey="已执行")
    assert await town.status("C1024") == "active"


async def test_restoring_what_is_in_use(town: Town):
    """恢复 of an active customer says that there is nothing to restore."""
    await town.say("wangmin", "恢复 宏远科技")
    await town.hears("wangmin", "宏远科技 本来就在用")


async def test_undoing_what_never_was(town: Town):
    """A number that does not exist, and a draft: clear answers."""
    await town.say("wangmin", "撤销 #0777")
    await town.hears("wangmin", "没有 #0777 这张申请")
    await town.say("wangmin", "撤销")
    await town.hears("wangmin", "没有可撤销的操作")


@pytest.mark.policy('[approval.restore]\nask = "leader"\nvotes = 1\n')
async def test_where_restoring_needs_an_approval(town: Town):
    """The policy wants a vote for 恢复 too: then 撤销 asks for it first."""
    done = await town.voids("wangmin", "宏远科技")
    await town.tap("wangmin", done, "撤销")
    submitted, decide = await town.is_submitted("wangmin")
    assert (look(submitted).title, look(decide).title) == (
        "已提交：恢复「宏远科技」",
        "剩 24 小时 · 申请恢复「宏远科技」",
    )
    assert await town.status("C1024") == "voided"
    await town.tap("liqiang", decide, "同意")
    await town.is_undone("wangmin", "#0001")
    await town.becomes("wangmin", done, grey="已撤销")
