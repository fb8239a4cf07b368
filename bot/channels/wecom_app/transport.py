"""Makes one call to WeCom's API, with a bounded wait, a bounded answer, and no secret in any error.

The access token is part of the URL, and exceptions of aiohttp contain the URL. So none of them leaves this module,
neither as cause nor as context.
"""

import json
from collections.abc import Mapping
from typing import Any

import aiohttp

from core.domain.errors import PlatformUnreachable

MAX_ANSWER = 4 * 1024 * 1024
TIMEOUT = aiohttp.ClientTimeout(total=8, sock_connect=4)

_NEVER_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)
"""Errors after which the request has certainly not arrived."""

Answer = dict[str, Any]
"""The JSON object of an answer; `errcode` is an integer."""


class Transport:
    def __init__(
        self,
        base_url: str,
        user_agent: str,
        *,
        session: aiohttp.ClientSession | None = None,
        timeout: aiohttp.ClientTimeout = TIMEOUT,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._headers = {"User-Agent": user_agent}
        self._session = session
        self._owns_session = session is None
        self._timeout = timeout

    async def get(self, call: str, params: Mapping[str, str]) -> Answer:
        return await self._ask("GET", call, params, None, {})

    async def post(self, call: str, params: Mapping[str, str], payload: Mapping[str, Any]) -> Answer:
        data = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
        return await self._ask("POST", call, params, data, {"Content-Type": "application/json"})

    async def upload(self, call: str, params: Mapping[str, str], name: str, data: bytes) -> Answer:
        form = aiohttp.FormData()
        form.add_field("media", data, filename=name, content_type="application/octet-stream")
        return await self._ask("POST", call, params, form, {})

    async def close(self) -> None:
        if self._session is not None and self._owns_session:
            await self._session.close()

    async def _ask(
        self,
        method: str,
        call: str,
        params: Mapping[str, str],
        data: bytes | aiohttp.FormData | None,
        headers: Mapping[str, str],
    ) -> Answer:
        """Returns the answer. Raises PlatformUnreachable when there is no usable one."""
        try:
            async with self._open_session().request(
                method,
                f"{self._base_url}/cgi-bin/{call}",
                params=params,
                data=data,
                headers={**self._headers, **headers},
                timeout=self._timeout,
                allow_redirects=False,  # a redirect could lead token and message to another host
            ) as response:
                status = response.status
                body = await _bounded(response.content)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            why, sent = type(error).__name__, not isinstance(error, _NEVER_SENT)
        else:
            answer = _parse(body)
            if answer is not None and status < 500:
                return answer
            why, sent = f"HTTP {status} without an answer of the API", True
        # Raised outside the `except` block, so that aiohttp's error, which shows the URL, is not its context.
        raise PlatformUnreachable(call, why, sent=sent)

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        return self._session


async def _bounded(content: aiohttp.StreamReader) -> bytes:
    body = bytearray()
    async for chunk in content.iter_any():
        body += chunk
        if len(body) > MAX_ANSWER:
            raise aiohttp.ClientPayloadError
    return bytes(body)


def _parse(body: bytes) -> Answer | None:
    """Reads the body as JSON, whatever its content type says. Returns None when it is no answer of the API."""
    try:
        answer = json.loads(body)
        if not isinstance(answer, dict):
            return None
        return {**answer, "errcode": int(answer["errcode"])}  # old interfaces send it as text
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None
