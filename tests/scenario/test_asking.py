"""From words to a request: the pick card, the confirm card, the reason."""

import pytest

from core.domain.operation.life import State
from core.domain.operation.reason import ReasonCode
from tests.scenario.town import Town, button_of


async def test_an_exact_hit_goes_straight_to_the_confirm_card(town: Town):
    """K2: what it is, what hangs on it, until when it can be undone, who must approve; nothing is asked yet."""
    await town.say("wangmin", "作废客户 宏远科技")
    await town.gets_card(
        "wangmin",
        title="确认作废「宏远科技」？",
        line=(
            "还有：联系人1 · 记录2 · 分组1",
            "客户 C1024 上海宏远科技有限公司（B级）",
            "负责 王敏",
            "217天前",
            "牵连 未付1 ¥1,200 · 商机1 ¥48,000",
            "可撤销至 ",
            "审批 需 李强 同意",
        ),
        button=("确认作废", "改为归档", "取消"),
    )
    await town.hears_nothing("liqiang")
    assert (await town.operation(1)).state is State.DRAFT


@pytest.mark.parametrize("said", ["作废 宏远", "作废 hykj", "作废 hongyuankeji", "把宏远科枝作废", "作废 张三"])
async def test_anything_less_is_asked_back(town: Town, said: str):
    """A part, pinyin, initials, a typo, a contact: a pick card, never a guess, even with a single hit."""
    pick = await town.is_asked_which("wangmin", said)
    assert await town.operations() == []
    await town.tap("wangmin", pick, "就是它", pick=["C1024"])
    await town.gets_card("wangmin", line="C1024", button="确认作废")
    await town.becomes("wangmin", pick, grey="已选 C1024 上海宏远科技有限公司")


async def test_none_of_them(town: Town):
    """都不是: the card closes and nothing is drafted."""
    pick = await town.is_asked_which("wangmin", "作废 宏远")
    await town.tap("wangmin", pick, "就是它", pick=["none"])
    await town.becomes("wangmin", pick, grey="都不是，已取消")
    assert await town.operations() == []


async def test_a_pick_card_answers_once(town: Town):
    """A second tap on an answered pick card opens no second confirm card."""
    pick = await town.is_asked_which("wangmin", "作废 宏远")
    key = pick["card"]["submit_button"]["key"]
    await town.tap("wangmin", pick, "就是它", pick=["C1024"])
    await town.gets_card("wangmin", button="确认作废")
    await town.tap("wangmin", pick, key, force=True, pick=["C1026"])
    await town.hears("wangmin", "这个问题已经过去了", "什么都没改")
    assert len(await town.operations()) == 1


async def test_a_choice_that_was_not_offered(town: Town):
    """A forged choice on the pick card, of a colleague's customer, is refused."""
    pick = await town.is_asked_which("wangmin", "作废 宏远")
    await town.tap("wangmin", pick, pick["card"]["submit_button"]["key"], force=True, pick=["C2001"])
    await town.hears("wangmin", "还没有选")
    assert await town.operations() == []


async def test_the_reason_comes_along(town: Town):
    """原因 said with the command survives the pick card and is preselected; the approver reads it."""
    pick = await town.is_asked_which("wangmin", "作废 hykj 原因：重复")
    await town.tap("wangmin", pick, "就是它", pick=["C1024"])
    confirm = await town.gets_card("wangmin", chosen="重复", button="确认作废")
    await town.tap("wangmin", confirm, "确认作废")
    await town.is_submitted("wangmin", why="重复")


async def test_words_of_ones_own_as_reason(town: Town):
    """A reason outside the list keeps its words, for the approver and the log."""
    await town.submits("wangmin", "作废客户 宏远科技 因为老板娘换人了", why="老板娘换人了")


async def test_other_asks_for_one_line(town: Town):
    """其他(下条写): the next message is the reason, and with it the request goes out."""
    confirm = await town.proposes("wangmin", "作废客户 宏远科技")
    await town.tap("wangmin", confirm, "确认作废", reason="other")
    await town.hears("wangmin", "请用一句话写作废「宏远科技」的原因", "10 分钟")
    assert (await town.operation(1)).state is State.DRAFT
    await town.writes_the_reason("wangmin", "他们整个部门都撤了")
    operation = await town.operation(1)
    assert operation.reason is not None
    assert operation.reason.code is ReasonCode.OTHER
    await town.becomes("wangmin", confirm, grey="已提交 #0001")


async def test_other_can_be_dropped(town: Town):
    """取消 instead of the line drops the draft and closes its card."""
    confirm = await town.proposes("wangmin", "作废客户 宏远科技")
    await town.tap("wangmin", confirm, "确认作废", reason="other")
    await town.hears("wangmin", "请用一句话写")
    await town.say("wangmin", "取消")
    await town.hears("wangmin", "#0001 已取消", "什么都没改")
    await town.becomes("wangmin", confirm, grey="已取消")
    await town.hears_nothing("liqiang")


