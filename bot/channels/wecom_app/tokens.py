"""Keeps the access token: one fetch at a time, renewed early, never asked for in a loop (path/91039)."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from bot.channels.wecom_app.errors import refusal
from core.domain.errors import PlatformMisconfigured, PlatformRefused, RateLimited

EARLY = timedelta(minutes=5)
"""How long before its end a token is renewed."""
WRONG_SECRET_PAUSE = timedelta(minutes=1)
"""The pause after a refused secret; WeCom bans the address of a caller with repeated wrong ones for an hour."""


@dataclass(frozen=True, slots=True)
class Token:
    value: str = field(repr=False)
    fresh_until: datetime


class TokenCache(Protocol):
    """A place where replicas may share a token. It may lose the token, but must never return another one."""

    async def get(self) -> Token | None: ...
    async def put(self, token: Token) -> None: ...
    async def drop(self, value: str) -> None:
        """Removes this token; one that was stored since stays."""


class MemoryTokenCache:
    def __init__(self) -> None:
        self._token: Token | None = None

    async def get(self) -> Token | None:
        return self._token

    async def put(self, token: Token) -> None:
        self._token = token

    async def drop(self, value: str) -> None:
        if self._token and self._token.value == value:  # another caller may have renewed it already
            self._token = None


Fetch = Callable[[], Awaitable[tuple[str, timedelta]]]
"""Asks WeCom for a token and its lifetime."""


class TokenKeeper:
    """Hands out the access token and fetches a new one when needed.

    `now` is only compared with itself. A token that WeCom ends early is renewed when a call finds it dead.
    """

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
        """Returns a token that should be good. After a refused secret it raises that refusal again for a while."""
        token = await self._cache.get()
        if token is not None and self._now() < token.fresh_until:
            return token.value
        async with self._lock:
            # Looked up again: whoever held the lock before may have fetched one.
            token = await self._cache.get()
            if token is not None and self._now() < token.fresh_until:
                return token.value
            return await self._fetch_new()

    async def renew(self, dead: str) -> str:
        """Returns another token than `dead`. Of several callers, the first fetches it and the others share it."""
        await self._cache.drop(dead)
        return await self.current()

    async def distrust(self, token: str, error: PlatformRefused) -> None:
        """Stops fetching for a while, because WeCom has refused a new token as well."""
        await self._cache.drop(token)
        self._remember(error, self._pause)

    async def _fetch_new(self) -> str:
        if self._refused and self._refused_until and self._now() < self._refused_until:
            # A new exception each time: one object raised again and again would gather tracebacks.
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
        # Half of the lifetime at most: a token shorter than EARLY would else never be fresh.
        await self._cache.put(Token(value, self._now() + lifetime - min(EARLY, lifetime / 2)))
        return value

    def _remember(self, error: PlatformRefused, pause: timedelta) -> None:
        self._refused = error
        self._refused_until = self._now() + pause
