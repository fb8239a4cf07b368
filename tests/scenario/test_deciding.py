"""Those who decide: 同意 and 驳回, by whom, how often, and what becomes of the cards."""

import json
from typing import Any

import pytest

from core.domain.audit import Tag
from core.domain.operation.life import State
from core.domain.people import Role
from tests.scenario.listening import look
from tests.scenario.town import Town, button_of

TWO_VOTES = '[approval.void]\nask = "approvers"\nvotes = 2\n'


async def test_a_rejection_from_the_drop_down_ends_it(town: Town):
    """驳回 with a reason from the list: the requester reads why, nothing is changed, both cards close."""
    submitted, decide = await town.submits("wangmin", "作废客户 宏远科技")
    await town.tap("liqiang", decide, "驳回", objection="still_talking")
    await town.hears("wangmin", "#0001 被驳回", "还在谈", "没有变动")
    await town.becomes("wangmin", submitted, grey="已驳回")
    await town.becomes("liqiang", decide, grey="已驳回")
    assert await town.status("C1024") == "active"


async def test_a_rejection_says_why(town: Town):
    """驳回 with the drop-down left alone asks for a line, and that line is the reason."""
    _, decide = await town.submits("wangmin", "作废客户 宏远科技")
    await town.tap("liqiang", decide, "驳回")
    await town.hears("liqiang", "请用一句话写驳回 #0001 的理由")
    assert (await town.operation(1)).state is State.PENDING
    await town.say("liqiang", "还在谈合同")
    await town.hears("liqiang", "#0001 你已驳回")
    await town.hears("wangmin", "#0001 被驳回", "还在谈合同")


async def test_a_bare_rejection_in_words_says_why(town: Town):
    """驳回 #0001 without a reason asks for one as well."""
    await town.submits("wangmin", "作废客户 宏远科技")
    await town.say("liqiang", "驳回 #0001")
    await town.hears("liqiang", "请用一句话写驳回 #0001 的理由")
    await town.say("liqiang", "还在谈合同")
    await town.hears("liqiang", "#0001 你已驳回")
    await town.hears("wangmin", "#0001 被驳回", "还在谈合同")


async def test_a_rejection_by_the_next_line(town: Town):
    """其他(下条写): the bot asks for one line, and that line is the reason."""
    _, decide = await town.submits("wangmin", "作废客户 宏远科技")
    await town.tap("liqiang", decide, "驳回", objection="other")
    await town.hears("liqiang", "请用一句话写驳回")
    assert (await town.operation(1)).state is State.PENDING
    await town.say("liqiang", "下周他们要续签，先别动")
    await town.hears("liqiang", "#0001 你已驳回")
    await town.hears("wangmin", "被驳回", "下周他们要续签，先别动")
    await town.becomes("liqiang", decide, grey="已驳回")


async def test_a_rejection_can_be_thought_over(town: Town):
    """After 其他 the approver says 取消 instead of a reason: the request still waits, and 同意 still works."""
    _, decide = await town.submits("wangmin", "作废客户 宏远科技")
    await town.tap("liqiang", decide, "驳回", objection="other")
    await town.hears("liqiang", "请用一句话写驳回")
    await town.say("liqiang", "取消")
    await town.hears("liqiang", "没有驳回", "#0001")
    await town.tap("liqiang", decide, "同意")
    await town.gets_card("wangmin", title="已作废", button="撤销")


async def test_who_agrees_after_all_is_no_longer_asked_for_a_line(town: Town):
    """驳回, then 同意 on the same card: the next message is a command again, not a reason."""
    _, decide = await town.submits("wangmin", "作废客户 宏远科技")
    await town.tap("liqiang", decide, "驳回", objection="other")
    await town.hears("liqiang", "请用一句话写驳回")
    await town.tap("liqiang", decide, "同意")
    await town.gets_card("wangmin", title="已作废", button="撤销")
    await town.becomes("liqiang", decide, grey="已执行")
    await town.say("liqiang", "查 蓝天贸易")
    await town.hears("liqiang", "C2001", "蓝天贸易")


async def test_a_second_tap_changes_nothing(town: Town):
    """同意 twice: one vote, one void, and the second tap is told so."""
    _, decide = await town.submits("wangmin", "作废客户 宏远科技")
    await town.tap("liqiang", decide, "同意")
    await town.gets_card("wangmin", title="已作废", button="撤销")
    await town.becomes("liqiang", decide, grey="已执行")
    version = (await town.operation(1)).revision
    await town.tap("liqiang", decide, button_of(decide, "同意"), force=True)
    await town.hears("liqiang", "#0001", "已经执行完了")
    assert (await town.operation(1)).revision == version


