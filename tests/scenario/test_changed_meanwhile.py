"""The customer changes between the card, the vote and the deed: not done, told, asked again."""

import asyncio
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, delete, update

from core.crm.embedded.tables import customers, deals
from core.domain.operation.life import State
from tests.scenario.listening import Message, look
from tests.scenario.town import Town, button_of


def edited(number: str = "C1024", **values: Any):
    def work(connection: Connection) -> None:
        c = customers.c
        connection.execute(
            update(customers).where(c.number == number).values(version=c.version + 1, **(values or {"level": "A"}))
        )

    return work


async def is_asked_again(town: Town) -> tuple[Message, ...]:
    """Asked to do it all the same: the request's new card, and the approver's about the customer as it is now."""
    return (
        await town.gets_card("wangmin", title="已提交", button="撤回申请"),
        await town.gets_card("liqiang", line="版本 v2", button=("同意", "驳回")),
    )


async def agreed_but_changed(town: Town, **values: Any):
    """Asked, changed by somebody else, agreed to."""
    _, decide = await town.submits("wangmin", "作废客户 宏远科技")
    await town.change(edited(**values))
    await town.tap("liqiang", decide, "同意")
    await town.hears("liqiang", "#0001 暂停", "资料有变")
    await town.becomes("liqiang", decide, grey="资料有变")
    return await town.gets_card("wangmin", title="资料有变，已暂停", button=("保留客户", "仍要作废")), decide


async def test_changed_since_the_vote_and_still_wanted(town: Town):
    """Not done; 仍要作废 asks the approver once more, about the customer as it is now."""
    changed, _ = await agreed_but_changed(town)
    assert await town.status("C1024") == "active"
    await town.tap("wangmin", changed, "仍要作废")
    _, again = await is_asked_again(town)
    await town.tap("liqiang", again, "同意")
    await town.gets_card("wangmin", title="已作废", button="撤销")
    assert await town.status("C1024") == "voided"
    await town.becomes("liqiang", again, grey="已执行")
    await town.becomes("wangmin", changed, grey="已执行")


async def test_answering_a_change_in_words(town: Town):
    """仍要作废 and 保留客户 typed do what the buttons do."""
    await agreed_but_changed(town)
    await town.say("wangmin", "仍要作废")
    await is_asked_again(town)
    await town.change(edited(level="C"))
    await town.say("liqiang", "同意 #0001")
    await town.hears("liqiang", "#0001 你已同意")
    await town.hears("liqiang", "#0001 暂停", "级别 A → C")
    await town.gets_card("wangmin", title="资料有变，已暂停", button=("保留客户", "仍要作废"))
    await town.say("wangmin", "保留客户")
    await town.hears("wangmin", "#0001 已撤回")
    assert await town.status("C1024") == "active"


async def test_changed_since_the_vote_and_kept(town: Town):
    """保留客户 ends it; the customer stays."""
    changed, _ = await agreed_but_changed(town)
    await town.tap("wangmin", changed, "保留客户")
    await town.hears("wangmin", "#0001 已撤回", "没有变动")
    await town.becomes("wangmin", changed, grey="已撤回")
    assert await town.status("C1024") == "active"


async def test_what_is_new_is_on_the_card(town: Town):
    """A new phone number and a new short name are shown before and after, to both sides; nothing else is."""
    _, decide = await town.submits("wangmin", "作废客户 宏远科技")
    await town.change(edited(short_name="宏远新科", phone="13999990000"))
    await town.tap("liqiang", decide, "同意")
    await town.hears("liqiang", "#0001 暂停", "简称 宏远科技 → 宏远新科", "手机 138····5678 → 139····0000")
    card = await town.gets_card("wangmin", title="资料有变，已暂停")
    lines = [(line["keyname"], line["value"]) for line in card["card"]["horizontal_content_list"]]
    assert lines == [
        ("客户", "C1024 上海宏远科技有限公司"),
        ("简称", "宏远科技 → 宏远新科"),
        ("手机", "138····5678 → 139····0000"),
    ]


async def test_a_deal_that_grew_is_on_the_card(town: Town):
    """What hangs on the customer counts as well: number and amount of the open deals, before and after."""
    _, decide = await town.submits("wangmin", "作废客户 宏远科技")

    def grown(connection: Connection) -> None:
        connection.execute(update(deals).values(amount=Decimal(98000)))
        edited(level="B")(connection)

    await town.change(grown)
    await town.tap("liqiang", decide, "同意")
    await town.hears("liqiang", "#0001 暂停", "商机 1 ¥48,000 → 1 ¥98,000")
    await town.gets_card("wangmin", title="资料有变，已暂停", line="商机 1 ¥48,000 → 1 ¥98,000")


async def test_what_no_fact_tells_is_told_as_such(town: Town):
    """Something changed that the card has no line for: it says that, and shows no change that did not happen."""
    _, decide = await town.submits("wangmin", "作废客户 宏远科技")
    await town.change(edited(level="B"))
    await town.tap("liqiang", decide, "同意")
    told = await town.hears("liqiang", "#0001 暂停", "其他资料")
    card = await town.gets_card("wangmin", title="资料有变，已暂停", line="其他资料")
    assert "→" not in told["text"] + str(look(card))


