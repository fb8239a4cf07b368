"""Serves `GET|POST /wecom/callback`.

WeCom wants an answer within 5 s and repeats the callback otherwise (documents, path/90238), so a callback is
stored and answered, and the work is done later. Every refusal has the same status, body and headers, whatever
was wrong.

The server must run with `SERVER_OPTIONS`, which turn decompression off: a compressed body is refused here, and
must not cost memory or time before that.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypedDict

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from bot.channels.wecom_app.callback import MAX_BODY, CallbackDoor, Opened
from bot.channels.wecom_app.errors import CallbackRefused
from core.domain.errors import StoreUnavailable
from core.domain.incoming import Unreadable

PATH = "/wecom/callback"

READ_SECONDS = 3.0
"""The longest time in which the body may arrive."""
ANSWER_SECONDS = 4.0
"""The longest time from the request's head to our answer; WeCom gives up after 5 s."""

REFUSED_AFTER = 0.01
"""The seconds from the request's head after which every refusal is answered.

The longest check takes 1 ms, so the time of a refusal does not tell which check has failed.
"""

Store = Callable[[Opened], Awaitable[bool]]
"""Stores a callback and returns whether it is new. After StoreUnavailable WeCom sends the callback again."""


class Outcome(StrEnum):
    """How a callback ended, for the metrics."""

    VERIFIED = "verified"
    ACCEPTED = "accepted"
    REPEATED = "repeated"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"


class ServerOptions(TypedDict):
    auto_decompress: bool


SERVER_OPTIONS: ServerOptions = {"auto_decompress": False}
"""Options for `web.AppRunner(app, **SERVER_OPTIONS)`."""


def _count_nothing(_outcome: Outcome, _seconds: float) -> None:
    pass


@dataclass(frozen=True, slots=True)
class CallbackEndpoint:
    """What the two request handlers need."""

    door: CallbackDoor
    store: Store
    now: Callable[[], datetime]
    """Returns the platform's time, by which a callback is fresh or stale."""
    count: Callable[[Outcome, float], None] = _count_nothing
    """Counts an outcome, with the seconds from the request's head to our answer."""


Ended = tuple[Outcome, web.Response]

ENDPOINT = web.AppKey("callback_endpoint", CallbackEndpoint)

_log = structlog.get_logger(__name__)


def add_callback_routes(app: web.Application, endpoint: CallbackEndpoint) -> None:
    app[ENDPOINT] = endpoint
    app.router.add_get(PATH, _counted(_verify), allow_head=False)
    app.router.add_post(PATH, _counted(_receive), expect_handler=_expect)


async def _expect(request: web.Request) -> web.StreamResponse | None:
    """Answers `Expect: 100-continue` as HTTP wants it; any other expectation is refused like a bad callback.

    aiohttp's own answer to it would differ from our refusals.
    """
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return None
    return await _counted(_refuse_expectation)(request)


async def _refuse_expectation(_request: web.Request, _start: float) -> Ended:
    return _refused(CallbackRefused("expectation"))


def _counted(handle: Callable[[web.Request, float], Awaitable[Ended]]) -> Handler:
    async def counted(request: web.Request) -> web.Response:
        start = _now()
        outcome, answer = await handle(request, start)
        if outcome is Outcome.REFUSED:  # all refusals leave at the same time
            await asyncio.sleep(start + REFUSED_AFTER - _now())
        request.app[ENDPOINT].count(outcome, _now() - start)
        return answer

    return counted


def _now() -> float:
    return asyncio.get_running_loop().time()


async def _verify(request: web.Request, _start: float) -> Ended:
    """Echoes what WeCom sent encrypted when an administrator saves the callback address; WeCom waits 1 s."""
    try:
        echo = request.app[ENDPOINT].door.verify_url(_raw_query(request))
    except CallbackRefused as refusal:
        return _refused(refusal)
    return Outcome.VERIFIED, web.Response(text=echo)


async def _receive(request: web.Request, start: float) -> Ended:
    """Checks and stores a callback. Answers 200 when it is stored, now or before, and 503 when it cannot be."""
    endpoint = request.app[ENDPOINT]
    try:
        body = await _body(request, start + READ_SECONDS)
        opened = endpoint.door.open(body, _raw_query(request), endpoint.now())
    except CallbackRefused as refusal:
        return _refused(refusal)
    if isinstance(opened.incoming.content, Unreadable):
        _log.warning("callback_unreadable", why=opened.incoming.content.why, key=opened.incoming.key)
    try:
        async with asyncio.timeout_at(start + ANSWER_SECONDS):
            is_new = await endpoint.store(opened)
    except (StoreUnavailable, TimeoutError) as error:
        _log.warning("callback not stored", error=type(error).__name__, key=opened.incoming.key)
        return Outcome.UNAVAILABLE, web.Response(status=503)
    except Exception:  # noqa: BLE001  # the outermost edge: after a defect too, WeCom must send the callback again
        _log.exception("callback_failed", key=opened.incoming.key)
        return Outcome.UNAVAILABLE, web.Response(status=503)
    return Outcome.ACCEPTED if is_new else Outcome.REPEATED, web.Response()


def _refused(refusal: CallbackRefused) -> Ended:
    _log.warning("callback refused", why=refusal.why)
    return Outcome.REFUSED, web.Response(status=403, text="refused")


def _raw_query(request: web.Request) -> str:
    """Returns the query as it came, because aiohttp's own parsing would turn the `+` of base64 into a blank."""
    return request.raw_path.partition("?")[2]


async def _body(request: web.Request, deadline: float) -> bytes:
    """Reads the body. Raises CallbackRefused when it is compressed, larger than MAX_BODY, or too slow."""
    encodings = request.headers.getall("Content-Encoding", [])
    if any(encoding.strip().lower() != "identity" for encoding in encodings):
        raise CallbackRefused("content encoding")
    if (request.content_length or 0) > MAX_BODY:
        raise CallbackRefused("too large")
    body = bytearray()  # read piece by piece, since a chunked body states no length
    try:
        async with asyncio.timeout_at(deadline):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > MAX_BODY:
                    raise CallbackRefused("too large")
    except TimeoutError:
        raise CallbackRefused("too slow") from None
    except (web.RequestPayloadError, OSError):
        raise CallbackRefused("broken body") from None
    return bytes(body)