async def test_agreeing_after_a_rejection_comes_too_late(town: Town):
    """A tap on 同意 of a rejected request gets a clear answer and changes nothing."""
    _, decide = await town.submits("wangmin", "作废客户 宏远科技")
    await town.tap("liqiang", decide, "驳回", objection="still_talking")
    await town.hears("wangmin", "#0001 被驳回", "还在谈")
    await town.becomes("liqiang", decide, grey="已驳回")
    await town.tap("liqiang", decide, button_of(decide, "同意"), force=True)
    await town.hears("liqiang", "#0001", "已被驳回")
    assert await town.status("C1024") == "active"


async def test_a_button_works_in_no_other_hands(town: Town):
    """A key lifted from the approver's card does nothing when somebody else sends it."""
    _, decide = await town.submits("wangmin", "作废客户 宏远科技")
    for other in ("wangmin", "chenjie"):
        await town.tap(other, decide, button_of(decide, "同意"), force=True)
        await town.hears(other, "发给别人的", "不算数")
    assert (await town.operation(1)).votes == ()


async def test_words_of_somebody_not_asked_do_not_count(town: Town):
    """同意 #0001 by a colleague, an auditor or an approver who was not asked is refused."""
    await town.submits("wangmin", "作废客户 宏远科技")
    for other in ("zhaojun", "sunyu", "chenjie"):
        await town.say(other, "同意 #0001")
        await town.hears(other, "你不是 #0001 的审批人")
    assert (await town.operation(1)).state is State.PENDING


async def test_nobody_decides_an_own_request(town: Town):
    """A rep who may approve is not asked, and 同意 in words is refused, however the user id is spelt."""
    await town.has_roles("ZhaoJun", Role.REP, Role.APPROVER)
    await town.has_roles("liqiang", Role.LEAD)
    _, decide = await town.submits("ZhaoJun", "作废客户 蓝天贸易", asks=("chenjie",))
    await town.say("ZhaoJun", "同意 #0001")
    await town.hears("ZhaoJun", "自己提的", "不能自己批")
    assert set((await town.operation(1)).approvers) == {"chenjie"}
    await town.tap("chenjie", decide, "同意")
    await town.gets_card("ZhaoJun", title="已作废", button="撤销")
    assert await town.status("C2001") == "voided"


async def test_a_leader_who_may_not_approve_is_passed_over(town: Town):
    """The leader is asked first; without that right every approver is, but never the requester."""
    await town.has_roles("liqiang", Role.LEAD)
    await town.submits("wangmin", "作废客户 宏远科技", asks=("chenjie",))
    await town.hears_nothing("liqiang")


async def test_a_lead_asks_the_own_leader(town: Town):
    """A lead's request goes to the lead's leader, although the lead may approve others'."""
    _, decide = await town.submits("liqiang", "作废客户 宏远科技", asks=("chenjie",))
    assert "李强 提出" in str(look(decide))
    await town.say("liqiang", "同意 #0001")
    await town.hears("liqiang", "不能自己批")
    await town.tap("chenjie", decide, "同意")
    await town.gets_card("liqiang", title="已作废", button="撤销")
    await town.hears("wangmin", "李强 已作废你负责的「宏远科技」", "#0001")


@pytest.mark.policy(TWO_VOTES)
async def test_two_votes_are_two_people(town: Town):
    """With votes = 2 the first 同意 is not enough, the same person's second does not count, another's does."""
    submitted, first, second = await town.submits("wangmin", "作废客户 宏远科技", asks=("liqiang", "chenjie"))
    await town.tap("liqiang", first, "同意")
    await town.becomes("liqiang", first, grey="1/2")
    await town.hears("wangmin", "#0001", "李强", "1/2")
    await town.tap("liqiang", first, button_of(first, "同意"), force=True)
    await town.hears("liqiang", "已经表过态")
    assert await town.status("C1024") == "active"
    await town.tap("chenjie", second, "同意")
    await town.gets_card("wangmin", title="已作废", button="撤销")
    for who, card in (("liqiang", first), ("chenjie", second), ("wangmin", submitted)):
        await town.becomes(who, card, grey="已执行")


@pytest.mark.policy(TWO_VOTES)
async def test_a_bare_yes_means_what_is_still_to_decide(town: Town):
    """李强 has agreed to two requests that still need another vote: 同意 without a number means the third."""
    for number, name in enumerate(("宏远科技", "宏源科技"), start=1):
        _, first, _ = await town.submits("wangmin", f"作废客户 {name}", asks=("liqiang", "chenjie"))
        await town.tap("liqiang", first, "同意")
        await town.hears("wangmin", f"#000{number}", "李强", "1/2")
    await town.submits("wangmin", "作废客户 宏远物流", asks=("liqiang", "chenjie"))
    await town.say("liqiang", "同意")
    await town.hears("liqiang", "#0003", "你已同意")
    await town.hears("wangmin", "#0003", "李强", "1/2")


