"""Ten thousand broken callbacks against the real door: no answer of the 500 kind, and nothing changes."""

import asyncio
import random
import re
from collections import Counter
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from sandbox.crypto import Seal
from tests.pretend import AES_KEY, CORP, TOKEN
from tests.scenario.town import Town, button_of
from tests.scenario.weather import SEAL, base64_of, hurrying, log_holds, raw, state_of, story, wire, world_time

CALLBACKS = 10_000
AT_ONCE = 32
WELL_SIGNED = 0.003
"""Of the changed ones; each of these is answered in the chat, where WeCom takes 30 a minute."""
SEED = 20261122
Request = tuple[dict[str, str] | str, bytes, dict[str, str]]


async def test_ten_thousand_broken_callbacks(sqlite_url: str, tmp_path: Path) -> None:
    """70 in 100 are valid ones with something changed, 20 go to the limits, 10 are noise."""
    async with story(sqlite_url, tmp_path) as town:
        _, decide = await town.submits("wangmin", "作废客户 宏远科技")
        await town.settled()
        before = await state_of(town)
        now = int((await world_time(town)).timestamp())
        approve = _tap(now, str(decide["task_id"]), button_of(decide, "同意"))
        statuses = await _all(town, _requests(random.Random(SEED), approve, now))
        assert sum(statuses.values()) == CALLBACKS
        assert set(statuses) <= {200, 400, 403, 404, 405, 411, 413}, statuses
        assert statuses[403] > CALLBACKS * 0.6
        assert await town.hears_only("liqiang", "什么都没改")  # the well signed ones
        assert await state_of(town) == before
        await log_holds(town)
        await town.tap("liqiang", decide, "同意")  # and the real one still works
        await town.gets_card("wangmin", title="已作废", button="撤销")


FULL_WIDTH = "ｌｉｑｉａｎｇ"
ODD = (
    "", " ", "0", "-1", "9" * 30, "\u202eabc", "ﷺ" * 21, FULL_WIDTH, "中" * 3000, "a" * 70, "😀" * 16,
    "'; DROP TABLE inbox; --", "]]&gt;", "&amp;lt;", "\u00a0", "İ" * 32, "../../x", "%s%n", "nobody", "%00",
)  # fmt: skip
"""Values for one node of a callback that is well formed, signed and encrypted."""
NODES = (
    "ToUserName", "FromUserName", "CreateTime", "MsgType", "Event", "EventKey", "TaskId", "CardType",
    "ResponseCode", "AgentID", "Content", "MsgId",
)  # fmt: skip


async def test_a_user_id_in_full_width_is_the_same_person(town: Town) -> None:
    """ｌｉｑｉａｎｇ is liqiang: what it asks for is answered to him, and nothing is done without him."""
    now = int((await world_time(town)).timestamp())
    query, body = wire(SEAL, _with("FromUserName", FULL_WIDTH, _text(now, 1)), now)
    assert await raw(town, query=query, body_base64=base64_of(body)) == 200
    await town.gets_card("liqiang", title="确认作废「宏远科技」？", button=("确认作废", "取消"))
    assert [operation.state for operation in await town.operations()] == ["draft"]


async def test_any_odd_value_in_any_node(database_url: str, tmp_path: Path) -> None:
    """Whoever knows Token and AES key may write what they like into every node: no 5xx, nothing changes, and
    whoever's callback came in the same moment is served."""
    async with story(database_url, tmp_path) as town:
        before = await state_of(town)
        now = int((await world_time(town)).timestamp())
        events = [_with(node, odd, _tap(now, "vb-x-1", "key")) for node in NODES for odd in ODD]
        texts = [
            _with(node, odd, _text(now, number))
            for number, (node, odd) in enumerate(product(NODES, ODD))
            if (node, odd) != ("FromUserName", FULL_WIDTH)  # it has a story of its own
        ]
        odd_ones: list[Request] = [
            (*wire(SEAL, inner, now, nonce=str(n)), {}) for n, inner in enumerate([*events, *texts])
        ]
        statuses = await _all(town, iter(odd_ones))
        assert set(statuses) == {200, 403}, statuses
        assert await state_of(town) == before
        await town.say("wangmin", "查 宏远科技")
        await town.hears("wangmin", "宏远科技")
        async with hurrying(town):  # WeCom takes only so many a minute for one person
            assert await town.hears_only("liqiang", "什么都没改")
        await log_holds(town)


