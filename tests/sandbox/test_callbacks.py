"""How callbacks travel: order, retries, faults, replays, attacks, and the clock in their timestamps."""

import asyncio
import json
from dataclasses import replace
from email.utils import parsedate_to_datetime

import pytest

from sandbox.settings import Doubts
from tests.sandbox.cards import card
from tests.sandbox.conftest import House
from tests.sandbox.fake_bot import leaf

A_MINUTE = 60
"""Seconds a loaded machine may take from one step to the next, and far less than the clock is moved."""


async def say(house: House, text: str, userid: str = "wangmin") -> dict[str, object]:
    return await house.control("POST", f"users/{userid}/messages", {"text": text})


async def test_url_check(house: House) -> None:
    """The check that saving the form does passes for a bot that echoes the decrypted number."""
    checked = await house.control("POST", "verify")

    assert (checked["status"], checked["echoed"]) == (200, True), checked


async def test_errors_are_retried_three_times(house: House) -> None:
    """A bot that answers 500 is asked again three times with the same MsgId, sealed anew, then left alone."""
    house.bot.plan = [500] * 9
    told = await say(house, "x")
    await house.settle()

    assert (told["status"], told["attempts"]) == (500, 1)
    assert {leaf(root, "MsgId") for root in house.bot.heard} == {told["msgid"]}
    assert len(house.bot.heard) == 4
    assert len({query["nonce"] for query in house.bot.queries}) == 4


async def test_retries_end_with_the_first_success(house: House) -> None:
    """After one success nothing more comes, and the chat shows it as delivered in the end."""
    house.bot.plan = [503]
    first = await say(house, "x")
    assert first["status"] == 503
    await house.settle()

    assert len(house.bot.heard) == 2
    assert (await house.chat("wangmin"))[0]["delivery"]["status"] == 200
    (line,) = (await house.control("GET", "callbacks"))["callbacks"]
    assert (line["status"], line["attempts"]) == (200, 2)


async def test_a_slow_bot_is_dropped_and_asked_again(house: House) -> None:
    """A bot that does not answer in time counts as failed, with status 0."""
    house.world.settings = replace(house.world.settings, callback_timeout=0.2)
    house.bot.hang = 1
    told = await say(house, "x")
    house.world.settings = replace(house.world.settings, callback_timeout=30)

    assert (told["status"], told["attempts"]) == (0, 1)
    assert "no answer" in str(told["error"])
    await house.settle()
    (line,) = (await house.control("GET", "callbacks"))["callbacks"]
    assert line["status"] == 200
    assert len(house.bot.heard) == line["attempts"] > 1


async def test_doubts_about_retries(house: House) -> None:
    """By the other reading of the documents, statuses are not retried, and a retry repeats the very bytes."""
    await house.control("POST", "doubts", {"retry_on_status": False})
    house.bot.plan = [500]
    await say(house, "x")
    await house.settle()
    assert len(house.bot.heard) == 1

    await house.control("POST", "doubts", {"retry_on_status": True, "retry_repeats_bytes": True})
    house.bot.plan = [500]
    await say(house, "y")
    await house.settle()
    assert house.bot.queries[1] == house.bot.queries[2]


async def test_order_per_person(house: House) -> None:
    """One person's messages arrive in the order they were written, however many at once."""
    await asyncio.gather(*(say(house, str(number)) for number in range(20)))

    assert house.bot.words() == [str(number) for number in range(20)]


async def test_callback_faults(house: House) -> None:
    """Lost callbacks never come, doubled ones come twice, and one told to wait is overtaken."""
    await house.control("POST", "faults", {"lost_callbacks": 1})
    lost = await say(house, "lost")
    await house.control("POST", "faults", {"duplicate_callbacks": 1})
    await say(house, "twice")
    await house.settle()
    await house.control("POST", "faults", {"out_of_order": 1})
    late = asyncio.create_task(say(house, "late"))
    while house.world.faults.out_of_order:  # until it has come in and waits
        await asyncio.sleep(0.01)
    await say(house, "early")
    await late

    assert (lost["status"], lost["attempts"]) == (0, 0)
    assert house.bot.words() == ["twice", "twice", "early", "late"]


