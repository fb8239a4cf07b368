"""A small strict WeCom with tokens that end, scripted answers, and a record of all calls."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

CORP = "ww0corp"
SECRET = "CANARY-secret"

Reply = dict[str, Any] | Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Asked:
    path: str
    query: dict[str, str]
    body: Any
    headers: dict[str, str]


@dataclass
class FakeWeCom:
    """The fake server. `script[path]` holds the next answers of a path; after them it answers errcode 0."""

    script: dict[str, list[Reply]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    tokens: int = 0
    alive: set[str] = field(default_factory=set)
    right_secret: str = SECRET
    expires_in: object = 7200
    server: TestServer = field(init=False)

    async def start(self) -> None:
        app = web.Application(client_max_size=30 * 1024 * 1024)
        app.router.add_route("*", "/cgi-bin/{call:.+}", self._handle)
        self.server = TestServer(app)
        await self.server.start_server()

    @property
    def base(self) -> str:
        return str(self.server.make_url("")).rstrip("/")

    def calls(self, path: str) -> list[Asked]:
        return [asked for asked in self.asked if asked.path == path]

    def kill_tokens(self) -> None:
        self.alive.clear()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        path, query = request.match_info["call"], dict(request.query)
        raw = await request.read()
        is_json = request.content_type == "application/json"
        self.asked.append(Asked(path, query, json.loads(raw) if is_json and raw else raw, dict(request.headers)))
        scripted = self.script.get(path)
        reply: Reply = scripted.pop(0) if scripted else self._usual(path, query)
        if not isinstance(reply, dict):
            return await reply(request)
        return web.Response(text=json.dumps(reply), content_type="text/plain")

    def _usual(self, path: str, query: dict[str, str]) -> dict[str, Any]:
        if path == "gettoken":
            if query != {"corpid": CORP, "corpsecret": self.right_secret}:
                return {"errcode": 40001, "errmsg": f"invalid credential {query.get('corpsecret')}"}
            self.tokens += 1
            token = f"CANARY-token-{self.tokens}"
            self.alive.add(token)
            return {"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": self.expires_in}
        if query.get("access_token") not in self.alive:
            return {"errcode": 42001, "errmsg": f"expired {query.get('access_token')}"}
        return {"errcode": 0, "errmsg": "ok", "msgid": f"msg{len(self.asked)}"}


async def html(_request: web.Request) -> web.Response:
    return web.Response(text="<html>502 Bad Gateway</html>", content_type="text/html")


async def empty(_request: web.Request) -> web.Response:
    return web.Response()


async def redirect(_request: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": "/cgi-bin/trap"})


async def server_error(_request: web.Request) -> web.Response:
    return web.Response(status=500, text='{"errcode": 0}')


async def deep_json(_request: web.Request) -> web.Response:
    return web.Response(text="[" * 200_000)


async def endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    try:
        while True:
            await response.write(b" " * 65536)
    except ConnectionError:
        return response


async def hang(_request: web.Request) -> web.Response:
    await asyncio.sleep(30)
    return web.Response()


async def cut_off(request: web.Request) -> web.Response:
    assert request.transport
    request.transport.close()
    return web.Response()
