"""One pretend WeCom and one tiny bot per test, over real HTTP."""

import dataclasses
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from sandbox.app import create_app
from sandbox.keys import POSTMAN, WORLD
from sandbox.settings import Doubts, Settings
from sandbox.world import World
from tests.sandbox.fake_bot import FakeBot

Client = TestClient[web.Request, web.Application]


@dataclass
class House:
    """What a test talks to."""

    client: Client
    bot: FakeBot
    world: World
    token: str

    async def call(self, path: str, body: Any = None, **query: Any) -> dict[str, Any]:
        """One official call with the token; POST when there is a body."""
        query = {"access_token": self.token, **query}
        method = "GET" if body is None else "POST"
        response = await self.client.request(method, f"/cgi-bin/{path}", params=query, json=body)
        assert response.status == 200
        data: dict[str, Any] = await response.json()
        return data

    async def control(self, method: str, path: str, body: Any = None, status: int = 200) -> dict[str, Any]:
        response: ClientResponse = await self.client.request(method, f"/sandbox/{path}", json=body)
        assert response.status == status, await response.text()
        data: dict[str, Any] = await response.json()
        return data

    async def send(self, msgtype: str, body: dict[str, Any], to: str = "wangmin", **more: Any) -> dict[str, Any]:
        request = {"touser": to, "msgtype": msgtype, "agentid": 1000002, msgtype: body, **more}
        return await self.call("message/send", request)

    async def chat(self, userid: str) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = (await self.control("GET", f"users/{userid}/messages"))["messages"]
        return messages

    async def settle(self) -> None:
        await self.client.app[POSTMAN].settle()


@pytest.fixture
async def house() -> AsyncIterator[House]:
    settings = Settings(callback_timeout=30, retry_wait=0.02, doubts=Doubts(), hints={"zh": ("帮助",)})
    bot = FakeBot(settings)
    async with TestServer(bot.app()) as bot_server:
        callback = str(bot_server.make_url("/wecom/callback"))
        app = create_app(dataclasses.replace(settings, callback=callback))
        async with TestClient(TestServer(app)) as client:
            query = {"corpid": settings.corp_id, "corpsecret": settings.secret}
            token = (await (await client.get("/cgi-bin/gettoken", params=query)).json())["access_token"]
            yield House(client, bot, app[WORLD], token)
