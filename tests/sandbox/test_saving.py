"""The chats outlive the pretend WeCom's process, open cards included."""

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from sandbox.app import create_app
from sandbox.keys import WORLD
from sandbox.settings import Settings
from tests.sandbox.cards import card
from tests.sandbox.conftest import House
from tests.sandbox.fake_bot import FakeBot


@asynccontextmanager
async def running(chats: Path, bot: FakeBot) -> AsyncIterator[House]:
    """One life of the process."""
    settings = Settings(callback_timeout=30, retry_wait=0.02, chats_file=str(chats))
    async with TestServer(bot.app()) as server:
        app = create_app(dataclasses.replace(settings, callback=str(server.make_url("/wecom/callback"))))
        async with TestClient(TestServer(app)) as client:
            query = {"corpid": settings.corp_id, "corpsecret": settings.secret}
            token = (await (await client.get("/cgi-bin/gettoken", params=query)).json())["access_token"]
            yield House(client, bot, app[WORLD], token)


async def state(house: House) -> dict[str, Any]:
    told = await (await house.client.get("/sandbox/state")).json()
    return {name: told[name] for name in ("people", "messages", "menu")}


async def test_a_restart_keeps_chats_and_open_cards(tmp_path: Path) -> None:
    """Words, cards, menu and who is out of sight are as they were; the open card can still be redrawn, once."""
    chats, bot = tmp_path / "chats.json", FakeBot(Settings())
    open_card = card("button_interaction")
    async with running(chats, bot) as house:
        await house.control("POST", "users/wangmin/messages", {"text": "你好"})
        sent = await house.send("template_card", open_card)
        gone = await house.send("text", {"content": "错了"})
        await house.call("message/recall", {"msgid": gone["msgid"]})
        await house.control("POST", "users", {"id": "newone", "name": "新人"})
        await house.control("POST", "users/zhaojun/events", {"event": "unsubscribe"})
        await house.control("POST", "users/wangmin/media", {"type": "image"})
        await house.settle()
        before, now = await state(house), house.world.feed.last_id
    async with running(chats, bot) as house:
        assert await state(house) == before
        assert house.world.feed.missed(now) is None  # an old page loads anew
        update = {"userids": ["wangmin"], "agentid": 1000002, "button": {"replace_name": "已同意"}}
        again = {**update, "response_code": sent["response_code"]}
        assert (await house.call("message/update_template_card", again))["errcode"] == 0
        assert (await house.call("message/update_template_card", again))["errcode"] == 60140
        assert (await house.send("template_card", open_card))["errcode"] == 42014
        (image,) = [line for line in await house.chat("wangmin") if line["type"] == "image"]
        await house.control("POST", "users/wangmin/messages", {"text": "再来"})
        assert [line["id"] for line in await house.chat("wangmin")] == [1, 2, 3, 4, 5]
        media = await house.client.get(f"/sandbox/media/{image['content']['media_id']}")
        assert media.status == 200


async def test_a_kill_loses_no_more_than_a_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was said is in the file while the process still runs."""
    monkeypatch.setattr("sandbox.saving.EVERY", 0.01)
    chats = tmp_path / "chats.json"
    async with running(chats, FakeBot(Settings())) as house:
        await house.send("text", {"content": "存下来"})
        async with asyncio.timeout(30):
            while not chats.exists():
                await asyncio.sleep(0.01)
        assert "存下来" in chats.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"shape": 0}', '{"shape": 1, "people": [{"userid": "wangmin"}]}']
)
async def test_a_file_that_cannot_be_read(tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It starts with empty chats, says why, and keeps the next ones."""
    chats = tmp_path / "chats.json"
    chats.write_text(text, encoding="utf-8")
    async with running(chats, FakeBot(Settings())) as house:
        assert await house.chat("wangmin") == []
    assert "the chats were not read again" in capsys.readouterr().err
    assert json.loads(chats.read_text(encoding="utf-8"))["messages"] == []
