"""The same thing twice, too late, out of order, from somebody else, or forged: nothing happens but an answer."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from sandbox.crypto import Seal
from tests.pretend import AES_KEY, CORP, TOKEN
from tests.scenario.town import Message, Town
from tests.scenario.weather import (
    base64_of,
    key_of,
    log_holds,
    pass_time,
    raw,
    state_of,
    texts,
    wire,
    world_time,
)


async def requested(town: Town) -> Message:
    await town.say("wangmin", "作废客户 宏远科技")
    confirm = await town.gets_card("wangmin", "确认作废", "宏远科技")
    await town.tap("wangmin", confirm, "确认作废", reason="duplicate")
    await town.gets_card("wangmin", "已提交")
    return await town.gets_card("liqiang", "王敏", "宏远科技", "同意")


async def replayed(town: Town) -> int:
    return int((await town.post("replay", {"last": True}))["status"])


async def test_wecom_delivers_everything_twice(town: Town) -> None:
    """Every callback comes twice: one draft, one request, one vote, one void, one card each."""
    await town.fault(duplicate_callbacks=50)
    decide = await requested(town)
    await town.tap("liqiang", decide, "同意")
    await town.gets_card("wangmin", "已作废", "B-0001")
    await town.post("settle", {})
    await town.settled()
    assert [operation.state for operation in await town.operations()] == ["done"]
    shown = [message["task_id"] for message in await town.chat("wangmin") if "card" in message]
    assert len(shown) == len(set(shown)) == 3
    await log_holds(town)


async def test_out_of_order_and_lost(town: Town) -> None:
    """A message overtaken by a later one, and one that never comes: both people can simply go on."""
    await town.fault(out_of_order=1)
    await asyncio.gather(town.say("wangmin", "查 宏远科技"), _overtaking(town, town.say("ZhaoJun", "查 蓝天贸易")))
    await town.hears("wangmin", "C1024")
    await town.hears("ZhaoJun", "C2001")
    decide = await requested(town)
    await town.fault(lost_callbacks=1)
    await town.tap("liqiang", decide, "同意")
    await town.settled()
    assert await town.status("C1024") == "active"
    await town.tap("liqiang", decide, "同意")
    await town.gets_card("wangmin", "已作废")
    await log_holds(town)


async def _overtaking(town: Town, work: Any) -> Any:
    """Once the other has come in and waits to be overtaken."""
    while (await town.get("faults"))["out_of_order"]:
        await asyncio.sleep(0.01)
    return await work


async def test_a_replay_does_nothing(town: Town) -> None:
    """Byte for byte at once: 200 and nothing. After the window: refused. Re-split under one signature: nothing."""
    decide = await requested(town)
    await town.tap("liqiang", decide, "同意")
    done = await town.gets_card("wangmin", "已作废")
    await town.tap("wangmin", done, "撤销")
    await town.hears("wangmin", "#0001 已撤销")
    await town.settled()
    before, heard = await state_of(town), [len(await town.chat(who)) for who in ("wangmin", "liqiang")]
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
    await town.settled()
    assert len((await state_of(town))["operations"]) == len(before["operations"]) + 1

    for span in (timedelta(seconds=301), timedelta(hours=1), timedelta(days=3), timedelta(days=90)):
        await pass_time(town, span)
        assert await raw(town, query=query, body_base64=base64_of(body)) == 403
        assert await replayed(town) == 403
        fresh = int((await world_time(town)).timestamp())
        resealed = Seal(TOKEN, AES_KEY, CORP)
        query_again, body_again = wire(resealed, _text(now, "作废客户 宏源科技", "777"), fresh)
        assert (
            await raw(town, query=query_again, body_base64=base64_of(body_again)) == 403
        )  # its inner time is old
    assert await town.status("C1024") == "active"
    assert heard[1] == len(await town.chat("liqiang"))
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
    await town.settled()
    assert await state_of(town) == before
    assert await texts(town, "liqiang") == []


async def test_taps_of_others(town: Town) -> None:
    """A stranger, the requester and another approver tap 李强's card with its own key: answered, nothing done."""
    await town.post("users", {"id": "stranger", "name": "路人"})
    decide = await requested(town)
    before = await state_of(town)
    for who in ("stranger", "wangmin", "chenjie", "sunyu"):
        await town.tap(who, decide, key_of(decide, "同意"), force=True)
        await town.tap(who, decide, "AQMAAAAA-not-a-key", force=True)
        await town.settled()
        assert len(await texts(town, who)) == 2, who
    assert await state_of(town) == before
    await town.tap("liqiang", decide, "同意")
    await town.gets_card("wangmin", "已作废")
    await log_holds(town)


async def test_tapped_twice_and_late(town: Town) -> None:
    """The second tap of each button is answered and does nothing."""
    decide = await requested(town)
    keys = [key_of(decide, "同意"), key_of(decide, "驳回")]
    await asyncio.gather(*(town.tap("liqiang", decide, keys[0], force=True) for _ in range(4)))
    done = await town.gets_card("wangmin", "已作废")
    undo = key_of(done, "撤销")
    for key in keys:
        await town.tap("liqiang", decide, key, force=True)
    await asyncio.gather(*(town.tap("wangmin", done, undo, force=True) for _ in range(3)))
    await town.hears("wangmin", "#0001 已撤销")
    await town.settled()
    (first, *others) = await town.operations()
    assert first.state == "undone"
    assert len(first.votes) == 1
    assert [other.state for other in others] == ["done"]
    assert await town.status("C1024") == "active"
    await log_holds(town)


@pytest.mark.parametrize("round_", range(3))
async def test_the_first_valid_decision_wins(town: Town, round_: int) -> None:
    """Approve, reject and withdraw at the same moment: one of them holds, the others are told that it is over."""
    decide = await requested(town)
    (submitted,) = [m for m in await town.chat("wangmin") if "撤回申请" in str(m.get("card", ""))]
    taps = [
        town.tap("liqiang", decide, key_of(decide, "同意"), force=True),
        town.tap("wangmin", submitted, key_of(submitted, "撤回申请"), force=True),
        town.tap("liqiang", decide, key_of(decide, "驳回"), force=True, objection="still_talking"),
    ]
    await asyncio.gather(*(taps[round_:] + taps[:round_]))
    await town.settled()
    (operation,) = await town.operations()
    expected = {"done": "voided", "rejected": "active", "withdrawn": "active"}
    assert await town.status("C1024") == expected[operation.state]
    # a request may be withdrawn after the vote, as long as no worker has begun
    assert len(operation.votes) in ({0, 1} if operation.state == "withdrawn" else {1})
    await log_holds(town)
