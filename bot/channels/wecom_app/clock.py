"""Measures how far the platform's clock is from this machine's clock (docs/decisions/0006).

WeCom's clock and ours agree, so the official API is not followed. Any other API base is a stand-in for WeCom that
may run on a time of its own. Its clock is read from the `Date` header of its answers; otherwise its callbacks
would be refused as stale.
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
    """Keeps `clock.offset`, platform time minus ours, up to date. It stays zero with WeCom's own API."""

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
        """Called when the followed clock has jumped, so that all that has become due is done at once."""

    def now(self) -> datetime:
        """Returns the platform's time."""
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
        named = {"User-Agent": "voidbot"}  # so that the other side knows who asks
        async with aiohttp.ClientSession(timeout=_TIMEOUT, cookie_jar=jar, headers=named) as session:
            while True:
                # While the address does not answer, the last offset stays in force.
                with suppress(aiohttp.ClientError, TimeoutError, OSError):
                    async with session.head(self._url, allow_redirects=False) as answer:
                        self._heed(answer.headers.get("Date", ""))
                await asyncio.sleep(self._poll)

    def _heed(self, date: str) -> None:
        try:
            said = parsedate_to_datetime(date)
        except (ValueError, OverflowError):
            return
        if said.tzinfo is None:  # the zone "-0000" says that none is claimed
            said = said.replace(tzinfo=UTC)
        offset = said - self._now()
        if abs(offset - self.clock.offset) > TOLERANCE:
            self.clock.offset = offset
            self.on_jump()
            _log.info("platform clock followed", offset_seconds=round(offset.total_seconds()))
