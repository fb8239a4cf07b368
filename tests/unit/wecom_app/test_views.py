"""The callback address over real HTTP: what WeCom and a stranger are answered."""

import asyncio
import gzip
import io
import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from urllib.parse import urlencode

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from structlog.testing import capture_logs

from bot.channels.wecom_app import views
from bot.channels.wecom_app.callback import MAX_BODY, CallbackDoor, Opened
from bot.channels.wecom_app.views import (
    PATH,
    REFUSED_AFTER,
    SERVER_OPTIONS,
    CallbackEndpoint,
    Outcome,
    add_callback_routes,
)
from core.domain.errors import StoreUnavailable
from tests.wecom import NOW, WeComSide

SIDE = WeComSide()


class Bot:
    """Serves the callback address with a store in memory."""

    def __init__(self) -> None:
        self.now: datetime = NOW
        self.stored: list[Opened] = []
        self.counted: Counter[Outcome] = Counter()
        self.broken: Exception | None = None
        self.held: asyncio.Event | None = None

    async def store(self, opened: Opened) -> bool:
        if self.broken:
            raise self.broken
        if self.held:
            await self.held.wait()
        is_new = all(
            opened.signature != one.signature and opened.incoming.key != one.incoming.key for one in self.stored
        )
        if is_new:
            self.stored.append(opened)
        return is_new

    def app(self) -> web.Application:
        door = CallbackDoor(SIDE.token, SIDE.aes_key, SIDE.corp_id, SIDE.agent_id)
        app = web.Application()
        add_callback_routes(app, CallbackEndpoint(door, self.store, lambda: self.now, self.count))
        return app

    def count(self, outcome: Outcome, seconds: float) -> None:
        assert seconds >= 0
        self.counted[outcome] += 1


@pytest.fixture
def bot() -> Bot:
    return Bot()


@pytest.fixture
async def server(bot: Bot) -> AsyncIterator[TestServer]:
    server = TestServer(bot.app())
    await server.start_server(**SERVER_OPTIONS)
    yield server
    await server.close()


@pytest.fixture
async def http(server: TestServer) -> AsyncIterator[ClientSession]:
    async with ClientSession(base_url=server.make_url("/")) as session:
        yield session


async def post(http: ClientSession, body: object, query: str, **headers: str) -> tuple[int, str, object]:
    async with http.post(f"{PATH}?{query}", data=body, headers=headers) as answer:
        seen = {name: value for name, value in answer.headers.items() if name != "Date"}
        return answer.status, await answer.text(), seen


