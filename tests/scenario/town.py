"""A small company to tell stories in: its people and customers, the bot, and a pretend WeCom met over HTTP."""

import asyncio
import base64
import hashlib
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from sqlalchemy import Connection, insert, select

from bot.app import PARTS, create_app
from bot.channels.wecom_app.clock import PlatformClock
from bot.channels.wecom_app.views import SERVER_OPTIONS
from config.settings import Settings
from core.crm.embedded.indexing import index_customers
from core.crm.embedded.tables import (
    communications,
    contacts,
    customers,
    deals,
    invoices,
    memberships,
    segments,
)
from core.domain.operation.operation import Operation
from core.domain.people import Role, person_id
from core.services.working_time import is_working_day
from core.storage.db import Database
from tests.pretend import AES_KEY, AGENT, CORP, ROLES, SECRET, TOKEN

KEY = base64.b64encode(hashlib.sha256(b"only for tests").digest()).decode()
PATIENCE = 60.0
"""Seconds until a story gives up waiting; nothing here asserts how long things take."""

Message = dict[str, Any]


@dataclass
class Town:
    """Speaks for its people: says, taps, expects."""

    wecom: str
    bot: str
    http: aiohttp.ClientSession
    db: Database
    settings: Settings
    seen: dict[str, int] = field(default_factory=dict)

    # people

    async def say(self, who: str, text: str) -> dict[str, Any]:
        return await self.post(f"users/{who}/messages", {"text": text})

    async def tap(
        self, who: str, card: Message, button: str, *, force: bool = False, **selected: str | list[str]
    ) -> Any:
        choices = {key: value if isinstance(value, list) else [value] for key, value in selected.items()}
        body: dict[str, Any] = {"task_id": card["task_id"], "key": button, "force": force}
        if choices:
            body["selected"] = choices
        return await self.post(f"users/{who}/taps", body)

    async def event(self, who: str, name: str, **more: str) -> None:
        await self.post(f"users/{who}/events", {"event": name, **more})

    async def advance(self, span: str) -> None:
        await self.post("clock", {"advance": span})

    async def working_morning(self) -> None:
        """On to ten o'clock of the next working day, when reminders are sent."""
        at = datetime.fromtimestamp((await self.get("clock"))["now"], self.settings.zone)
        morning = (at + timedelta(days=1)).replace(hour=10, minute=0, second=0)
        while not is_working_day(morning.date()):
            morning += timedelta(days=1)
        await self.advance(f"{int((morning - at).total_seconds())}s")

    async def fault(self, **faults: Any) -> None:
        await self.post("faults", faults)

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        async with self.http.post(f"{self.wecom}/sandbox/{path}", json=body) as answer:
            said: dict[str, Any] = await answer.json()
            assert answer.status == 200, (path, said)
            return said

    async def get(self, path: str) -> dict[str, Any]:
        async with self.http.get(f"{self.wecom}/sandbox/{path}") as answer:
            said: dict[str, Any] = await answer.json()
            return said

    # what they see

    async def chat(self, who: str) -> list[Message]:
        """Everything the bot has sent to this person, as it looks now."""
        messages: list[Message] = (await self.get(f"users/{who}/messages"))["messages"]
        return [message for message in messages if message["from"] == "bot"]

    async def hears(self, who: str, *words: str) -> Message:
        """Waits for a text with all these words that this person has not been asked about before."""
        return await self._next(
            who, lambda message: _text(message) is not None and _has(_text(message), words), words
        )

    async def gets_card(self, who: str, *words: str) -> Message:
        """Waits for a new card with all these words somewhere on it."""
        return await self._next(
            who, lambda message: "card" in message and _has(str(message["card"]), words), words
        )

    async def _next(self, who: str, fits: Callable[[Message], bool], words: tuple[str, ...]) -> Message:
        async with _patience(lambda: self._failure(who, words)):
            while True:
                for message in await self.chat(who):
                    if message["id"] > self.seen.get(who, 0) and fits(message):
                        self.seen[who] = message["id"]
                        return message
                await asyncio.sleep(0.02)

    async def becomes(self, who: str, card: Message, *words: str) -> Message:
        """Waits until this very card has been redrawn to hold all these words."""
        async with _patience(lambda: self._failure(who, words)):
            while True:
                for message in await self.chat(who):
                    if message["id"] == card["id"] and _has(str(message["card"]), words):
                        return message
                await asyncio.sleep(0.02)

    async def _failure(self, who: str, words: tuple[str, ...]) -> str:
        shown = [_text(message) or message.get("card") for message in await self.chat(who)]
        return f"{who} never saw {words}; saw:\n" + "\n".join(str(item) for item in shown[-6:])

    async def settled(self) -> None:
        """Waits until nothing is on its way any more."""
        async with asyncio.timeout(PATIENCE):
            while any((await self.db.read(lambda uow: uow.waiting())).values()):
                await asyncio.sleep(0.02)

    async def hears_nothing(self, who: str) -> None:
        """Once all is delivered, nothing came that this person has not been asked about before."""
        await self.settled()
        unseen = [message for message in await self.chat(who) if message["id"] > self.seen.get(who, 0)]
        assert unseen == [], unseen

    # the usual way

    async def submits(
        self, who: str, words: str, button: str = "确认作废", **selected: str | list[str]
    ) -> tuple[Message, int]:
        """Says it and confirms the card; the card that tells it is submitted, and its number."""
        await self.say(who, words)
        confirm = await self.gets_card(who, button)
        await self.tap(who, confirm, button, force=False, **selected)
        submitted = await self.gets_card(who, "撤回申请")
        return submitted, number_on(submitted)

    async def voids(self, who: str, name: str, approver: str = "liqiang") -> tuple[Message, int]:
        """A customer is voided with an approval; the card with 撤销, and the operation's number."""
        await self.submits(who, f"作废客户 {name}")
        decide = await self.gets_card(approver, "同意", name)
        await self.tap(approver, decide, "同意")
        done = await self.gets_card(who, "已作废", "撤销")
        return done, number_on(done)

    async def logs(self, times: int, tag: str) -> None:
        """Waits until the log holds this tag so often."""

        def count(uow: Any) -> int:
            return sum(entry.tag == tag for entry in uow.audit.entries())

        async with asyncio.timeout(PATIENCE):
            while await self.db.read(count) < times:
                await asyncio.sleep(0.02)

    # what is true

    async def status(self, number: str) -> str:
        return await self.db.read(
            lambda uow: str(
                uow.connection.execute(select(customers.c.status).where(customers.c.number == number)).scalar_one()
            )
        )

    async def segment_status(self, number: str) -> str:
        return await self.db.read(
            lambda uow: str(
                uow.connection.execute(select(segments.c.status).where(segments.c.number == number)).scalar_one()
            )
        )

    async def operations(self) -> list[Any]:
        def read(uow: Any) -> list[Any]:
            numbers = range(1, 200)
            return [op for op in (uow.operations.get(number) for number in numbers) if op is not None]

        return await self.db.read(read)

    async def operation(self, number: int) -> Operation:
        found: Operation | None = await self.db.read(lambda uow: uow.operations.get(number))
        assert found is not None, number
        return found

    async def has_roles(self, who: str, *roles: Role) -> None:
        """An administrator changes what this person may do."""

        def work(uow: Any) -> None:
            person = uow.people.get(person_id(who))
            uow.people.put(replace(person, roles=frozenset(roles)))

        await self.db.run(work)

    async def change(self, work: Callable[[Connection], object]) -> None:
        """Somebody else changes the records, behind the bot's back."""
        await self.db.run(lambda uow: work(uow.connection))


