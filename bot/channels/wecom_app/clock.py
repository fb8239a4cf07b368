"""How far the platform's clock is from ours.

WeCom's own clock and ours agree, so nobody is followed there. Any other API base is somebody's stand-in for WeCom,
which may run on a time of its own: it is followed by the `Date` header of its answers, or its callbacks would be
stale here.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import aiohttp
import structlog

from config.official import is_official
from core.storage.db import Clock

POLL_SECONDS = 0.5
TOLERANCE = timedelta(seconds=2)
"""The `Date` header counts whole seconds; smaller differences are noise."""

_TIMEOUT = aiohttp.ClientTimeout(total=2)
_log = structlog.get_logger(__name__)


def utc_now() -> datetime:
    return datetime.now(UTC)


class PlatformClock:
    """Keeps `clock.offset`, platform time minus ours, up to date; it is zero with WeCom's own API."""

    def __init__(
        self, base_url: str, *, now: Callable[[], datetime] = utc_now, poll: float = POLL_SECONDS
    ) -> None:
        self._url = base_url.rstrip("/") + "/"
        self._follows = not is_official(base_url)
        self._now = now
        self._poll = poll
        self.clock = Clock()
        self._task: asyncio.Task[None] | None = None
        self.on_jump: Callable[[], None] = lambda: None
        """Called when the followed clock was moved: what has become due by it is done at once."""

    def now(self) -> datetime:
        """The platform's time."""
        return self._now() + self.clock.offset

    async def start(self) -> None:
        if not self._follows or self._task is not None:
            return
        _log.warning("API base is not the official one: its clock is followed", base=self._url)
        self._task = asyncio.create_task(self._follow(), name="platform clock")

    async def stop(self) -> None:
        if self._task is None:
            return
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        self._task = None

    async def _follow(self) -> None:
        jar = aiohttp.DummyCookieJar()
        named = {"User-Agent": "voidbot"}  # so that the other side knows who follows
        async with aiohttp.ClientSession(timeout=_TIMEOUT, cookie_jar=jar, headers=named) as session:
            while True:
                with suppress(aiohttp.ClientError, TimeoutError, OSError):
                    async with session.head(self._url, allow_redirects=False) as answer:
                        self._heed(answer.headers.get("Date", ""))
                await asyncio.sleep(self._poll)

    def _heed(self, date: str) -> None:
        try:
            said = parsedate_to_datetime(date)
        except (ValueError, OverflowError):
            return
        if said.tzinfo is None:  # "-0000": no zone is claimed
            said = said.replace(tzinfo=UTC)
        offset = said - self._now()
        if abs(offset - self.clock.offset) > TOLERANCE:
            self.clock.offset = offset
            self.on_jump()
            _log.info("platform clock followed", offset_seconds=round(offset.total_seconds()))