async def test_replay_and_raw_attacks(house: House) -> None:
    """The same signed bytes can be sent again; damaged, foreign and unsigned ones reach the bot as they are."""
    told = await say(house, "x")
    again = await house.control("POST", "replay", {"msgid": told["msgid"]})
    assert again["status"] == 200
    assert house.bot.queries[0] == house.bot.queries[1]
    await house.control("POST", "replay", {"msgid": "no"}, status=404)

    forged = await house.control("POST", "raw", {"xml": "<xml/>", "token": "guessed"})
    genuine = await house.control("POST", "raw", {"xml": "<xml><MsgType>text</MsgType></xml>"})
    assert (forged["status"], genuine["status"], house.bot.refused) == (403, 200, 1)
    empty = await house.control("POST", "raw", {"method": "POST", "body": "not xml", "query": {"timestamp": "1"}})
    assert empty["status"] == 500


async def test_timestamps_follow_the_world(house: House) -> None:
    """After the clock was moved, CreateTime, the envelope's timestamp and the Date header agree with it."""
    now = (await house.control("POST", "clock", {"advance": "1d12h"}))["now"]
    await say(house, "x")

    assert int(leaf(house.bot.heard[0], "CreateTime")) in range(now, now + A_MINUTE)
    assert int(house.bot.queries[0]["timestamp"]) in range(now, now + A_MINUTE)
    head = await house.client.head("/")
    assert head.status == 200
    assert parsedate_to_datetime(head.headers["Date"]).timestamp() in range(now, now + A_MINUTE)


@pytest.mark.parametrize("span", ["", "soon", "-1d", "3", "1w", "1d x"])
async def test_odd_spans(house: House, span: str) -> None:
    """A span that is not understood moves nothing and says so."""
    before = house.world.clock._lead
    await house.control("POST", "clock", {"advance": span}, status=400)

    assert house.world.clock._lead == before


async def test_moving_the_clock_waits_for_the_bot(house: House) -> None:
    """When a bot follows the clock, the move returns once one of its requests was answered with the new time."""
    bot = {"User-Agent": "voidbot/0.1"}
    await house.client.head("/", headers=bot)
    moving = asyncio.create_task(house.control("POST", "clock", {"advance": "1h"}))
    await asyncio.sleep(0.1)
    assert not moving.done()
    seen = await house.client.head("/", headers=bot)

    told = await moving
    assert told["bot_heard"] is True
    told_at = parsedate_to_datetime(seen.headers["Date"]).timestamp()
    assert abs(told_at - house.world.clock.now()) < 60


async def test_events_and_media(house: House) -> None:
    """Entering, menu clicks, pictures and places arrive with the nodes of the documents."""
    await house.control("POST", "users/wangmin/events", {"event": "enter_agent"})
    await house.control("POST", "users/wangmin/events", {"event": "click", "key": "help"})
    for kind in ("image", "voice", "video", "file", "location", "link"):
        await house.control("POST", "users/wangmin/media", {"type": kind})
    heard = house.bot.heard

    assert [leaf(root, "Event") for root in heard[:2]] == ["enter_agent", "click"]
    assert leaf(heard[1], "EventKey") == "help"
    assert heard[0].find("MsgId") is None
    assert leaf(heard[2], "PicUrl").startswith("http")
    assert leaf(heard[3], "Format") == "amr"
    assert leaf(heard[4], "ThumbMediaId")
    assert leaf(heard[6], "Location_X") == "31.230416"
    assert leaf(heard[7], "Url").startswith("https")
    await house.control("POST", "users/wangmin/events", {"event": "sing"}, status=400)
    await house.control("POST", "users/wangmin/media", {"type": "sing"}, status=400)
    await house.control("POST", "users/nobody/messages", {"text": "x"}, status=404)


