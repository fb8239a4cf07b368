"""A requester takes a request back, or pushes those who decide."""

from core.domain.operation.life import State
from tests.scenario.town import Town, button_of


async def test_withdrawing_by_the_button(town: Town):
    """撤回申请: both cards close, a late 同意 gets a clear answer, nothing is changed."""
    submitted, decide = await town.submits("wangmin", "作废客户 宏远科技")
    await town.tap("wangmin", submitted, "撤回申请")
    await town.hears("wangmin", "#0001 已撤回", "没有变动")
    await town.becomes("wangmin", submitted, grey="已撤回")
    await town.becomes("liqiang", decide, grey="已撤回")
    await town.tap("liqiang", decide, button_of(decide, "同意"), force=True)
    await town.hears("liqiang", "#0001 已撤回")
    await town.tap("wangmin", submitted, button_of(submitted, "撤回申请"), force=True)
    await town.hears("wangmin", "#0001 已撤回")
    assert await town.status("C1024") == "active"


async def test_withdrawing_what_is_done(town: Town):
    """撤回申请 after the void is told that it is done and how to undo it."""
    submitted, decide = await town.submits("wangmin", "作废客户 宏远科技")
    await town.tap("liqiang", decide, "同意")
    await town.gets_card("wangmin", title="已作废", button="撤销")
    await town.tap("wangmin", submitted, button_of(submitted, "撤回申请"), force=True)
    await town.hears("wangmin", "#0001 已经执行完了", "撤销 #0001")
    assert await town.status("C1024") == "voided"


async def test_only_the_requester_withdraws(town: Town):
    """A lead cannot withdraw a rep's request."""
    await town.submits("wangmin", "作废客户 宏远科技")
    await town.say("liqiang", "撤回申请 #0001")
    await town.hears("liqiang", "#0001 不是你提的")
    assert (await town.operation(1)).state is State.PENDING


async def test_pushing_once_an_hour(town: Town):
    """催一下 reminds the approver and says so; again within the hour it is refused, later it works."""
    submitted, _ = await town.submits("wangmin", "作废客户 宏远科技")
    await town.tap("wangmin", submitted, "催一下")
    await town.hears("liqiang", "王敏 催你看一下 #0001", "同意 #0001")
    await town.hears("wangmin", "已提醒 李强")
    submitted = await town.becomes("wangmin", submitted, line="已催过")
    await town.tap("wangmin", submitted, "催一下")
    await town.hears("wangmin", "#0001", "刚催过")
    await town.hears_nothing("liqiang")
    await town.advance("61m")
    await town.tap("wangmin", submitted, "催一下")
    await town.hears("liqiang", "催你看一下 #0001")
    await town.hears("wangmin", "已提醒 李强")


async def test_a_pushed_request_still_shows_its_end(town: Town):
    """Pushed in words, then decided: the requester's card tells the outcome too."""
    submitted, decide = await town.submits("wangmin", "作废客户 宏远科技")
    await town.say("wangmin", "催一下 #0001")
    await town.hears("wangmin", "已提醒 李强")
    await town.hears("liqiang", "王敏 催你看一下 #0001", "同意 #0001")
    await town.tap("liqiang", decide, "同意")
    await town.gets_card("wangmin", title="已作废", button="撤销")
    await town.becomes("wangmin", submitted, grey="已执行")
