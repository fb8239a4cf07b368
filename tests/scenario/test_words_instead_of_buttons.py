"""Every button has words: for screen readers, old clients and cards that are gone."""

import pytest

from core.domain.actions import Action
from core.domain.operation.life import State
from tests.scenario.listening import look
from tests.scenario.town import Town


async def test_the_whole_way_in_words(town: Town):
    """作废, 确认, a reason, 同意, 撤销: no card is tapped, and every card still shows how it went."""
    confirm = await town.proposes("wangmin", "作废客户 宏远科技")
    await town.say("wangmin", "确认")
    await town.hears("wangmin", "请用一句话写作废「宏远科技」的原因")
    submitted, decide = await town.writes_the_reason("wangmin", "资料重复", "重复")
    await town.say("liqiang", "同意 #0001")
    await town.hears("liqiang", "#0001 你已同意")
    done = await town.gets_card("wangmin", title="已作废", button="撤销")
    await town.becomes("liqiang", decide, grey=("李强 已同意", "已执行"))
    await town.becomes("wangmin", submitted, grey="已执行")
    await town.becomes("wangmin", confirm, grey="已提交 #0001")
    await town.say("wangmin", "撤销 #0001")
    await town.is_undone("wangmin", "#0001")
    await town.becomes("wangmin", done, grey="已撤销")


async def test_confirming_a_reason_given_before(town: Town):
    """With the reason in the first message, 确认 is all that is missing."""
    await town.proposes("wangmin", "作废客户 宏远科技 原因：已搬迁")
    await town.say("wangmin", "确认作废")
    await town.is_submitted("wangmin", why="已搬迁")


async def test_confirming_another_number_of_records(town: Town):
    """确认 36 on a card about one customer is a misunderstanding, and is told so."""
    await town.proposes("wangmin", "作废客户 宏远科技 原因：已搬迁")
    await town.say("wangmin", "确认 36")
    await town.hears("wangmin", "#0001 是 1 个", "什么都没改")
    assert (await town.operation(1)).state is State.DRAFT
    await town.say("wangmin", "确认 1")
    await town.is_submitted("wangmin", why="已搬迁")


@pytest.mark.parametrize("words", ["驳回 #0001 还在谈", "不行，还在谈", "驳回 还在谈"])
async def test_rejecting_in_words(town: Town, words: str):
    """With a number, or without one where only one request waits."""
    _, decide = await town.submits("wangmin", "作废客户 宏远科技")
    await town.say("liqiang", words)
    await town.hears("liqiang", "#0001 你已驳回")
    await town.hears("wangmin", "#0001 被驳回", "还在谈")
    await town.becomes("liqiang", decide, grey="已驳回")
    assert await town.status("C1024") == "active"


async def test_which_one_when_several_wait(town: Town):
    """同意 without a number while two wait is asked back; with the number it counts."""
    await town.submits("wangmin", "作废客户 宏远科技")
    await town.submits("wangmin", "作废客户 宏源科技")
    await town.say("liqiang", "同意")
    await town.hears("liqiang", "不止一件", "编号")
    await town.say("liqiang", "同意 #0002")
    await town.hears("liqiang", "#0002 你已同意")
    await town.gets_card("wangmin", title=("已作废", "宏源科技"), button="撤销")
    await town.say("liqiang", "同意")
    await town.hears("liqiang", "#0001 你已同意")
    await town.gets_card("wangmin", title=("已作废", "宏远科技"), button="撤销")


@pytest.mark.parametrize("words", ["取消", "取消 #0001", "撤销 #0001", "算了"])
async def test_dropping_a_card_in_words(town: Town, words: str):
    """取消, with or without the number, ends the draft and closes its card."""
    confirm = await town.proposes("wangmin", "作废客户 宏远科技")
    await town.say("wangmin", words)
    await town.hears("wangmin", "#0001 已取消")
    await town.becomes("wangmin", confirm, grey="已取消")
    assert (await town.operation(1)).state is State.CANCELLED


