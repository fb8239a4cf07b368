"""What every channel promises the courier, told once and run over each of them: the app over HTTP, and memory."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.channels.wecom_app.address import WECOM_APP
from bot.channels.wecom_app.client import WeComClient
from bot.channels.wecom_app.messenger import AppMessenger
from core.domain.address import Address, Channel
from core.domain.errors import CodeSpent, NotDelivered, PlatformError, TaskIdUsed
from core.domain.people import person_id
from core.ports.messages import Attempt, Messenger
from tests.memory import MEMORY, MemoryMessenger
from tests.pretend import AGENT, CORP, SECRET, open_wecom

WHO = "ZhaoJun"


@dataclass
class Twin:
    channel: Channel
    messenger: Messenger
    seen: Callable[[], Awaitable[list[str]]]
    """What the person sees now, oldest first: texts, and cards as JSON."""
    count: int = 0

    def attempt(self, who: str = WHO) -> Attempt:
        """The first try of another delivery."""
        self.count += 1
        return Attempt(Address(self.channel, person_id(who)), who, self.count, again=False)


@asynccontextmanager
async def wecom_app(folder: Path) -> AsyncIterator[Twin]:
    async with open_wecom(folder, 1) as base, aiohttp.ClientSession() as http:
        client = WeComClient(corp_id=CORP, agent_id=AGENT, secret=SECRET, base_url=base)

        async def seen() -> list[str]:
            async with http.get(f"{base}/sandbox/users/{WHO}/messages") as answer:
                messages = (await answer.json())["messages"]
            return [_as_text(each.get("text") or each.get("markdown"), each.get("card")) for each in messages]

        yield Twin(WECOM_APP, AppMessenger(client), seen)
        await client.close()


@asynccontextmanager
async def memory(_folder: Path) -> AsyncIterator[Twin]:
    messenger = MemoryMessenger(away={person_id("nobody")})

    async def seen() -> list[str]:
        return [_as_text(each.text, each.card) for each in messenger.shown[Address(MEMORY, person_id(WHO))]]

    yield Twin(MEMORY, messenger, seen)


def _as_text(text: str | None, card: dict[str, Any] | None) -> str:
    return text or json.dumps(card, ensure_ascii=False)


@pytest.fixture(params=[wecom_app, memory], ids=lambda twin: twin.__name__)
async def twin(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Twin]:
    async with request.param(tmp_path) as one:
        yield one


def card(title: str, task_id: str = "", **more: Any) -> str:
    body = {
        "card_type": "button_interaction",
        "main_title": {"title": title},
        "button_list": [{"text": "同意", "key": "k1", "style": 1}],
        **more,
    }
    return json.dumps(body | ({"task_id": task_id} if task_id else {}), ensure_ascii=False)


async def test_words_arrive_once_however_often_they_are_sent(twin: Twin) -> None:
    """One delivery sent twice is one message; two deliveries of the same words are two."""
    first = twin.attempt()
    await twin.messenger.send_text(first, "好的")
    await twin.messenger.send_text(replace(first, again=True), "好的")
    await twin.messenger.send_text(twin.attempt(), "好的")
    assert await twin.seen() == ["好的", "好的"]


async def test_markdown_arrives(twin: Twin) -> None:
    """Formatted words come as they are."""
    await twin.messenger.send_markdown(twin.attempt(), "**好的**")
    assert await twin.seen() == ["**好的**"]


async def test_a_card_can_be_redrawn_once_with_its_code(twin: Twin) -> None:
    """The code that came with the card turns it into another one; used again it is spent, and nothing changes."""
    code = await twin.messenger.send_card(twin.attempt(), card("作废 宏远科技"), "t-1")
    assert code
    await twin.messenger.redraw(twin.attempt(), card("已作废", "t-1"), code)
    with pytest.raises(CodeSpent):
        await twin.messenger.redraw(twin.attempt(), card("又变了", "t-1"), code)
    (seen,) = await twin.seen()
    assert "已作废" in seen


async def test_buttons_can_turn_grey(twin: Twin) -> None:
    """The short redraw says how it ended where the buttons were, and leaves the rest of the card."""
    code = await twin.messenger.send_card(twin.attempt(), card("作废 宏远科技"), "t-1")
    assert code
    await twin.messenger.redraw(twin.attempt(), json.dumps({"replace_name": "已结束"}), code)
    (seen,) = await twin.seen()
    assert ("宏远科技" in seen, "已结束" in seen) == (True, True)


async def test_a_code_of_nobody_is_spent(twin: Twin) -> None:
    """A code the channel never gave redraws nothing."""
    with pytest.raises(CodeSpent):
        await twin.messenger.redraw(twin.attempt(), card("已作废", "t-1"), "made-up")


async def test_a_task_id_is_used_once(twin: Twin) -> None:
    """A second card with it is refused; our own second try finds the first one arrived, and gets no code."""
    first = twin.attempt()
    await twin.messenger.send_card(first, card("作废 宏远科技"), "t-1")
    with pytest.raises(TaskIdUsed):
        await twin.messenger.send_card(twin.attempt(), card("另一张"), "t-1")
    assert await twin.messenger.send_card(replace(first, again=True), card("作废 宏远科技"), "t-1") is None
    assert len(await twin.seen()) == 1


async def test_who_cannot_be_reached_is_named(twin: Twin) -> None:
    """Text and card for somebody the channel does not reach: not delivered, and the error says who."""
    for sending in (
        twin.messenger.send_text(twin.attempt("nobody"), "x"),
        twin.messenger.send_card(twin.attempt("nobody"), card("x"), "t-1"),
    ):
        with pytest.raises(NotDelivered) as refused:
            await sending
        assert refused.value.people == ("nobody",)


async def test_a_card_that_is_none_is_refused(twin: Twin) -> None:
    """A body `cards/` would never make is an error the courier knows, and nothing is shown."""
    with pytest.raises(PlatformError):
        await twin.messenger.send_card(twin.attempt(), "{}", "t-1")
    with pytest.raises(ValueError):
        await twin.messenger.send_card(twin.attempt(), "no card", "t-2")
    assert await twin.seen() == []


async def test_limits_are_windows(twin: Twin) -> None:
    """What a person and a channel may get is said in windows that can be remembered."""
    for limits in (twin.messenger.person_limits, twin.messenger.channel_limits):
        assert all(window.most > 0 and window.span > timedelta() for window in limits.windows)
