"""Every request comes to an end, and what people are told of it is what happened."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import update

from bot.command_line.opening import open_policy
from core.crm.embedded.store import EmbeddedCrm
from core.crm.embedded.tables import customers
from core.domain.actions import Action
from core.domain.operation.life import State
from core.domain.operation.operation import Operation
from core.domain.people import PersonId, Sight
from core.domain.records import Kind, RecordRef
from core.services.confirming import confirm
from core.services.proposing import Proposal, propose
from core.storage.tables import operations
from tests.publishing import log_only
from tests.scenario.listening import PATIENCE, Message
from tests.scenario.town import Town

HONG = RecordRef(Kind.CUSTOMER, "C1024")


async def _asked(town: Town) -> Message:
    """Lets 王敏 ask to void 宏远科技, and returns 李强's card."""
    _, decide = await town.submits("wangmin", "作废客户 宏远科技", reason="duplicate", why="重复")
    return decide


async def _becomes(town: Town, number: int, *states: State) -> Operation:
    async with asyncio.timeout(PATIENCE):
        while True:
            operation: Operation = await town.db.read(lambda uow: uow.operations.get(number))
            if operation is not None and operation.state in states:
                return operation
            await asyncio.sleep(0.05)


async def test_two_open_cards_make_one_request(town: Town):
    """Two people hold confirm cards for one customer; the second 确认 is told that it was asked already."""
    first = await town.proposes("wangmin", "作废客户 宏远科技", source="#0001")
    second = await town.proposes("liqiang", "作废客户 宏远科技", source="#0002")
    await town.tap("wangmin", first, "确认作废", reason="duplicate")
    await town.is_submitted("wangmin")
    await town.tap("liqiang", second, "确认作废", reason="duplicate")
    await town.hears("liqiang", "宏远科技 已经有一张申请 #0001")
    assert [operation.state for operation in await town.operations()] == [State.PENDING, State.DRAFT]


async def test_an_undo_without_its_old_backup_is_still_an_undo(town: Town):
    """The backup is lost before 撤销: the customer is back, and nobody is told that nothing happened."""
    await town.tap("liqiang", await _asked(town), "同意")
    done = await town.gets_card("wangmin", title="已作废", button="撤销")
    for file in town.settings.vault_dir.iterdir():
        file.unlink()
    await town.tap("wangmin", done, "撤销")
    for who in ("wangmin", "liqiang"):
        await town.hears(who, "#0001 已撤销", "没法逐项核对")
    assert await town.status("C1024") == "active"
    assert [operation.state for operation in await town.operations()] == [State.UNDONE, State.DONE]


async def test_whoever_lost_sight_of_it_cannot_ask_again(town: Town):
    """The customer goes to 赵军 before 李强 agrees: 王敏 cannot ask again, and the log does not say 作废了."""
    decide = await _asked(town)
    await town.change(
        lambda connection: connection.execute(
            update(customers)
            .where(customers.c.number == "C1024")
            .values(owner="zhaojun", version=customers.c.version + 1)
        )
    )
    await town.tap("liqiang", decide, "同意")
    await town.hears("liqiang", "#0001 暂停", "资料有变")
    changed = await town.gets_card("wangmin", title="资料有变，已暂停", button="仍要作废")
    await town.tap("wangmin", changed, "仍要作废")
    await town.hears("wangmin", "没找到")
    assert [operation.state for operation in await town.operations()] == [State.STALE]
    await town.say("liqiang", "日志 #0001")
    told = await town.hears("liqiang", "「#0001」的记录", "资料有变")
    assert "作废了" not in told["text"]


async def test_a_request_that_needed_no_vote_does_not_wait_for_ever(town: Town):
    """A restore meets a changed record and nobody answers: it ends like every other, and frees the record."""
    await town.change(
        lambda connection: connection.execute(
            update(customers).where(customers.c.number == "C1024").values(status="voided")
        )
    )

    def ask(uow: Any) -> int:
        crm = EmbeddedCrm(town.db)
        person = uow.people.get(PersonId("wangmin"))
        records = tuple(crm.read_within(uow, [HONG]))
        policy = open_policy(town.settings)
        drafted = propose(uow, person, Sight(everything=True), policy, Proposal(Action.RESTORE, records, "恢复"))
        draft = drafted[-1].operation
        log_only(uow, *drafted, confirm(uow, draft.number, person, None, policy, town.settings.zone))
        uow.connection.execute(
            update(customers).where(customers.c.number == "C1024").values(version=customers.c.version + 1)
        )
        return draft.number

    number = await town.db.run(ask)
    await _becomes(town, number, State.STALE)
    await town.gets_card("wangmin", title="资料有变，已暂停", button="仍要恢复")
    await town.advance("25h")
    await _becomes(town, number, State.EXPIRED)
    await town.hears("wangmin", "#0001", "已过期", "没有变动")


@pytest.mark.parametrize("resumed", [0, 2])
async def test_a_defect_ends_one_request_and_says_so(town: Town, monkeypatch: pytest.MonkeyPatch, resumed: int):
    """Acting fails with an error nobody foresaw: after three tries the request has failed and people know.

    However often it was taken over before without a fault.
    """
    tried = []

    def broken(*_: object) -> None:
        tried.append(1)
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr(EmbeddedCrm, "apply_within", broken)
    decide = await _asked(town)
    await town.change(lambda connection: connection.execute(update(operations).values(fence=resumed)))
    await town.db.run(lambda uow: uow.operations.seal_all())  # as the worker that resumed would have sealed it
    await town.tap("liqiang", decide, "同意")
    async with asyncio.timeout(4 * PATIENCE):  # three tries, and the pauses between them
        while (await town.operations())[0].state is not State.FAILED:
            await town.advance("1m")
            await asyncio.sleep(0.3)
    for who in ("wangmin", "liqiang"):
        await town.hears(who, "#0001 没有做成", "没有变动")
    await town.hears("chenjie", "E-0001", "#0001", "没有做成", "起因：RuntimeError")
    assert len(tried) == 3
    assert await town.status("C1024") == "active"


async def test_the_log_tells_whose_leaving_moved_a_request(town: Town):
    """李强 leaves, so 陈洁 is asked; then 王敏 leaves, so her request ends: the log tells both."""
    await _asked(town)
    await town.event("liqiang", "unsubscribe")
    await town.hears("chenjie", "李强（liqiang）已离开")
    await town.gets_card("chenjie", title="宏远科技", button=("同意", "驳回"))
    await town.hears("wangmin", "#0001 原来的审批人已不能审批", "陈洁")
    await town.event("wangmin", "unsubscribe")
    await town.hears("chenjie", "王敏（wangmin）已离开")
    assert (await town.operation(1)).state is State.WITHDRAWN
    tags = await town.db.read(lambda uow: [entry.tag for entry in uow.audit.of_operation(1, 100)])
    assert {"chat:operation:reassigned", "chat:operation:withdrawn"} <= set(tags)