def number_on(card: Message) -> int:
    """Of the operation a card is about."""
    return int(re.findall(r"#(\d{4,})", str(card["card"]))[0])


def button_of(card: Message, text: str) -> str:
    """The key behind a button: what a tap carries."""
    buttons: list[Message] = card["card"].get("button_list", [])
    return next(str(button["key"]) for button in buttons if button["text"] == text)


def _text(message: Message) -> str | None:
    return message.get("text")


def _has(shown: str | None, words: tuple[str, ...]) -> bool:
    return shown is not None and all(word in shown for word in words)


@asynccontextmanager
async def _patience(explain: Callable[[], Any]) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(PATIENCE):
            yield
    except TimeoutError:
        raise AssertionError(await explain()) from None


def town_settings(folder: Path, database_url: str, wecom: str, **more: Any) -> Settings:
    roles = folder / "roles.toml"
    roles.write_text(ROLES, encoding="utf-8")
    values: dict[str, Any] = {
        "database_url": database_url,
        "wecom_api_base": wecom,
        "wecom_corp_id": CORP,
        "wecom_agent_id": AGENT,
        "wecom_secret": SECRET,
        "wecom_token": TOKEN,
        "wecom_aes_key": AES_KEY,
        "seal_key": KEY,
        "vault_key": KEY,
        "vault_dir": folder / "vault",
        "roles_file": roles,
        **more,
    }
    return Settings(_env_file=None, **values)  # type: ignore[call-arg]  # a parameter of pydantic-settings


