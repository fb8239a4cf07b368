"""A request is asked again, and the cards of its earlier round are tapped: a clear answer, and nothing else."""

import pytest

from core.domain.operation.life import State
from tests.scenario.listening import Message
from tests.scenario.test_changed_meanwhile import agreed_but_changed, edited, is_asked_again
from tests.scenario.town import Town, button_of
from tests.scenario.weather import log_holds

LAST_WORD = '[approval.void]\nask = "leader"\nfinal_confirm = true\n'


async def taps_old(town: Town, who: str, card: Message, button: str) -> None:
    """The button may be gone in the chat; its key still comes, late or from a client that never saw the redraw."""
    await town.tap(who, card, button_of(card, button), force=True)
    await town.hears(who, "#0001", "旧卡片", "最新")


@pytest.mark.policy(LAST_WORD)
async def test_an_old_last_word_runs_no_newer_round(town: Town):
    """执行 and 不做了 of round 1 neither run nor withdraw round 2, although that waits for just that word."""
    _, decide = await town.submits("wangmin", "作废客户 宏远科技")
    await town.tap("liqiang", decide, "同意")
    old = await town.gets_card("wangmin", title="现在执行", button=("执行", "不做了"))
    await town.change(edited(short_name="宏远新科"))
    await town.tap("wangmin", old, "执行")
    await town.hears("liqiang", "#0001 暂停", "简称 宏远科技 → 宏远新科")
    changed = await town.gets_card("wangmin", title="资料有变，已暂停", button="仍要作废")
    await town.tap("wangmin", changed, "仍要作废")
    _, again = await is_asked_again(town)
    await town.tap("liqiang", again, "同意")
    new = await town.gets_card("wangmin", title="现在执行", button=("执行", "不做了"))
    await taps_old(town, "wangmin", old, "执行")
    await taps_old(town, "wangmin", old, "不做了")
    assert (await town.operation(1)).state is State.FINAL
    assert await town.status("C1024") == "active"
    await town.becomes("wangmin", old, grey="等申请人执行")

    await town.tap("wangmin", new, "执行")
    await town.gets_card("wangmin", title="已作废", button="撤销")
    assert await town.status("C1024") == "voided"
    await log_holds(town)


async def test_an_old_question_about_a_change_answers_no_newer_one(town: Town):
    """Changed twice: 仍要作废 and 保留客户 of the first question neither ask a third time nor end the request."""
    first, _ = await agreed_but_changed(town)
    await town.tap("wangmin", first, "仍要作废")
    _, decide = await is_asked_again(town)
    await town.change(edited(short_name="宏远新科"))
    await town.tap("liqiang", decide, "同意")
    await town.hears("liqiang", "#0001 暂停", "简称 宏远科技 → 宏远新科")
    second = await town.gets_card("wangmin", title="资料有变，已暂停", line="宏远新科", button="保留客户")
    await taps_old(town, "wangmin", first, "仍要作废")
    await taps_old(town, "wangmin", first, "保留客户")
    waiting = await town.operation(1)
    assert (waiting.state, waiting.round) == (State.STALE, 2)

    await town.tap("wangmin", second, "保留客户")
    await town.hears("wangmin", "#0001 已撤回", "没有变动")


async def test_an_old_request_card_takes_back_no_newer_round(town: Town):
    """撤回申请, 催一下 and 确认 of round 1 leave round 2 waiting; its own card, and words, still withdraw it."""
    confirm = await town.proposes("wangmin", "作废客户 宏远科技")
    await town.tap("wangmin", confirm, "确认作废")
    submitted, old = await town.is_submitted("wangmin")
    await town.change(edited())
    await town.tap("liqiang", old, "同意")
    await town.hears("liqiang", "#0001 暂停", "资料有变")
    changed = await town.gets_card("wangmin", title="资料有变，已暂停", button="仍要作废")
    await town.tap("wangmin", changed, "仍要作废")
    new, _ = await is_asked_again(town)
    for card, button in ((submitted, "撤回申请"), (submitted, "催一下"), (confirm, "确认作废"), (confirm, "取消")):
        await taps_old(town, "wangmin", card, button)
    await taps_old(town, "liqiang", old, "驳回")
    waiting = await town.operation(1)
    assert (waiting.state, waiting.round, waiting.pushed_at) == (State.PENDING, 2, None)
    await town.hears_nothing("liqiang")

    await town.tap("wangmin", new, "撤回申请")
    await town.hears("wangmin", "#0001 已撤回")


async def test_what_is_over_is_told_so_by_any_card(town: Town):
    """Once round 2 is done a card of round 1 says that, and 撤销 on the card that tells it still works."""
    first, old = await agreed_but_changed(town)
    await town.tap("wangmin", first, "仍要作废")
    _, again = await is_asked_again(town)
    await town.tap("liqiang", again, "同意")
    done = await town.gets_card("wangmin", title="已作废", button="撤销")
    await town.settled()
    await town.tap("wangmin", first, button_of(first, "仍要作废"), force=True)
    await town.hears("wangmin", "#0001 已经执行完了", "撤销 #0001")
    await town.tap("liqiang", old, button_of(old, "同意"), force=True)
    await town.hears("liqiang", "#0001 已经执行完了")
    await town.undoes("wangmin", done)
    assert await town.status("C1024") == "active"
