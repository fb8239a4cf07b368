"""The access token: fetched once at a time, renewed early, never asked for in a loop (documents, path/91039)."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from bot.channels.wecom_app.errors import refusal
from core.domain.errors import PlatformMisconfigured, PlatformRefused, RateLimited

EARLY = timedelta(minutes=5)
WRONG_SECRET_PAUSE = timedelta(minutes=1)
"""After a refused secret; repeated wrong ones get the caller's address banned for an hour."""


@dataclass(frozen=True, slots=True)
class Token:
    value: str = field(repr=False)
    fresh_until: datetime


class TokenCache(Protocol):
    """Where replicas may share a token. A cache may forget; it must not make up."""

    async def get(self) -> Token | None: ...
    async def put(self, token: Token) -> None: ...
    async def drop(self, value: str) -> None:
        """Forget this token; one fetched since then stays."""


class MemoryTokenCache:
    def __init__(self) -> None:
        self._token: Token | None = None

    async def get(self) -> Token | None:
        return self._token

    async def put(self, token: Token) -> None:
        self._token = token

    async def drop(self, value: str) -> None:
        if self._token and self._token.value == value:
            self._token = None


Fetch = Callable[[], Awaitable[tuple[str, timedelta]]]
"""Asks WeCom for a token and its lifetime."""


class TokenKeeper:
    """`now` is only compared with itself; a token that WeCom ends earlier is renewed when a call finds it dead."""

    def __init__(
        self,
        fetch: Fetch,
        cache: TokenCache,
        now: Callable[[], datetime],
        *,
        pause: timedelta = WRONG_SECRET_PAUSE,
    ) -> None:
        self._fetch = fetch
        self._cache = cache
        self._now = now
        self._pause = pause
        self._lock = asyncio.Lock()
        self._refused: PlatformRefused | None = None
        self._refused_until: datetime | None = None

    async def current(self) -> str:
        """A token believed to be good. While a refused secret is paused, the refusal again, without asking."""
        token = await self._cache.get()
        if token is not None and self._now() < token.fresh_until:
            return token.value
        async with self._lock:
            token = await self._cache.get()
            if token is not None and self._now() < token.fresh_until:
                return token.value
            return await self._fetch_new()

    async def renew(self, dead: str) -> str:
        """Another token than `dead`; whoever comes second gets what the first one fetched."""
        await self._cache.drop(dead)
        return await self.current()

    async def distrust(self, token: str, error: PlatformRefused) -> None:
        """A fresh token was refused as well: stop asking for a while."""
        await self._cache.drop(token)
        self._remember(error, self._pause)

    async def _fetch_new(self) -> str:
        if self._refused and self._refused_until and self._now() < self._refused_until:
            raise refusal(self._refused.call, self._refused.code, self._refused.detail)
        try:
            value, lifetime = await self._fetch()
        except PlatformMisconfigured as error:
            self._remember(error, self._pause)
            raise
        except RateLimited as error:
            self._remember(error, error.wait)
            raise
        self._refused = None
        await self._cache.put(Token(value, self._now() + lifetime - min(EARLY, lifetime / 2)))
        return value

    def _remember(self, error: PlatformRefused, pause: timedelta) -> None:
        self._refused = error
        self._refused_until = self._now() + pause
