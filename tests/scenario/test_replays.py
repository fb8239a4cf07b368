"""The same thing twice, too late, out of order, from somebody else, or forged: nothing happens but an answer."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from sandbox.crypto import Seal
from tests.pretend import AES_KEY, CORP, TOKEN
from tests.scenario.listening import card, text
from tests.scenario.town import Town, button_of
from tests.scenario.weather import (
    base64_of,
    log_holds,
    pass_time,
    raw,
    state_of,
    wire,
    world_time,
)


async def replayed(town: Town) -> int:
    return int((await town.post("replay", {"last": True}))["status"])


async def test_wecom_delivers_everything_twice(town: Town) -> None:
    """Every callback comes twice: one draft, one request, one vote, one void, one card each."""
    await town.fault(duplicate_callbacks=50)
    _, decide = await town.submits("wangmin", "作废客户 宏远科技")
    await town.tap("liqiang", decide, "同意")
    await town.gets_card("wangmin", title="已作废", line="B-0001", button="撤销")
    await town.post("settle", {})
    for who in ("wangmin", "liqiang"):
        await town.hears_nothing(who)
    assert [operation.state for operation in await town.operations()] == ["done"]
    await log_holds(town)


async def test_out_of_order_and_lost(town: Town) -> None:
    """A message overtaken by a later one, and one that never comes: both people can simply go on."""
    await town.fault(out_of_order=1)
    await asyncio.gather(town.say("wangmin", "查 宏远科技"), _overtaking(town, town.say("ZhaoJun", "查 蓝天贸易")))
    await town.hears("wangmin", "C1024")
    await town.hears("ZhaoJun", "C2001")
    _, decide = await town.submits("wangmin", "作废客户 宏远科技")
    await town.fault(lost_callbacks=1)
    await town.tap("liqiang", decide, "同意")
    await town.settled()
    assert await town.status("C1024") == "active"
    await town.tap("liqiang", decide, "同意")
    await town.gets_card("wangmin", title="已作废", button="撤销")
    await log_holds(town)


async def _overtaking(town: Town, work: Any) -> Any:
    """Once the other has come in and waits to be overtaken."""
    while (await town.get("faults"))["out_of_order"]:
        await asyncio.sleep(0.01)
    return await work


async def test_a_replay_does_nothing(town: Town) -> None:
    """Byte for byte at once: 200 and nothing. After the window: refused. Re-split under one signature: nothing."""
    _, decide = await town.submits("wangmin", "作废客户 宏远科技")
    await town.tap("liqiang", decide, "同意")
    done = await town.gets_card("wangmin", title="已作废", button="撤销")
    await town.undoes("wangmin", done)
    await town.settled()
    before = await state_of(town)
    assert await replayed(town) == 200

    now = int((await world_time(town)).timestamp())
    query, body = wire(Seal(TOKEN, AES_KEY, CORP), _text(now, "作废客户 宏源科技", "777"), now, nonce="12345")
    for stamp, nonce in _splits(query["timestamp"], query["nonce"]):
        split = {**query, "timestamp": stamp, "nonce": nonce}
        assert await raw(town, query=split, body_base64=base64_of(body)) in {200, 403}
    await town.settled()
    drafted = await state_of(town)
    assert len(drafted["operations"]) in {len(before["operations"]), len(before["operations"]) + 1}
    assert await raw(town, query=query, body_base64=base64_of(body)) == 200
    assert await raw(town, query=query, body_base64=base64_of(body)) == 200
    await town.gets_card("wangmin", source="#0003", title="宏源科技", button="确认作废")
    for who in ("wangmin", "liqiang"):
        await town.hears_nothing(who)
    assert len((await state_of(town))["operations"]) == len(before["operations"]) + 1

    for span in (timedelta(seconds=301), timedelta(hours=1), timedelta(days=3), timedelta(days=90)):
        await pass_time(town, span)
        assert await raw(town, query=query, body_base64=base64_of(body)) == 403
        assert await replayed(town) == 403
        fresh = int((await world_time(town)).timestamp())
        resealed = Seal(TOKEN, AES_KEY, CORP)
        query_again, body_again = wire(resealed, _text(now, "作废客户 宏源科技", "777"), fresh)
        # Signed again it is a repeat, and refused once its inner time is too old for its key to be remembered.
        again = await raw(town, query=query_again, body_base64=base64_of(body_again))
        assert again == (200 if span < timedelta(days=2) else 403)
    assert await town.status("C1024") == "active"
    for who in ("wangmin", "liqiang"):
        await town.hears_nothing(who)
    await log_holds(town)


def _splits(timestamp: str, nonce: str) -> list[tuple[str, str]]:
    """Other cuts of the same digits; the signature fits those whose parts sort alike."""
    digits = timestamp + nonce
    return [(digits[:cut], digits[cut:]) for cut in range(6, len(digits)) if digits[:cut] != timestamp]


def _text(created: int, words: str, msgid: str, sender: str = "wangmin") -> str:
    return (
        f"<xml><ToUserName>{CORP}</ToUserName><FromUserName>{sender}</FromUserName><CreateTime>{created}</CreateTime>"
        f"<MsgType>text</MsgType><Content>{words}</Content><MsgId>{msgid}</MsgId><AgentID>1000002</AgentID></xml>"
    )


async def test_forged_callbacks_are_all_refused_alike(town: Town) -> None:
    """Wrong Token, wrong key, wrong company, no signature: one answer, nothing stored, nothing changed."""
    before, now = await state_of(town), int((await world_time(town)).timestamp())
    xml = _text(now, "同意 #0001", "1", "liqiang")
    good_query, good_body = wire(Seal(TOKEN, AES_KEY, CORP), xml, now)
    forged = [
        wire(Seal("otherToken1", AES_KEY, CORP), xml, now),
        wire(Seal(TOKEN, "x" * 43, CORP), xml, now),
        wire(Seal(TOKEN, AES_KEY, "wwother"), xml, now),
        wire(Seal(TOKEN, AES_KEY, CORP), xml.replace(CORP, "wwother"), now),
        ({**good_query, "msg_signature": "0" * 40}, good_body),
        ({**good_query, "timestamp": str(now + 1)}, good_body),
        ({}, good_body),
        (good_query, b""),
        (good_query, b"<xml/>"),
        (good_query, b'<!DOCTYPE x [<!ENTITY a "b">]>' + good_body),
    ]
    for query, body in forged:
        answer = await town.post("raw", {"query": query, "body_base64": base64_of(body)})
        assert (answer["status"], answer["body"]) == (403, "refused"), (query, body)
    await town.hears_nothing("liqiang")
    assert await state_of(town) == before


async def test_taps_of_others(town: Town) -> None:
    """A stranger, the requester and another approver tap 李强's card with its own key: answered, nothing done."""
    await town.post("users", {"id": "stranger", "name": "路人"})
    _, decide = await town.submits("wangmin", "作废客户 宏远科技")
    before = await state_of(town)
    for who in ("stranger", "wangmin", "chenjie", "sunyu"):
        await town.tap(who, decide, button_of(decide, "同意"), force=True)
        await town.tap(who, decide, "AQMAAAAA-not-a-key", force=True)
        answers = ("不认识你", "不认识你") if who == "stranger" else ("发给别人的", "按钮已失效")
        for answer in answers:
            await town.hears(who, answer)
    assert await state_of(town) == before
    await town.tap("liqiang", decide, "同意")
    await town.gets_card("wangmin", title="已作废", button="撤销")
    await log_holds(town)


