"""After 其他(下条写) the next message may be the line, a command or a change of mind: never one for the other."""

import pytest

from core.domain.operation.life import State
from core.domain.operation.reason import ReasonCode
from tests.scenario.listening import Message
from tests.scenario.town import Town


async def asked_why_not(town: Town) -> Message:
    """An approver who tapped 驳回 with 其他(下条写)."""
    _, decide = await town.submits("wangmin", "作废客户 宏远科技")
    await town.tap("liqiang", decide, "驳回", objection="other")
    await town.hears("liqiang", "请用一句话写驳回", "不想写了就回复：取消")
    return decide


async def asked_why(town: Town) -> Message:
    """A rep who tapped 确认作废 with 其他(下条写)."""
    confirm = await town.proposes("wangmin", "作废客户 宏远科技")
    await town.tap("wangmin", confirm, "确认作废", reason="other")
    await town.hears("wangmin", "请用一句话写作废「宏远科技」的原因")
    return confirm


@pytest.mark.parametrize("words", ["同意", "可以", "OK"])
async def test_a_yes_is_never_the_reason_of_a_no(town: Town, words: str):
    """同意 typed as the reason of a rejection neither rejects nor approves; with the number it approves."""
    await asked_why_not(town)
    await town.say("liqiang", words)
    await town.hears("liqiang", "不能当驳回的理由", "同意 #0001", "取消")
    assert (await town.operation(1)).state is State.PENDING
    await town.say("liqiang", "同意 #0001")
    await town.hears("liqiang", "#0001 你已同意")
    await town.gets_card("wangmin", title="已作废", button="撤销")


@pytest.mark.parametrize("words", ["算了", "手滑了", "不想写了就回复取消"])
async def test_thinking_better_of_a_no(town: Town, words: str):
    """Words of regret end the question: nothing is rejected, and no request of the approver's own is touched."""
    await town.submits("liqiang", "归档客户 宏源科技", "确认归档")
    await asked_why_not(town)
    await town.say("liqiang", words)
    await town.hears("liqiang", "没有驳回", "#0002")
    assert (await town.operation(1)).state is State.PENDING
    assert (await town.operation(2)).state is State.PENDING


@pytest.mark.parametrize("words", ["手滑了", "算了", "不想写了就回复取消"])
async def test_thinking_better_of_a_request(town: Town, words: str):
    """The draft is dropped; regret is not submitted as its reason."""
    await asked_why(town)
    await town.say("wangmin", words)
    await town.hears("wangmin", "#0001 已取消")
    await town.hears_nothing("liqiang")


@pytest.mark.parametrize(
    ("words", "answer"),
    [("查 宏源科技", "C1025"), ("恢复 宏源科技", "本来就在用"), ("日志 宏源科技", "没有操作记录")],
)
async def test_another_command_is_not_the_reason(town: Town, words: str, answer: str):
    """A full command is carried out; the request waits for its line, and takes it."""
    await asked_why(town)
    await town.say("wangmin", words)
    await town.hears("wangmin", answer)
    assert (await town.operation(1)).state is State.DRAFT
    await town.writes_the_reason("wangmin", "他们整个部门都撤了")


async def test_what_may_be_a_reason_or_a_command(town: Town):
    """删除重复客户 may be either: asked back, and 原因： settles it."""
    await asked_why(town)
    await town.say("wangmin", "删除重复客户信息")
    await town.hears("wangmin", "还没提交", "原因：删除重复客户信息")
    assert (await town.operation(1)).state is State.DRAFT
    await town.writes_the_reason("wangmin", "原因：删除重复客户信息", "删除重复客户信息")


async def test_a_reason_that_comes_too_late(town: Town):
    """Eleven minutes after 其他 the line is not taken, and what to reply instead is told; so for a rejection."""
    await asked_why(town)
    await town.advance("11m")
    await town.say("wangmin", "他们整个部门都撤了")
    await town.hears("wangmin", "写晚了", "#0001 还没提交", "确认 #0001")
    await town.say("wangmin", "取消 #0001")
    await town.hears("wangmin", "#0001 已取消")
    _, decide = await town.submits("wangmin", "作废客户 宏源科技")
    await town.tap("liqiang", decide, "驳回", objection="other")
    await town.hears("liqiang", "请用一句话写驳回 #0002")
    await town.advance("11m")
    await town.say("liqiang", "下周他们要续签")
    await town.hears("liqiang", "写晚了", "驳回 #0002 下周他们要续签")
    assert (await town.operation(2)).state is State.PENDING


async def test_own_words_stay_own_words(town: Town):
    """A line that touches on a listed reason is not put under it."""
    await asked_why(town)
    await town.writes_the_reason("wangmin", "不好意思写错了 因为他们倒闭了")
    reason = (await town.operation(1)).reason
    assert reason is not None
    assert reason.code is ReasonCode.OTHER
