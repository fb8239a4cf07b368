"""final_confirm = true: after the approval the requester has the last word."""

import pytest

from core.domain.operation.life import State
from core.domain.people import Role
from tests.scenario.listening import Message, look
from tests.scenario.town import Town, button_of

pytestmark = pytest.mark.policy('[approval.void]\nask = "approvers"\nfinal_confirm = true\n')


async def approved(town: Town) -> tuple[Message, Message, Message]:
    """李强 has agreed: 王敏's card with the last word, 李强's card, and that of 陈洁, who was asked too."""
    _, decide, other = await town.submits("wangmin", "作废客户 宏远科技", asks=("liqiang", "chenjie"))
    await town.tap("liqiang", decide, "同意")
    final = await town.gets_card("wangmin", title=("李强", "已同意，现在执行"), button=("执行", "不做了"))
    await town.becomes("liqiang", decide, grey="等申请人执行")
    assert await town.status("C1024") == "active"
    return final, decide, other


async def test_it_runs_when_the_requester_says_so(town: Town):
    """执行 runs it, once; a second tap is told that it is done."""
    final, decide, _ = await approved(town)
    await town.tap("wangmin", final, "执行")
    await town.gets_card("wangmin", title="已作废", button="撤销")
    await town.becomes("wangmin", final, grey="已执行")
    await town.becomes("liqiang", decide, grey="已执行")
    await town.tap("wangmin", final, button_of(final, "执行"), force=True)
    await town.hears("wangmin", "#0001 已经执行完了")


async def test_it_runs_in_words(town: Town):
    """执行 #0001 is as good as the button."""
    await approved(town)
    await town.say("wangmin", "执行 #0001")
    await town.gets_card("wangmin", title="已作废", button="撤销")


async def test_a_card_confirmed_in_words_does_not_wait_for_ever(town: Town):
    """It can be redrawn once: then it says 已提交, and is not left at 待审 when all is over."""
    confirm = await town.proposes("wangmin", "作废客户 宏远科技 原因：重复")
    await town.say("wangmin", "确认")
    _, decide, _ = await town.is_submitted("wangmin", "liqiang", "chenjie", why="重复")
    await town.tap("liqiang", decide, "同意")
    await town.gets_card("wangmin", title="现在执行", button="执行")
    await town.say("wangmin", "执行 #0001")
    await town.gets_card("wangmin", title="已作废", button="撤销")
    ended = await town.becomes("wangmin", confirm, grey="已提交 #0001")
    assert "待审" not in str(look(ended))


async def test_not_after_all(town: Town):
    """不做了: nothing is done, everybody's card says so."""
    final, decide, _ = await approved(town)
    await town.tap("wangmin", final, "不做了")
    await town.hears("wangmin", "#0001 已撤回", "没有变动")
    await town.becomes("wangmin", final, grey="已撤回")
    await town.becomes("liqiang", decide, grey="已撤回")
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
    final, _, other = await approved(town)
    await town.has_roles("liqiang", Role.LEAD)
    await town.tap("wangmin", final, "执行")
    again = await town.gets_card("chenjie", line=("版本 v2", "未付1", "¥48,000"), button="同意")
    submitted = await town.gets_card("wangmin", title="已提交", line="审批人 需 陈洁 同意", button="撤回申请")
    await town.becomes("chenjie", other, grey="待审")
    assert await town.status("C1024") == "active"
    await town.tap("chenjie", again, "同意")
    last = await town.gets_card("wangmin", title=("陈洁", "已同意，现在执行"), button=("执行", "不做了"))
    await town.tap("wangmin", last, "执行")
    await town.gets_card("wangmin", title="已作废", button="撤销")
    await town.becomes("wangmin", submitted, grey="已执行")


async def test_a_requester_who_lost_the_right_gets_nothing_done(town: Town):
    """The requester loses the right before it runs: it fails, nothing is changed, people are told."""
    final, decide, _ = await approved(town)
    await town.has_roles("wangmin", Role.AUDITOR)
    await town.tap("wangmin", final, "执行")
    await town.hears("wangmin", "#0001 没有做成", "没有变动")
    await town.hears("liqiang", "#0001 没有做成")
    await town.hears_nothing("liqiang")
    await town.hears("chenjie", "E-0001", "#0001", "没有做成", "起因：")
    await town.becomes("liqiang", decide, grey="没有做成")
    assert await town.status("C1024") == "active"