async def test_tapped_twice_and_late(town: Town) -> None:
    """The second tap of each button is answered and does nothing."""
    _, decide = await town.submits("wangmin", "作废客户 宏远科技")
    keys = [button_of(decide, "同意"), button_of(decide, "驳回")]
    await asyncio.gather(*(town.tap("liqiang", decide, keys[0], force=True) for _ in range(4)))
    for _ in range(3):
        await town.hears("liqiang", "#0001", "执行")
    done = await town.gets_card("wangmin", title="已作废", button="撤销")
    undo = button_of(done, "撤销")
    for key in keys:
        await town.tap("liqiang", decide, key, force=True)
        await town.hears("liqiang", "#0001 已经执行完了")
    await asyncio.gather(*(town.tap("wangmin", done, undo, force=True) for _ in range(3)))
    # two taps come too late, before or after it is undone
    await town.gets_all("wangmin", text("#0001 已撤销", "恢复原样 ✓"), text("#000"), text("#000"))
    await town.hears("liqiang", "#0001 已撤销", "恢复原样 ✓")
    (first, *others) = await town.operations()
    assert first.state == "undone"
    assert len(first.votes) == 1
    assert [other.state for other in others] == ["done"]
    assert await town.status("C1024") == "active"
    await log_holds(town)


@pytest.mark.parametrize("round_", range(3))
async def test_the_first_valid_decision_wins(town: Town, round_: int) -> None:
    """Approve, reject and withdraw at the same moment: one of them holds, the others are told that it is over."""
    submitted, decide = await town.submits("wangmin", "作废客户 宏远科技")
    taps = [
        town.tap("liqiang", decide, button_of(decide, "同意"), force=True),
        town.tap("wangmin", submitted, button_of(submitted, "撤回申请"), force=True),
        town.tap("liqiang", decide, button_of(decide, "驳回"), force=True, objection="still_talking"),
    ]
    await asyncio.gather(*(taps[round_:] + taps[:round_]))
    await town.settled()
    (operation,) = await town.operations()
    ends = {
        "done": (card(title="已作废", button="撤销"), text("#0001")),
        "rejected": (text("#0001 被驳回"), text("#0001")),
        "withdrawn": (text("#0001 已撤回"),),
    }
    await town.gets_all("wangmin", *ends[operation.state])
    await town.hears_only("liqiang", "#0001")  # one or both of his taps came too late
    expected = {"done": "voided", "rejected": "active", "withdrawn": "active"}
    assert await town.status("C1024") == expected[operation.state]
    # a request may be withdrawn after the vote, as long as no worker has begun
    assert len(operation.votes) in ({0, 1} if operation.state == "withdrawn" else {1})
    await log_holds(town)