async def test_saving_the_address_is_answered_with_exactly_the_text(http, bot):
    """The echo is the bare text, without quotes or newline, whether a `+` in echostr comes raw or escaped."""
    encrypt = next(e for e in iter(lambda: SIDE.encrypt(b"1616140317555161061"), "") if "+" in e)
    query = urlencode(SIDE.query(encrypt))
    for echostr in (encrypt, encrypt.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")):
        async with http.get(f"{PATH}?{query}&echostr={echostr}") as answer:
            assert (answer.status, await answer.read()) == (200, b"1616140317555161061")
    assert bot.counted == {Outcome.VERIFIED: 2}


async def test_an_accepted_callback_is_stored_and_answered_with_nothing(http, bot):
    """A good callback of any content type is answered with 200 and an empty body."""
    body, query = SIDE.post(SIDE.text_xml("作废客户 宏远"))

    status, text, _ = await post(http, body, query)

    assert (status, text) == (200, "")
    assert [one.incoming.content.content for one in bot.stored] == ["作废客户 宏远"]
    assert bot.counted == {Outcome.ACCEPTED: 1}


async def test_a_repeat_is_answered_alike_and_does_nothing(http, bot):
    """The same request again, and WeCom's retry with a new envelope, are both answered with 200."""
    xml = SIDE.text_xml()
    again = SIDE.post(xml)
    answers = [await post(http, *again), await post(http, *again), await post(http, *SIDE.post(xml))]

    assert answers == [answers[0]] * 3
    assert len(bot.stored) == 1
    assert bot.counted == {Outcome.ACCEPTED: 1, Outcome.REPEATED: 2}


@pytest.mark.parametrize("later", [timedelta(seconds=301), timedelta(days=3), timedelta(days=90)])
async def test_after_the_window_a_repeat_is_refused(http, bot, later):
    """An accepted callback that is replayed later is refused as stale."""
    request = SIDE.post(SIDE.text_xml())
    await post(http, *request)
    bot.now += later

    status, _, _ = await post(http, *request)

    assert status == 403
    assert len(bot.stored) == 1


async def endless() -> AsyncIterator[bytes]:
    for _ in range(MAX_BODY // 1024 + 2):
        yield b" " * 1024


async def test_every_refusal_looks_the_same(http, bot):
    """Forged, stale, badly padded, too large, compressed, not XML: one status, one body, one set of
    headers.
    """
    good, query = SIDE.post(SIDE.text_xml())
    bad_pad = SIDE.encrypt_bytes(bytes(64))
    wrong_corp = SIDE.encrypt(SIDE.text_xml().encode(), receive_id="wwother")
    no_xml = SIDE.encrypt(b"hello")
    refusals = [
        await post(http, good, ""),
        await post(http, good, query.replace("nonce=1", "nonce=2")),
        await post(http, *SIDE.post(SIDE.text_xml(), NOW - timedelta(hours=1))),
        await post(http, *SIDE.post(SIDE.text_xml(at=NOW - timedelta(days=3)))),
        *[await post(http, SIDE.body(e), urlencode(SIDE.query(e))) for e in (bad_pad, wrong_corp, no_xml, "x")],
        await post(http, b"", query),
        await post(http, b"<!DOCTYPE xml>" + good, query),
        await post(http, io.BytesIO(good + b" " * MAX_BODY), query),
        await post(http, endless(), query),
        await post(http, gzip.compress(good), query, **{"Content-Encoding": "gzip"}),
        await post(http, good, query, **{"Content-Encoding": "br"}),
        await post(http, good, query, **{"Content-Encoding": "identity, gzip"}),
        await post(http, good, query, Expect="a miracle"),
    ]

    assert refusals == [refusals[0]] * len(refusals)
    assert refusals[0][:2] == (403, "refused")
    assert bot.stored == []
    assert bot.counted == {Outcome.REFUSED: len(refusals)}


@pytest.mark.parametrize("spoil", ["query", "signature", "padding", "document", "nothing"])
async def test_no_refusal_tells_by_its_time_how_far_it_came(http, monkeypatch, spoil):
    """Every refusal leaves at the same time after its request, whatever was wrong; good callbacks do not wait."""
    good, query = SIDE.post(SIDE.text_xml())
    sealed = {"padding": SIDE.encrypt_bytes(bytes(64)), "document": SIDE.encrypt(b"hello")}
    asked = {
        "query": (good, ""),
        "signature": (good, query.replace("nonce=1", "nonce=2")),
        "nothing": (good, query),
        **{what: (SIDE.body(part), urlencode(SIDE.query(part))) for what, part in sealed.items()},
    }
    moments: list[float] = []
    due: list[float] = []
    clock, sleep = views._now, asyncio.sleep

    def now() -> float:
        moments.append(clock())
        return moments[-1]

    async def slept(seconds: float) -> None:
        due.append(moments[-1] + seconds)
        await sleep(0)

    monkeypatch.setattr(views, "_now", now)
    monkeypatch.setattr("bot.channels.wecom_app.views.asyncio.sleep", slept)
    status, _, _ = await post(http, *asked[spoil])
    assert status == (200 if spoil == "nothing" else 403)
    assert due == pytest.approx([] if spoil == "nothing" else [moments[0] + REFUSED_AFTER])


async def test_an_identity_encoding_is_no_encoding(http, bot):
    """A body with `Content-Encoding: identity` is accepted, since that means no encoding."""
    body, query = SIDE.post(SIDE.text_xml())

    assert (await post(http, body, query, **{"Content-Encoding": "Identity"}))[0] == 200


async def test_a_refused_address_check_looks_like_a_refused_callback(http):
    """A GET with a bad signature is answered like a bad POST."""
    refused = await post(http, b"", "")
    async with http.get(f"{PATH}?echostr=x") as answer:
        assert (answer.status, await answer.text()) == refused[:2]


@pytest.mark.parametrize("error", [StoreUnavailable("locked"), TimeoutError()])
async def test_when_the_database_is_away_wecom_is_asked_to_come_again(http, bot, error):
    """While the database is away the answer is 503 with an empty body; the retry is stored once it is back."""
    request = SIDE.post(SIDE.text_xml())
    bot.broken = error

    assert (await post(http, *request))[:2] == (503, "")
    bot.broken = None
    assert (await post(http, *request))[0] == 200
    assert bot.counted == {Outcome.UNAVAILABLE: 1, Outcome.ACCEPTED: 1}


async def test_a_store_that_hangs_is_not_waited_for(http, bot, monkeypatch):
    """A store that takes too long is answered with 503 before WeCom gives up."""
    monkeypatch.setattr(views, "ANSWER_SECONDS", 0.05)
    bot.held = asyncio.Event()

    assert (await post(http, *SIDE.post(SIDE.text_xml())))[:2] == (503, "")


async def raw(server: TestServer, *parts: bytes) -> bytes:
    """Sends raw bytes and returns the status line."""
    reader, writer = await asyncio.open_connection(server.host, server.port)
    for part in parts:
        writer.write(part)
        await writer.drain()
    line = await reader.readline()
    writer.close()
    await writer.wait_closed()
    return line


async def test_a_slow_body_is_refused(server, bot, monkeypatch):
    """A body that arrives too slowly is refused, so that it does not hold a connection."""
    monkeypatch.setattr(views, "READ_SECONDS", 0.05)
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n<xml>".encode()

    assert await raw(server, head) == b"HTTP/1.1 403 Forbidden\r\n"
    assert bot.counted == {Outcome.REFUSED: 1}


async def test_a_broken_chunk_is_refused(server):
    """A body with wrong framing is answered with 4xx, never with 5xx."""
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<xml>\r\n".encode()

    assert (await raw(server, head, b"zz\r\n\r\n")).split()[1] in {b"400", b"403"}


async def test_an_announced_giant_is_refused_unread(server, bot):
    """A Content-Length beyond the limit is refused before the body arrives."""
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n".encode()

    assert await raw(server, head) == b"HTTP/1.1 403 Forbidden\r\n"


async def test_a_body_without_end_is_refused_at_the_cap(server, monkeypatch):
    """Endless chunks are refused once they exceed the limit, not only when their time is over."""
    monkeypatch.setattr(views, "READ_SECONDS", 600.0)
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    chunk = b"400\r\n" + b" " * 1024 + b"\r\n"

    async with asyncio.timeout(20):
        assert await raw(server, head, chunk * (MAX_BODY // 1024 + 1)) == b"HTTP/1.1 403 Forbidden\r\n"


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE"])
async def test_other_methods_are_not_there(http, method):
    """Methods other than GET and POST are not allowed."""
    async with http.request(method, PATH) as answer:
        assert answer.status == 405


async def test_a_refusal_is_logged_with_its_reason_and_without_its_payload(http):
    """The log tells why a callback was refused, without the words of any message."""
    body, query = SIDE.post(SIDE.text_xml("CANARY-words", sender="CANARY-person"), NOW - timedelta(hours=1))
    with capture_logs() as logs:
        await post(http, body, query)

    assert [(line["event"], line["why"]) for line in logs] == [("callback refused", "stale")]
    assert "CANARY" not in json.dumps(logs)