async def test_api_faults(house: House) -> None:
    """Each fault hits the next calls it was set for, only on the paths it was set for, and can be cleared."""
    await house.control("POST", "faults", {"busy": 1, "only": ["user/get"]})
    assert (await house.call("getcallbackip"))["errcode"] == 0
    assert (await house.call("user/get", userid="wangmin"))["errcode"] == -1
    await house.control("POST", "faults", {"rate_limited": 1, "only": []})
    assert (await house.call("getcallbackip"))["errcode"] == 45009
    await house.control("POST", "faults", {"answers": [45033, 60020]})
    codes = [(await house.call("getcallbackip"))["errcode"] for _ in range(3)]
    assert codes == [45033, 60020, 0]
    await house.control("POST", "faults", {"html": 1})
    query = {"access_token": house.token}
    assert (await house.client.get("/cgi-bin/getcallbackip", params=query)).status == 502
    await house.control("POST", "faults", {"empty": 1})
    assert await (await house.client.get("/cgi-bin/getcallbackip", params=query)).read() == b""
    await house.control("POST", "faults", {"invalid_users": ["wangmin"]})
    assert (await house.send("text", {"content": "x"}))["errcode"] == 81013
    await house.control("DELETE", "faults")
    await house.control("POST", "faults", {"silent_drop": 1})
    assert (await house.send("text", {"content": "x"}))["errcode"] == 0
    assert await house.chat("wangmin") == []
    await house.control("POST", "faults", {"unknown": 1}, status=400)
    await house.control("POST", "faults", {"busy": "1"}, status=400)


async def test_lost_answers(house: House) -> None:
    """A connection lost before the work leaves nothing behind; one lost after it leaves the message there."""
    from aiohttp import ClientError

    for fault, left in (("drop", 0), ("drop_after", 1)):
        await house.control("POST", "faults", {fault: 1})
        with pytest.raises(ClientError):
            await house.send("text", {"content": fault})
        assert len(await house.chat("wangmin")) == left


async def test_stream_repeats_what_was_missed(house: House) -> None:
    """The live stream sends what came after Last-Event-ID, then what comes, or asks for a reload."""
    start = house.world.feed.last_id
    await house.send("text", {"content": "missed"})
    stream = await house.client.get("/sandbox/stream", headers={"Last-Event-ID": str(start)})
    await house.send("text", {"content": "live"})
    seen: list[str] = []
    while len(seen) < 2:
        line = (await stream.content.readline()).decode()
        if line.startswith("data: ") and '"text"' in line:
            seen.append(json.loads(line[6:])["text"])
    stream.close()

    assert seen == ["missed", "live"]
    strange = await house.client.get("/sandbox/stream?after=999999")
    assert b"reload" in await strange.content.readuntil(b"\n\n")
    strange.close()


async def test_reset_empties_the_world(house: House) -> None:
    """After a reset chats, cards, limits and faults are gone and a task_id may be used again; the token stays."""
    made = card("vote_interaction")
    await house.send("template_card", made)
    for _ in range(30):
        await house.send("text", {"content": "x"})
    await house.control("POST", "faults", {"busy": 5})
    await house.control("POST", "reset")

    assert await house.chat("wangmin") == []
    assert (await house.send("template_card", made))["errcode"] == 0
    assert len(await house.chat("wangmin")) == 1


def test_doubts_name_themselves() -> None:
    """Every doubt can be read and set by its name."""
    doubts = Doubts()
    doubts.change(doubts.as_json())

    assert doubts == Doubts()


async def test_a_silent_bot_is_reported(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a bot that followed the clock stops asking, the page is told that it has gone."""
    monkeypatch.setattr("sandbox.waiting.SEEN_LATELY", 1.2)
    start = house.world.feed.last_id
    await house.client.head("/", headers={"User-Agent": "voidbot/0.1"})
    async with asyncio.timeout(10):
        while not [e for e in house.world.feed.missed(start) or () if e.data == {"here": False}]:
            await asyncio.sleep(0.05)

    told = [event.data["here"] for event in house.world.feed.missed(start) or () if event.name == "bot"]
    assert told == [True, False]
