"""Each step asks for the right it truly needs, before anything is done."""

from typing import Any

import pytest

from core.domain.audit import Tag
from core.domain.operation.life import State
from core.domain.people import Role
from tests.scenario.test_changed_meanwhile import agreed_but_changed
from tests.scenario.town import Town
from tests.scenario.weather import log_tags

LACKS = "你还没有「{}」权限"


async def reads_only(town: Town, who: str) -> None:
    await town.has_roles(who, Role.AUDITOR)


@pytest.mark.parametrize("words", ["确认", "确认 #0001", "确认作废"])
async def test_confirming_needs_the_right_of_its_action(town: Town, words: str):
    """Who may no longer void confirms no void, whatever the words; the card waits."""
    await town.proposes("wangmin", "作废客户 宏远科技 原因：重复")
    await reads_only(town, "wangmin")
    await town.say("wangmin", words)
    await town.hears("wangmin", LACKS.format("作废"), "陈洁")
    assert (await town.operation(1)).state is State.DRAFT


async def test_the_line_with_the_reason_needs_it_too(town: Town):
    """The right goes between the question and the line: nothing is submitted."""
    await town.proposes("wangmin", "作废客户 宏远科技")
    await town.say("wangmin", "确认")
    await town.hears("wangmin", "请用一句话写作废「宏远科技」的原因")
    await reads_only(town, "wangmin")
    await town.say("wangmin", "资料重复")
    await town.hears("wangmin", LACKS.format("作废"))
    assert (await town.operation(1)).state is State.DRAFT


async def test_picking_needs_the_right_of_what_it_is_for(town: Town):
    """A pick card for archiving, in words and by a tap: without archive no confirm card comes of it."""
    pick = await town.is_asked_which("wangmin", "归档 宏远")
    await reads_only(town, "wangmin")
    await town.say("wangmin", "2")
    await town.hears("wangmin", LACKS.format("归档"))
    first = pick["card"]["checkbox"]
    await town.tap("wangmin", pick, "就是它", **{first["question_key"]: first["option_list"][0]["id"]})
    await town.hears("wangmin", LACKS.format("归档"))
    assert await town.operations() == []


async def test_asking_again_needs_the_right_of_its_action(town: Town):
    """仍要作废 by somebody who may no longer void: nobody is asked, it stays paused; 保留客户 still ends it."""
    changed, _ = await agreed_but_changed(town)
    await reads_only(town, "wangmin")
    await town.tap("wangmin", changed, "仍要作废")
    await town.hears("wangmin", LACKS.format("作废"))
    await town.say("wangmin", "仍要作废")
    await town.hears("wangmin", LACKS.format("作废"))
    await town.hears_nothing("liqiang")
    assert (await town.operation(1)).state is State.STALE
    await town.tap("wangmin", changed, "保留客户")
    await town.hears("wangmin", "#0001 已撤回")


async def test_undoing_needs_restore(town: Town):
    """撤销 by the button and in words."""
    done = await town.voids("wangmin", "宏远科技")
    await reads_only(town, "wangmin")
    await town.tap("wangmin", done, "撤销")
    await town.hears("wangmin", LACKS.format("恢复"))
    await town.say("wangmin", "撤销 #0001")
    await town.hears("wangmin", LACKS.format("恢复"))
    assert await town.status("C1024") == "voided"


async def test_voiding_instead_needs_the_right_of_the_other_action(town: Town):
    """改为归档 on a card for voiding needs archive; the void waits untouched."""
    confirm = await town.proposes("wangmin", "作废客户 宏远科技")
    await reads_only(town, "wangmin")
    await town.tap("wangmin", confirm, "改为归档")
    await town.hears("wangmin", LACKS.format("归档"))
    await town.say("wangmin", "改为归档 #0001")
    await town.hears("wangmin", LACKS.format("归档"))
    assert [found.state for found in await town.operations()] == [State.DRAFT]


@pytest.mark.parametrize("selected", [{}, {"objection": "other"}, {"objection": "still_talking"}])
async def test_deciding_needs_approve(town: Town, selected: dict[str, Any]):
    """Asked, but no approver any more: neither button counts, nor words; told so about this request."""
    _, decide = await town.submits("wangmin", "作废客户 宏远科技")
    await town.has_roles("liqiang", Role.LEAD)
    await town.tap("liqiang", decide, "驳回" if selected else "同意", **selected)
    await town.hears("liqiang", "你不是 #0001 的审批人")
    await town.say("liqiang", "驳回 #0001 还在谈" if selected else "同意 #0001")
    await town.hears("liqiang", "你不是 #0001 的审批人")
    assert (await town.operation(1)).state is State.PENDING
    assert await log_tags(town, Tag.OPERATION_VOTED) == 0


async def test_the_line_of_a_rejection_needs_approve(town: Town):
    """The right goes between 驳回 and its reason: it is no rejection."""
    _, decide = await town.submits("wangmin", "作废客户 宏远科技")
    await town.tap("liqiang", decide, "驳回", objection="other")
    await town.hears("liqiang", "请用一句话写驳回")
    await town.has_roles("liqiang", Role.LEAD)
    await town.say("liqiang", "下周他们要续签")
    await town.hears("liqiang", "你不是 #0001 的审批人")
    assert (await town.operation(1)).state is State.PENDING


async def test_a_rep_hears_why_an_own_request_is_not_theirs_to_decide(town: Town):
    """同意 by the requester, who is no approver anyway, with and without the number."""
    await town.submits("wangmin", "作废客户 宏远科技")
    await town.say("wangmin", "同意 #0001")
    await town.hears("wangmin", "#0001 是你自己提的", "不能自己批")
    await town.say("wangmin", "同意")
    await town.hears("wangmin", "现在没有等你审批的申请")