async def test_another_reason_after_all(town: Town):
    """其他, then a reason from the list: submitted, and the next message is a command again."""
    confirm = await town.proposes("wangmin", "作废客户 宏远科技")
    await town.tap("wangmin", confirm, "确认作废", reason="other")
    await town.hears("wangmin", "请用一句话写")
    await town.tap("wangmin", confirm, "确认作废", reason="moved")
    await town.is_submitted("wangmin", why="已搬迁")
    await town.say("wangmin", "查 宏源科技")
    await town.hears("wangmin", "C1025")


async def test_cancelling_the_card(town: Town):
    """取消: the card closes, nobody else hears of it."""
    confirm = await town.proposes("wangmin", "作废客户 宏远科技")
    await town.tap("wangmin", confirm, "取消")
    await town.hears("wangmin", "#0001 已取消")
    await town.becomes("wangmin", confirm, grey="已取消")
    await town.tap("wangmin", confirm, button_of(confirm, "确认作废"), force=True)
    await town.hears("wangmin", "#0001 已取消", "重新发一次")
    await town.hears_nothing("liqiang")


async def test_confirming_twice_submits_once(town: Town):
    """The second tap on 确认作废 is told that it is submitted already."""
    confirm = await town.proposes("wangmin", "作废客户 宏远科技")
    await town.tap("wangmin", confirm, "确认作废")
    await town.tap("wangmin", confirm, button_of(confirm, "确认作废"), force=True)
    await town.is_submitted("wangmin")
    await town.hears("wangmin", "#0001 已提交", "请勿重复")
    await town.hears_nothing("liqiang")


async def test_archiving_instead(town: Town):
    """改为归档: the void draft closes, an archive card comes, and archiving takes the same path."""
    confirm = await town.proposes("wangmin", "作废客户 宏远科技")
    await town.tap("wangmin", confirm, "改为归档")
    archive = await town.gets_card("wangmin", title="宏远科技", button="确认归档")
    await town.becomes("wangmin", confirm, grey="改为归档")
    await town.tap("wangmin", archive, "确认归档")
    submitted, decide = await town.is_submitted("wangmin")
    await town.tap("liqiang", decide, "同意")
    await town.gets_card("wangmin", title="已归档", button="撤销")
    await town.becomes("wangmin", submitted, title="归档「宏远科技」", grey="已执行")
    assert await town.status("C1024") == "archived"


async def test_archiving_in_words(town: Town):
    """归档客户 X, approved, and brought back with 恢复."""
    _, decide = await town.submits("wangmin", "归档客户 宏远科技", "确认归档")
    await town.tap("liqiang", decide, "同意")
    await town.gets_card("wangmin", title="已归档", button="撤销")
    restore = await town.proposes("wangmin", "恢复 宏远科技", "确认恢复", line="已归档")
    await town.tap("wangmin", restore, "确认恢复")
    await town.hears("wangmin", "#0002 已恢复「宏远科技」")
    await town.hears("liqiang", "王敏 恢复了「宏远科技」", "#0002", "之前由 #0001 归档")
    assert await town.status("C1024") == "active"


@pytest.mark.parametrize(
    "said", ["删除客户 宏远科技", "宏远科技黄了，删了吧", "@客户助手 把宏远科技标为无效", "廢掉 宏远科技"]
)
async def test_other_words_for_void(town: Town, said: str):
    """What reps really type leads to the same card; 删除 of a customer is said to be read as 作废."""
    understood = ("按「作废」处理",) if "删" in said else ()
    await town.proposes("wangmin", said, line=("客户 C1024", *understood))


async def test_one_request_a_customer(town: Town):
    """While one request is on its way, somebody else's card for the same customer leads nowhere."""
    first = await town.proposes("wangmin", "作废客户 宏远科技", source="#0001")
    second = await town.proposes("liqiang", "归档客户 宏远科技", "确认归档", source="#0002")
    await town.tap("wangmin", first, "确认作废")
    await town.is_submitted("wangmin")
    await town.tap("liqiang", second, "确认归档")
    await town.hears("liqiang", "宏远科技", "已经有一张申请 #0001")
    await town.say("wangmin", "作废客户 宏远科技")
    await town.hears("wangmin", "宏远科技", "已经有一张申请 #0001")


@pytest.mark.parametrize("word", ["彻底删除", "永久删除", "清除", "purge", "erase"])
async def test_purge_words_never_void(town: Town, word: str):
    """Words that mean for good are not offered, and never read as 作废."""
    await town.say("wangmin", f"{word} 宏远科技")
    await town.hears("wangmin", "办不了「彻底删除」")
    assert await town.operations() == []
    assert await town.status("C1024") == "active"


async def test_one_open_card_a_customer(town: Town):
    """Asked twice for the same customer: the earlier card says by which it was replaced."""
    old = await town.proposes("wangmin", "作废客户 宏远科技")
    await town.proposes("wangmin", "作废客户 宏远科技", source="#0002")
    await town.becomes("wangmin", old, grey="已换成 #0002")


async def test_voiding_after_all(town: Town):
    """归档, then 作废 for the same customer: the archive card says which request replaced it, not 已改为归档."""
    archive = await town.proposes("wangmin", "归档客户 宏远科技", "确认归档")
    await town.proposes("wangmin", "作废客户 宏远科技", source="#0002")
    await town.becomes("wangmin", archive, grey="已换成 #0002")
    assert (await town.operation(1)).state is State.CANCELLED