@pytest.mark.policy(TWO_VOTES)
async def test_one_rejection_ends_it_for_all(town: Town):
    """With votes = 2 one 驳回 is enough, and the other approver's card closes."""
    _, first, second = await town.submits("wangmin", "作废客户 宏远科技", asks=("liqiang", "chenjie"))
    await town.tap("liqiang", first, "同意")
    await town.becomes("liqiang", first, grey="1/2")
    await town.tap("chenjie", second, "驳回", objection="unpaid")
    await town.hears("wangmin", "#0001：李强 已同意（1/2）", "还在等其他人")
    await town.hears("wangmin", "#0001 被驳回", "款还没收齐")
    await town.becomes("liqiang", first, grey="已驳回")
    await town.becomes("chenjie", second, grey="已驳回")
    assert await town.status("C1024") == "active"


@pytest.mark.policy('[approval.void]\nask = "approvers"\n')
async def test_the_first_of_several_approvers_decides(town: Town):
    """Everybody on the list is asked; one agrees; the others' cards close and a late 驳回 changes nothing."""
    _, first, second = await town.submits("wangmin", "作废客户 宏远科技", asks=("liqiang", "chenjie"))
    await town.tap("chenjie", second, "同意")
    await town.gets_card("wangmin", title="已作废", button="撤销")
    await town.becomes("liqiang", first, grey="已执行")
    await town.tap("liqiang", first, button_of(first, "驳回"), force=True)
    await town.hears("liqiang", "#0001", "已经执行完了")
    assert await town.status("C1024") == "voided"


@pytest.mark.policy('[approval.void]\nask = "nobody"\nvotes = 0\n')
async def test_where_nobody_needs_to_agree_it_runs_at_once(town: Town):
    """votes = 0: confirmed, backed up, done, and still to be undone."""
    confirm = await town.proposes("wangmin", "作废客户 宏远科技", line="审批 不需要")
    await town.tap("wangmin", confirm, "确认作废")
    await town.gets_card("wangmin", title="已作废", line="B-0001", button="撤销")
    assert await town.status("C1024") == "voided"
    await town.becomes("wangmin", confirm, grey="已执行")
    await town.hears_nothing("liqiang")


@pytest.mark.policy('[approval.void]\nask = "approvers"\nvotes = 5\n')
async def test_without_enough_approvers_nothing_is_submitted(town: Town):
    """More votes asked for than there are people: refused at once, nothing waits for ever."""
    confirm = await town.proposes("wangmin", "作废客户 宏远科技")
    await town.tap("wangmin", confirm, "确认作废")
    await town.hears("wangmin", "找不到能审批的人", "什么都没改")
    assert (await town.operation(1)).state is State.DRAFT


async def details(town: Town, tag: Tag) -> list[dict[str, Any]]:
    """What the log holds about the first operation under this tag, oldest first."""
    logged = await town.db.read(lambda uow: uow.audit.of_operation(1, 100, {tag}))
    return [json.loads(entry.detail) for entry in logged]


@pytest.mark.parametrize("how", ["tap", "words", "line"])
async def test_the_log_proves_which_card_a_vote_answers(town: Town, how: str):
    """By a tap, in words or by the line asked for: the vote names the card it answers, as it was shown."""
    _, decide = await town.submits("wangmin", "作废客户 宏远科技")
    if how == "tap":
        await town.tap("liqiang", decide, "同意")
        await town.gets_card("wangmin", title="已作废", button="撤销")
    elif how == "words":
        await town.say("liqiang", "同意 #0001")
        await town.hears("liqiang", "#0001 你已同意")
        await town.gets_card("wangmin", title="已作废", button="撤销")
    else:
        await town.tap("liqiang", decide, "驳回", objection="other")
        await town.hears("liqiang", "请用一句话写驳回")
        await town.say("liqiang", "还在谈")
        await town.hears("liqiang", "#0001 你已驳回")
        await town.hears("wangmin", "#0001 被驳回：还在谈")
    await town.logs(1, Tag.OPERATION_VOTED)
    (vote,) = await details(town, Tag.OPERATION_VOTED)
    shown = {entry["task_id"]: entry["card"] for entry in reversed(await details(town, Tag.CARD_SHOWN))}
    assert vote["task_id"] == decide["task_id"]
    assert vote["card"] == shown[vote["task_id"]]
