"""The edge against the pretend WeCom in its own process: what one seals and limits, the other understands."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channels.wecom_app.callback import CallbackDoor, Opened
from bot.channels.wecom_app.client import Sent, WeComClient
from bot.channels.wecom_app.clock import PlatformClock
from bot.channels.wecom_app.views import SERVER_OPTIONS, CallbackEndpoint, add_callback_routes
from core.domain.errors import CodeSpent, NotDelivered, TaskIdUsed
from core.domain.incoming import Tap, Text

TOKEN, AES_KEY, CORP, AGENT, SECRET = "aTokenForTests01", "k" * 43, "wwcontract01", "1000007", "a-secret-for-tests"


@dataclass
class Meeting:
    """Bot edge and pretend WeCom, each at its own address."""

    wecom: str
    http: aiohttp.ClientSession
    client: WeComClient
    clock: PlatformClock
    stored: "asyncio.Queue[Opened]"

    async def control(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        async with self.http.post(f"{self.wecom}/sandbox/{path}", json=body) as answer:
            said: dict[str, Any] = await answer.json()
            assert answer.status == 200, said
            return said

    async def next_incoming(self) -> Opened:
        async with asyncio.timeout(20):
            return await self.stored.get()


async def first_line(process: asyncio.subprocess.Process) -> str:
    assert process.stdout
    async with asyncio.timeout(20):
        return (await process.stdout.readline()).decode()


async def start_pretend_wecom(callback: str) -> asyncio.subprocess.Process:
    keys = {"TOKEN": TOKEN, "AES_KEY": AES_KEY, "CORP_ID": CORP, "AGENT_ID": AGENT, "SECRET": SECRET}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandbox", "--port", "0", "--callback", callback),
        env=dict(os.environ) | {f"VOIDBOT_WECOM_{name}": value for name, value in keys.items()},
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )


async def serve_edge(stored: "asyncio.Queue[Opened]", clock: Callable[[], PlatformClock]) -> TestServer:
    seen: set[str] = set()

    async def store(opened: Opened) -> bool:
        if opened.incoming.key in seen:
            return False
        seen.add(opened.incoming.key)
        await stored.put(opened)
        return True

    app = web.Application()
    door = CallbackDoor(TOKEN, AES_KEY, CORP, AGENT)
    add_callback_routes(app, CallbackEndpoint(door, store, lambda: clock().now()))
    server = TestServer(app)
    await server.start_server(**SERVER_OPTIONS)
    return server


@pytest.fixture
async def meeting() -> AsyncIterator[Meeting]:
    stored: asyncio.Queue[Opened] = asyncio.Queue()
    clocks: list[PlatformClock] = []
    edge = await serve_edge(stored, lambda: clocks[0])
    process = await start_pretend_wecom(str(edge.make_url("/wecom/callback")))
    try:
        base = (await first_line(process)).split()[1].rstrip("/")
        clocks.append(PlatformClock(base, poll=0.02))
        await clocks[0].start()
        client = WeComClient(corp_id=CORP, agent_id=AGENT, secret=SECRET, base_url=base)
        async with aiohttp.ClientSession() as http:
            meeting = Meeting(base, http, client, clocks[0], stored)
            await meeting.control("users", {"id": "ZhangSan", "name": "张三", "roles": ["rep"]})
            yield meeting
        await client.close()
        await clocks[0].stop()
    finally:
        process.terminate()
        await process.wait()
        await edge.close()


def card(task_id: str) -> dict[str, Any]:
    return {
        "card_type": "button_interaction",
        "task_id": task_id,
        "main_title": {"title": "作废 宏远科技"},
        "button_selection": {
            "question_key": "reason",
            "option_list": [{"id": "dup", "text": "重复"}, {"id": "gone", "text": "停业"}],
        },
        "button_list": [{"text": "同意", "key": "signed-key", "style": 1}],
    }


async def test_words_and_taps_arrive_and_cards_are_redrawn_once(meeting):
    """A message comes in, a card goes out, its tap comes back, and its code redraws it exactly once."""
    await meeting.control("users/ZhangSan/messages", {"text": "作废客户 宏远科技"})
    said = (await meeting.next_incoming()).incoming
    assert (said.address.person, said.sender_userid, said.content) == (
        "zhangsan",
        "ZhangSan",
        Text("作废客户 宏远科技"),
    )
    assert said.key.startswith("m:")

    sent = await meeting.client.send_card("ZhangSan", card("op-1"))
    assert sent.msgid
    assert sent.response_code
    await meeting.control(
        "users/ZhangSan/taps", {"task_id": "op-1", "key": "signed-key", "selected": {"reason": ["gone"]}}
    )
    tap = (await meeting.next_incoming()).incoming
    assert isinstance(tap.content, Tap)
    assert (tap.content.task_id, tap.content.key) == ("op-1", "signed-key")
    assert tap.content.selected == {"reason": ("gone",)}
    assert tap.key.startswith("e:")

    await meeting.client.update_button(tap.content.response_code, ["ZhangSan"], "已同意")
    with pytest.raises(CodeSpent):
        await meeting.client.update_button(tap.content.response_code, ["ZhangSan"], "已同意")


async def test_resends_double_nothing(meeting):
    """A card sent again is recognised by its task_id, a text by WeCom's duplicate check."""
    await meeting.client.send_card("ZhangSan", card("op-2"))
    with pytest.raises(TaskIdUsed):
        await meeting.client.send_card("ZhangSan", card("op-2"))
    assert await meeting.client.send_card("ZhangSan", card("op-2"), resend=True) == Sent(msgid="", repeated=True)

    for number in (1, 1, 2):
        await meeting.client.send_text("ZhangSan", "好的", number=number)
    async with meeting.http.get(f"{meeting.wecom}/sandbox/users/ZhangSan/messages") as answer:
        shown = str(await answer.json())
    assert shown.count("好的") == 2
    with pytest.raises(NotDelivered):
        await meeting.client.send_text("nobody", "x")


async def test_a_month_passes(meeting):
    """Its clock runs ahead by thirty days: callbacks stay fresh here, and the expired token is replaced."""
    await meeting.client.check()
    await meeting.control("clock", {"advance": "30d"})
    async with asyncio.timeout(20):
        while meeting.clock.clock.offset < timedelta(days=29):
            await asyncio.sleep(0.02)
    await meeting.control("users/ZhangSan/messages", {"text": "帮助"})

    assert (await meeting.next_incoming()).incoming.content == Text("帮助")
    assert (await meeting.client.send_text("ZhangSan", "一个月后")).msgid
