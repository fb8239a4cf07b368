"""What time alone does: cards and requests end, those who decide are reminded at half time."""

import pytest

from core.domain.operation.life import State
from tests.scenario.town import Town, button_of

SHORT = """
[approval.void]
expires = "4h"
[reminders]
inactive_days = 9999
[working_hours]
start = "00:00"
end = "23:59"
"""


async def test_a_confirm_card_lives_half_an_hour(town: Town):
    """Nobody confirms: the card is redrawn as expired, and a late tap changes nothing."""
    confirm = await town.proposes("wangmin", "作废客户 宏远科技")
    await town.advance("31m")
    await town.tap("wangmin", confirm, button_of(confirm, "确认作废"), force=True)
    await town.hears("wangmin", "过期", "什么都没改")
    await town.becomes("wangmin", confirm, grey="已过期")
    assert (await town.operation(1)).state is State.EXPIRED
    await town.hears_nothing("liqiang")


async def test_a_pick_card_lives_half_an_hour(town: Town):
    """A late tick on the pick card is told to ask again."""
    pick = await town.is_asked_which("wangmin", "作废 宏远")
    await town.advance("31m")
    await town.tap("wangmin", pick, "就是它", pick=["C1024"])
    await town.hears("wangmin", "已过期", "重新发一次")
    await town.becomes("wangmin", pick, grey="这张清单已处理")
    assert await town.operations() == []


async def test_the_line_after_other_is_awaited_ten_minutes(town: Town):
    """A line that comes too late is read as a command again, and nothing is submitted."""
    confirm = await town.proposes("wangmin", "作废客户 宏远科技")
    await town.tap("wangmin", confirm, "确认作废", reason="other")
    await town.hears("wangmin", "请用一句话写")
    await town.advance("11m")
    await town.say("wangmin", "查 宏源科技")
    await town.hears("wangmin", "C1025")
    assert (await town.operation(1)).state is State.DRAFT


async def test_a_request_nobody_decides_ends(town: Town):
    """After the policy's 24 hours: requester and approver are told, the cards close, 同意 comes too late."""
    submitted, decide = await town.submits("wangmin", "作废客户 宏远科技")
    await town.advance("25h")
    await town.hears("wangmin", "#0001", "已过期", "没有变动")
    await town.hears("liqiang", "#0001", "已过期", "你不用再处理")
    await town.becomes("wangmin", submitted, grey="已过期")
    await town.becomes("liqiang", decide, grey="已过期")
    await town.say("liqiang", "同意 #0001")
    await town.hears("liqiang", "#0001 已过期")
    await town.tap("liqiang", decide, button_of(decide, "同意"), force=True)
    await town.hears("liqiang", "过期", "什么都没改")
    assert await town.status("C1024") == "active"


@pytest.mark.policy(SHORT)
async def test_half_time_brings_a_reminder(town: Town):
    """Half of the term is over: the approver is reminded once, the requester is not bothered."""
    await town.working_morning()
    _, decide = await town.submits("wangmin", "作废客户 宏远科技")
    await town.advance("125m")
    await town.hears("liqiang", "提醒：#0001 还等你决定", "王敏", "剩 1 小时", "同意 #0001")
    await town.hears_nothing("wangmin")
    await town.tap("liqiang", decide, "同意")
    await town.gets_card("wangmin", title="已作废", button="撤销")


@pytest.mark.policy(SHORT + "[approval.archive]\nfinal_confirm = true\nexpires = '4h'\n")
async def test_an_approval_nobody_runs_ends(town: Town):
    """final_confirm: approved, but 执行 never comes: it expires and nothing is done."""
    _, decide = await town.submits("wangmin", "归档客户 宏远科技", "确认归档")
    await town.tap("liqiang", decide, "同意")
    final = await town.gets_card("wangmin", button=("执行", "不做了"))
    await town.advance("5h")
    await town.hears("wangmin", "#0001", "已获同意", "没有执行", "已过期")
    await town.hears("liqiang", "#0001", "你已同意", "已过期", "你不用再处理")
    await town.becomes("wangmin", final, grey="已过期")
    assert await town.status("C1024") == "active"


async def test_the_requester_says_yes_to_what_expired(town: Town):
    """同意 by the requester on an expired request is told that it expired, not to nudge anybody."""
    await town.submits("wangmin", "作废客户 宏远科技")
    await town.advance("30d")
    await town.hears("wangmin", "#0001", "已过期")
    await town.hears("liqiang", "#0001", "已过期")
    await town.say("wangmin", "同意 #0001")
    await town.hears("wangmin", "#0001 已过期", "重新提交")