def settle_in(connection: Connection, now: datetime) -> None:
    """A handful of customers with just enough hanging on them."""
    rows = [
        ("C1024", "上海宏远科技有限公司", "宏远科技", "13800005678", "wangmin", "B", 217),
        ("C1025", "上海宏源科技有限公司", "宏源科技", "13800005679", "wangmin", "A", 3),
        ("C1026", "北京宏远物流有限公司", "宏远物流", "13800005680", "wangmin", "C", 120),
        ("C2001", "广州蓝天贸易有限公司", "蓝天贸易", "13900000001", "zhaojun", "B", 10),
        ("C2002", "杭州明月软件有限公司", "明月软件", "13900000002", "zhaojun", "B", 400),
    ]
    for number, name, short, phone, owner, level, days in rows:
        connection.execute(
            insert(customers).values(
                number=number, name=name, short_name=short, phone=phone, owner=owner, level=level,
                created_at=now - timedelta(days=800), last_contact_at=now - timedelta(days=days),
            )
        )  # fmt: skip
    ids = dict(connection.execute(select(customers.c.number, customers.c.id)).all())
    hong = ids["C1024"]
    connection.execute(insert(contacts).values(customer_id=hong, name="张三", title="采购", phone="13700001111"))
    connection.execute(
        insert(deals).values(
            number="D1", customer_id=hong, name="年度采购", amount=Decimal(48000), currency="CNY", stage="open"
        )
    )
    connection.execute(
        insert(invoices).values(number="I1", customer_id=hong, amount=Decimal(1200), currency="CNY", paid=0)
    )
    for number, days in (("R1", 217), ("R2", 300)):
        connection.execute(
            insert(communications).values(
                number=number, customer_id=hong, at=now - timedelta(days=days), channel="phone", author="wangmin",
                text="问过报价",
            )
        )  # fmt: skip
    connection.execute(insert(segments).values(number="G1", name="展会线索2024", owner="wangmin"))
    group = connection.execute(select(segments.c.id)).scalar_one()
    connection.execute(
        insert(memberships), [{"segment_id": group, "customer_id": ids[n]} for n in ("C1024", "C1025", "C1026")]
    )
    index_customers(connection, list(ids.values()))


@asynccontextmanager
async def open_bot(settings: Settings, port: int = 0, **parts: Any) -> AsyncIterator[tuple[web.Application, str]]:
    """`parts`: what `create_app` is given in place of its own."""
    # The platform's clock is followed more closely than in earnest: stories move it often.
    clock = PlatformClock(settings.wecom_api_base, poll=0.05)
    await _hear(clock, settings.wecom_api_base)
    app = create_app(settings, clock=clock, **parts)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1, **SERVER_OPTIONS)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield app, f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def _hear(clock: PlatformClock, wecom: str) -> None:
    """The bot lives in the platform's time from its first moment on, not in ours until it has asked."""
    with suppress(aiohttp.ClientError):
        async with aiohttp.ClientSession() as http, http.head(f"{wecom}/") as answer:
            clock._heed(answer.headers["Date"])


def database_of(app: web.Application) -> Database:
    return app[PARTS].db


def now() -> datetime:
    """When towns begin: on a Monday at ten in the evening in Shanghai, whatever the hour the tests run.

    Nobody is reminded of anything at that time, and midnight is two hours ahead.
    """
    return datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