async def test_a_newer_question_takes_no_confirmation_away(town: Town):
    """确认 means the one open confirm card, although a pick card was asked after it; so does 取消."""
    confirm = await town.proposes("wangmin", "作废客户 宏源科技 原因：重复", line="C1025")
    pick = await town.is_asked_which("wangmin", "作废 宏远")
    await town.say("wangmin", "确认")
    submitted, _ = await town.is_submitted("wangmin", why="重复")
    assert "宏源科技" in look(submitted).title
    await town.becomes("wangmin", confirm, grey="已提交 #0001")

    second = await town.proposes("wangmin", "归档客户 宏远科技", "确认归档", source="#0002")
    await town.say("wangmin", "2")
    await town.hears("wangmin", "已选 C1026 北京宏远物流有限公司")
    await town.gets_card("wangmin", source="#0003", button="确认作废")
    await town.becomes("wangmin", pick, grey="已选")
    await town.say("wangmin", "取消 #0003")
    await town.hears("wangmin", "#0003 已取消")
    await town.say("wangmin", "取消")
    await town.hears("wangmin", "#0002 已取消")
    await town.becomes("wangmin", second, grey="已取消")


@pytest.mark.parametrize("word", ["确认", "取消"])
async def test_which_card_when_several_are_open(town: Town, word: str):
    """With two confirm cards open, 确认 and 取消 ask for the number, and do nothing without it."""
    await town.proposes("wangmin", "作废客户 宏远科技 原因：重复", source="#0001")
    await town.proposes("wangmin", "作废客户 宏源科技 原因：重复", source="#0002")
    await town.say("wangmin", word)
    await town.hears("wangmin", "不止一张", "#0001", f"{word} #0002")
    assert [operation.state for operation in await town.operations()] == [State.DRAFT, State.DRAFT]
    await town.say("wangmin", f"{word} #0002")
    if word == "确认":
        submitted, _ = await town.is_submitted("wangmin", why="重复")
        assert "对象 C1025 上海宏源科技有限公司" in look(submitted).lines
    else:
        await town.hears("wangmin", "#0002 已取消")
    assert (await town.operation(1)).state is State.DRAFT


async def test_confirming_what_is_not_open(town: Town):
    """确认 with the number of somebody else's card, of none, or of a closed one, confirms nothing."""
    await town.proposes("wangmin", "作废客户 宏远科技")
    await town.say("ZhaoJun", "确认 #0001")
    await town.hears("ZhaoJun", "#0001 不是你提的")
    await town.say("ZhaoJun", "确认 #0099")
    await town.hears("ZhaoJun", "没有 #0099")
    await town.say("wangmin", "取消")
    await town.hears("wangmin", "#0001 已取消")
    await town.say("wangmin", "确认 #0001")
    await town.hears("wangmin", "#0001 已取消", "重新发一次")


async def test_choosing_in_words(town: Town):
    """The place in the list instead of a tick; the pick card closes too."""
    pick = await town.is_asked_which("wangmin", "作废 宏远")
    options = [option["id"] for option in pick["card"]["checkbox"]["option_list"]]
    await town.say("wangmin", "第二个")
    await town.hears("wangmin", f"已选 {options[1]}")
    await town.gets_card("wangmin", line=f"客户 {options[1]}", button="确认作废")
    await town.becomes("wangmin", pick, grey="已选")


@pytest.mark.parametrize("words", ["都不是", "取消"])
async def test_choosing_nothing_in_words(town: Town, words: str):
    """都不是 and 取消 close the pick card."""
    pick = await town.is_asked_which("wangmin", "作废 宏远")
    await town.say("wangmin", words)
    await town.hears("wangmin", "都不是，已取消")
    await town.becomes("wangmin", pick, grey="都不是")
    assert await town.operations() == []


async def test_saying_yes_to_the_only_one(town: Town):
    """是 takes the single near hit; with two on the card it says that nothing is chosen."""
    await town.say("wangmin", "作废 蓝天贸宜")
    await town.hears("wangmin", "没找到")
    pick = await town.is_asked_which("ZhaoJun", "作废 蓝天贸宜")
    assert "蓝天贸易" in look(pick).options[0]
    await town.say("ZhaoJun", "是")
    await town.hears("ZhaoJun", "已选 C2001 广州蓝天贸易有限公司")
    await town.gets_card("ZhaoJun", line="客户 C2001", button="确认作废")
    await town.is_asked_which("wangmin", "作废 宏远")
    await town.say("wangmin", "是")
    await town.hears("wangmin", "还没有选")