async def test_the_old_vote_does_not_carry_over(town: Town):
    """After 仍要作废 the first round's card is dead: its 同意 is no vote for the new round."""
    changed, old = await agreed_but_changed(town)
    await town.tap("wangmin", changed, "仍要作废")
    await is_asked_again(town)
    await town.tap("liqiang", old, button_of(old, "同意"), force=True)
    await town.hears("liqiang", "#0001", "旧卡片")
    assert (await town.operation(1)).state is State.PENDING


async def test_somebody_else_voided_it_meanwhile(town: Town):
    """The change was a void: asking again is pointless and is refused with the way back."""
    changed, _ = await agreed_but_changed(town, status="voided")
    await town.tap("wangmin", changed, "仍要作废")
    await town.hears("wangmin", "宏远科技 已经作废了", "恢复")


async def test_it_belongs_to_somebody_else_now(town: Town):
    """The customer went to a colleague: it is no longer the requester's to void."""
    changed, _ = await agreed_but_changed(town, owner="zhaojun")
    await town.tap("wangmin", changed, "仍要作废")
    await town.hears("wangmin", "没找到「宏远科技」，或你无权查看")
    assert (await town.operation(1)).state is State.STALE


async def test_it_is_gone(town: Town):
    """Somebody took the customer out of the store: not done, and asking again says that it is gone."""
    _, decide = await town.submits("wangmin", "作废客户 宏源科技")

    def gone(connection: Connection) -> None:
        key = connection.exec_driver_sql("select id from customers where number = 'C1025'").scalar_one()
        connection.exec_driver_sql(f"delete from memberships where customer_id = {key}")
        connection.execute(delete(customers).where(customers.c.number == "C1025"))

    await town.change(gone)
    await town.tap("liqiang", decide, "同意")
    await town.hears("wangmin", "#0001 没有做成")
    await town.hears("liqiang", "#0001 没有做成")
    await town.hears("chenjie", "E-0001", "#0001", "没有做成", "起因：已找不到")


async def test_changed_under_the_open_confirm_card(town: Town):
    """The customer changes while the confirm card is open: shown again as it is now, and then submitted."""
    old = await town.proposes("wangmin", "作废客户 宏远科技", line="B级")
    await town.change(edited())
    await town.tap("wangmin", old, "确认作废", reason="duplicate")
    await town.hears("wangmin", "资料有变", "再确认一次")
    fresh = await town.gets_card("wangmin", line="A级", chosen="重复", button="确认作废")
    await town.becomes("wangmin", old, grey="已取消")
    await town.tap("wangmin", fresh, "确认作废")
    await town.is_submitted("wangmin", why="重复")


async def test_words_do_not_approve_what_was_never_shown(town: Town):
    """The new card got lost: 同意 #0001 means the old one, counts for nothing and brings the new one."""
    changed, _ = await agreed_but_changed(town)
    await town.fault(invalid_users=["liqiang"])
    await town.tap("wangmin", changed, "仍要作废")
    await town.gets_card("wangmin", title="已提交", button="撤回申请")
    await town.hears("wangmin", "#0001", "没有送到")
    await town.fault(invalid_users=[])
    await town.say("liqiang", "同意 #0001")
    await town.hears("liqiang", "#0001", "没给你看过")
    again = await town.gets_card("liqiang", line="v2", button="同意")
    assert (await town.operation(1)).state is State.PENDING
    assert await town.status("C1024") == "active"
    await town.say("liqiang", "同意 #0001")
    await town.hears("liqiang", "#0001 你已同意")
    await town.gets_card("wangmin", title="已作废", button="撤销")
    await town.becomes("liqiang", again, grey="已执行")


async def test_words_do_not_approve_what_is_still_on_its_way(town: Town):
    """The new card waits for WeCom: 同意 #0001 counts for nothing, and no second card is made of it."""
    changed, _ = await agreed_but_changed(town)
    await town.settled()
    await town.fault(slow=3, only=["message/send"])
    await town.tap("wangmin", changed, "仍要作废")
    while (await town.operation(1)).state is not State.PENDING:
        await asyncio.sleep(0.02)
    await town.say("liqiang", "同意 #0001")
    await is_asked_again(town)
    await town.fault(slow=0)
    await town.hears("liqiang", "#0001", "没给你看过")
    await town.hears_nothing("liqiang")
    assert (await town.operation(1)).state is State.PENDING


async def test_words_reject_what_was_never_shown(town: Town):
    """A no is safe whatever it was meant for."""
    changed, _ = await agreed_but_changed(town)
    await town.fault(invalid_users=["liqiang"])
    await town.tap("wangmin", changed, "仍要作废")
    await town.gets_card("wangmin", title="已提交", button="撤回申请")
    await town.hears("wangmin", "#0001", "没有送到")
    await town.fault(invalid_users=[])
    await town.say("liqiang", "驳回 #0001 还在谈")
    await town.hears("liqiang", "#0001 你已驳回")
    await town.hears("wangmin", "#0001 被驳回", "还在谈")
