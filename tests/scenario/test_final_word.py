"""final_confirm = true: after the approval the requester has the last word."""

import pytest

from core.domain.operation.life import State
from core.domain.people import Role
from tests.scenario.town import Town, button_of

pytestmark = pytest.mark.policy('[approval.void]\nask = "approvers"\nfinal_confirm = true\n')


async def approved(town: Town):
    await town.submits("wangmin", "作废客户 宏远科技")
    decide = await town.gets_card("liqiang", "同意")
    await town.tap("liqiang", decide, "同意")
    final = await town.gets_card("wangmin", "李强", "已同意，现在执行", "不做了")
    await town.becomes("liqiang", decide, "等申请人执行")
    assert await town.status("C1024") == "active"
    return final, decide


async def test_it_runs_when_the_requester_says_so(town: Town):
    """执行 runs it, once; a second tap is told that it is done."""
    final, decide = await approved(town)
    await town.tap("wangmin", final, "执行")
    await town.gets_card("wangmin", "已作废", "撤销")
    await town.becomes("wangmin", final, "已执行")
    await town.becomes("liqiang", decide, "已执行")
    await town.tap("wangmin", final, button_of(final, "执行"), force=True)
    await town.hears("wangmin", "#0001 已经执行完了")


async def test_it_runs_in_words(town: Town):
    """执行 #0001 is as good as the button."""
    await approved(town)
    await town.say("wangmin", "执行 #0001")
    await town.gets_card("wangmin", "已作废")


async def test_a_card_confirmed_in_words_does_not_wait_for_ever(town: Town):
    """It can be redrawn once: then it says 已提交, and is not left at 待审 when all is over."""
    await town.say("wangmin", "作废客户 宏远科技 原因：重复")
    confirm = await town.gets_card("wangmin", "确认作废")
    await town.say("wangmin", "确认")
    await town.tap("liqiang", await town.gets_card("liqiang", "同意"), "同意")
    await town.gets_card("wangmin", "现在执行")
    await town.say("wangmin", "执行 #0001")
    await town.gets_card("wangmin", "已作废", "撤销")
    ended = await town.becomes("wangmin", confirm, "已提交 #0001")
    assert "待审" not in str(ended["card"])


async def test_not_after_all(town: Town):
    """不做了: nothing is done, everybody's card says so."""
    final, decide = await approved(town)
    await town.tap("wangmin", final, "不做了")
    await town.hears("wangmin", "#0001 已撤回", "没有变动")
    await town.becomes("wangmin", final, "已撤回")
    await town.becomes("liqiang", decide, "已撤回")
    await town.say("wangmin", "执行 #0001")
    await town.hears("wangmin", "#0001 已撤回")
    assert await town.status("C1024") == "active"


async def test_only_the_requester_runs_it(town: Town):
    """执行 by the approver is refused."""
    await approved(town)
    await town.say("liqiang", "执行 #0001")
    await town.hears("liqiang", "#0001 不是你提的")
    assert (await town.operation(1)).state is State.FINAL


async def test_an_approver_who_lost_the_role_does_not_count(town: Town):
    """The approver loses the role before it runs: not run; who may decide now is asked, with the facts."""
    final, _ = await approved(town)
    other = await town.gets_card("chenjie", "同意")
    await town.has_roles("liqiang", Role.LEAD)
    await town.tap("wangmin", final, "执行")
    again = await town.gets_card("chenjie", "同意", "v2", "48,000", "未付1")
    await town.becomes("chenjie", other, "待审")
    assert await town.status("C1024") == "active"
    await town.tap("chenjie", again, "同意")
    await town.tap("wangmin", await town.gets_card("wangmin", "陈洁", "已同意，现在执行"), "执行")
    await town.gets_card("wangmin", "已作废")


async def test_a_requester_who_lost_the_right_gets_nothing_done(town: Town):
    """The requester loses the right before it runs: it fails, nothing is changed, people are told."""
    final, decide = await approved(town)
    await town.has_roles("wangmin", Role.AUDITOR)
    await town.tap("wangmin", final, "执行")
    await town.hears("wangmin", "#0001 没有做成", "没有变动")
    await town.hears("liqiang", "#0001 没有做成")
    await town.hears_nothing("liqiang")
    await town.becomes("liqiang", decide, "没有做成")
    assert await town.status("C1024") == "active"