async def test_withdrawing_and_pushing_in_words(town: Town):
    """催一下 and 撤回申请 without a number mean the only own request."""
    await town.submits("wangmin", "作废客户 宏远科技")
    await town.say("wangmin", "催一下")
    await town.hears("liqiang", "催你看一下 #0001")
    await town.hears("wangmin", "已提醒 李强")
    await town.say("wangmin", "撤回申请")
    await town.hears("wangmin", "#0001 已撤回")


@pytest.mark.parametrize("words", ["确认", "取消", "1", "执行", "催一下"])
async def test_words_that_answer_nothing(town: Town, words: str):
    """When nothing is open, answers are told so."""
    await town.say("wangmin", words)
    await town.hears("wangmin", "现在没有要确认的事")


@pytest.mark.parametrize("words", ["撤回申请", "算了"])
async def test_withdrawing_nothing(town: Town, words: str):
    """算了 with no request and no card: says that there is neither."""
    await town.say("wangmin", words)
    await town.hears("wangmin", "没有在等审批的申请", "什么都没改")


async def test_which_request_is_withdrawn(town: Town):
    """撤回申请 while two wait is asked back; with the number that one is withdrawn."""
    await town.submits("wangmin", "作废客户 宏远科技")
    await town.submits("wangmin", "作废客户 宏源科技")
    await town.say("wangmin", "撤回申请")
    await town.hears("wangmin", "不止一张", "#0001", "撤回申请 #0002")
    assert [operation.state for operation in await town.operations()] == [State.PENDING, State.PENDING]
    await town.say("wangmin", "撤回申请 #0001")
    await town.hears("wangmin", "#0001 已撤回")


async def test_dropping_the_newest_question(town: Town):
    """取消 while a pick card is newer than the confirm card closes the pick card; the next 取消 the other."""
    await town.proposes("wangmin", "作废客户 宏源科技", source="#0001")
    pick = await town.is_asked_which("wangmin", "作废 宏远")
    await town.say("wangmin", "取消")
    await town.hears("wangmin", "都不是，已取消")
    await town.becomes("wangmin", pick, grey="都不是")
    assert (await town.operation(1)).state is State.DRAFT
    await town.say("wangmin", "取消")
    await town.hears("wangmin", "#0001 已取消")


async def test_approving_nothing(town: Town):
    """同意 while nothing waits; 同意 of a number that does not exist."""
    await town.say("liqiang", "同意")
    await town.hears("liqiang", "现在没有等你审批的申请")
    await town.say("liqiang", "同意 #0777")
    await town.hears("liqiang", "没有 #0777 这张申请")


@pytest.mark.parametrize("words", ["改为归档", "改为归档 #0001", "archive it"])
async def test_archiving_instead_in_words(town: Town, words: str):
    """改为归档 closes the open card and offers the gentler one."""
    await town.proposes("wangmin", "作废客户 宏远科技")
    await town.say("wangmin", words)
    await town.gets_card("wangmin", source="#0002", line="C1024")
    assert (await town.operation(1)).state is State.CANCELLED
    assert (await town.operation(2)).action is Action.ARCHIVE


async def test_archiving_nothing_instead(town: Town):
    """改为归档 with no card open, or of somebody else's: nothing is offered."""
    await town.say("wangmin", "改为归档")
    await town.hears("wangmin", "现在没有要确认的事")
    await town.proposes("wangmin", "作废客户 宏远科技")
    await town.say("liqiang", "改为归档 #0001")
    await town.hears("liqiang", "#0001 不是你提的")
    assert (await town.operation(1)).state is State.DRAFT


@pytest.mark.parametrize("words", ["已联系", "下周再提醒", "保留客户", "仍要作废"])
async def test_words_of_cards_that_are_not_there(town: Town, words: str):
    """The words of a button nobody has been given change nothing, and say what they are about."""
    await town.say("wangmin", words)
    await town.hears("wangmin", "什么都没")
    assert await town.operations() == []