def _with(node: str, value: str, xml: str) -> str:
    return re.sub(f"(<{node}>).*(</{node}>)", lambda found: found[1] + value + found[2], xml)


def _text(now: int, number: int) -> str:
    return (
        f"<xml><ToUserName>{CORP}</ToUserName><FromUserName>guest{number % 50}</FromUserName><CreateTime>{now}"
        f"</CreateTime><MsgType>text</MsgType><Content>作废客户 宏远科技</Content><MsgId>{10**15 + number}</MsgId>"
        "<AgentID>1000002</AgentID></xml>"
    )


async def _all(town: Town, requests: Iterator[Request]) -> Counter[int]:
    statuses: Counter[int] = Counter()

    async def send() -> None:
        for query, body, headers in requests:
            address = f"{town.bot}/wecom/callback"
            async with town.http.post(address, params=query, data=body, headers=headers) as answer:
                await answer.read()
                statuses[answer.status] += 1

    await asyncio.gather(*(send() for _ in range(AT_ONCE)))
    return statuses


def _requests(chance: random.Random, approve: str, now: int) -> Iterator[Request]:
    for _ in range(CALLBACKS):
        kind = chance.random()
        if kind < 0.7:
            yield _mutated(chance, approve, now)
        elif kind < 0.9:
            yield _at_the_limits(chance, approve, now)
        else:
            noise = chance.randbytes(chance.randrange(600))
            yield {"msg_signature": noise.hex()[:40], "timestamp": str(now), "nonce": "1"}, noise, {}


def _mutated(chance: random.Random, approve: str, now: int) -> Request:
    """One change somewhere: in the query, the envelope, the ciphertext, or in a well signed inner document."""
    query, body = wire(SEAL, approve, now)
    choice = chance.randrange(4) if chance.random() > WELL_SIGNED else 4
    if choice == 0:
        name = chance.choice(list(query))
        query[name] = _flipped(chance, query[name].encode()).decode("latin-1")
    elif choice == 1:
        body = _flipped(chance, body)
    elif choice == 2:
        body = body[: chance.randrange(len(body))]
    elif choice == 4:  # somebody who knows Token and AES key, but not our own key: the button's
        place = approve.index("<EventKey>") + 10 + chance.randrange(40)
        query, body = wire(SEAL, approve[:place] + chance.choice("ABCxyz_-") + "~" + approve[place + 1 :], now)
    else:
        del query[chance.choice(list(query))]
    return query, body, {}


def _flipped(chance: random.Random, data: bytes) -> bytes:
    place = chance.randrange(len(data))
    return data[:place] + bytes([data[place] ^ chance.choice((1, 2, 4, 8, 16, 32))]) + data[place + 1 :]


def _at_the_limits(chance: random.Random, approve: str, now: int) -> Request:
    choice = chance.randrange(7)
    if choice == 0:
        return (*wire(SEAL, approve, now + chance.choice((-301, 900, -(10**9), 10**10))), {})
    if choice == 1:
        return {}, b"x" * chance.choice((0, 1, 65_535, 65_536, 65_537, 80_000)), {}
    if choice == 2:
        return (*wire(Seal(TOKEN, AES_KEY, "ww" + CORP), approve, now), {})
    if choice == 3:
        return (*wire(SEAL, approve, now), {"Content-Encoding": chance.choice(("gzip", "deflate", "br", "zstd"))})
    if choice == 4:
        inner = chance.choice(
            ("", "<xml/>", "<xml>", "\x00", "<!DOCTYPE a><xml/>", "<xml>" + "<a>" * 500, "x" * 9000)
        )
        return (*wire(SEAL, inner, now), {})
    if choice == 5:
        query, body = wire(SEAL, approve, now)
        return query, b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + body, {}
    query, body = wire(SEAL, approve.replace("<CreateTime>", "<CreateTime>0"), now, nonce="n" * 129)
    return query, body, {}


def _tap(now: int, task: str, key: str) -> str:
    return (
        f"<xml><ToUserName>{CORP}</ToUserName><FromUserName>liqiang</FromUserName><CreateTime>{now}</CreateTime>"
        f"<MsgType>event</MsgType><Event>template_card_event</Event><EventKey>{key}</EventKey>"
        f"<TaskId>{task}</TaskId><CardType>button_interaction</CardType><ResponseCode>abc</ResponseCode>"
        "<AgentID>1000002</AgentID></xml>"
    )
