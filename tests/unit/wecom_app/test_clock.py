"""The bot follows the clock of an API base that is not WeCom's own."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from structlog.testing import capture_logs

from bot.channels.wecom_app.clock import PlatformClock
from config.official import OFFICIAL_API, is_official
from config.settings import Settings

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Elsewhere:
    """A server whose Date header is set by the test."""

    def __init__(self) -> None:
        self.date = ""
        self.asked = asyncio.Semaphore(0)

    async def handle(self, request: web.Request) -> web.Response:
        self.asked.release()
        assert request.method == "HEAD"
        return web.Response(headers={"Date": self.date})

    async def was_heard(self) -> None:
        """Waits for two polls: the first may have begun before this moment, the second began after it."""
        for _ in range(3):
            await self.asked.acquire()


@pytest.fixture
async def elsewhere() -> Elsewhere:
    return Elsewhere()


@pytest.fixture
async def clock(elsewhere: Elsewhere) -> AsyncIterator[PlatformClock]:
    app = web.Application()
    app.router.add_route("*", "/", elsewhere.handle)
    server = TestServer(app)
    await server.start_server()
    clock = PlatformClock(str(server.make_url("")), now=lambda: NOW, poll=0.005)
    yield clock
    await clock.stop()
    await server.close()


async def test_a_clock_elsewhere_is_followed(clock, elsewhere):
    """The clock is followed thirty days ahead and back again, and the log says so at the start."""
    elsewhere.date = format_datetime(NOW + timedelta(days=30), usegmt=True)
    with capture_logs() as logs:
        await clock.start()
    await elsewhere.was_heard()
    assert clock.clock.offset == timedelta(days=30)
    assert clock.now() == NOW + timedelta(days=30)

    elsewhere.date = format_datetime(NOW, usegmt=True)
    await elsewhere.was_heard()
    assert clock.clock.offset == timedelta()
    assert [line["event"] for line in logs] == ["API base is not the official one: its clock is followed"]


@pytest.mark.parametrize("seconds", [-2, -1, 0, 1, 2])
async def test_whole_seconds_are_noise(clock, elsewhere, seconds):
    """A difference of up to two seconds is ignored."""
    elsewhere.date = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    await clock.start()
    await elsewhere.was_heard()

    assert clock.clock.offset == timedelta()


@pytest.mark.parametrize("date", ["", "yesterday", "Thu, 99 Xyz 2026 00:00:00 GMT"])
async def test_a_date_that_is_none_changes_nothing(clock, elsewhere, date):
    """An odd Date header leaves the last good offset in force."""
    elsewhere.date = format_datetime(NOW + timedelta(hours=1), usegmt=True)
    await clock.start()
    await elsewhere.was_heard()
    elsewhere.date = date
    await elsewhere.was_heard()

    assert clock.clock.offset == timedelta(hours=1)


async def test_nobody_there_is_no_trouble():
    """An address that does not answer changes nothing, and the clock can be stopped."""
    clock = PlatformClock("http://127.0.0.1:1", now=lambda: NOW, poll=0.001)
    await clock.start()
    await asyncio.sleep(0.02)
    await clock.stop()

    assert clock.clock.offset == timedelta()


async def test_the_official_clock_is_never_followed():
    """With WeCom's own API no clock is asked and nothing is logged."""
    clock = PlatformClock(OFFICIAL_API)
    before = asyncio.all_tasks()
    with capture_logs() as logs:
        await clock.start()

    assert asyncio.all_tasks() == before
    assert logs == []
    assert clock.clock.offset == timedelta()
    await clock.stop()


@pytest.mark.parametrize(
    ("base", "official"),
    [
        ("https://qyapi.weixin.qq.com", True),
        ("https://QYAPI.weixin.qq.com/", True),
        ("https://qyapi.weixin.qq.com:443", True),
        ("http://qyapi.weixin.qq.com", False),
        ("https://qyapi.weixin.qq.com:8443", False),
        ("https://qyapi.weixin.qq.com@evil.example", False),
        ("https://qyapi.weixin.qq.com.evil.example", False),
        ("http://127.0.0.1:8700", False),
    ],
)
def test_only_wecoms_own_address_is_official(base, official):
    """Only WeCom's real address is official, no look-alike; the settings agree."""
    assert is_official(base) is official
    if "@" not in base:  # the settings take no such address
        assert Settings(wecom_api_base=base).official_api is official
