"""Sets up the small company of the stories: its settings, its customers, and the bot that works for it."""

import base64
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
from aiohttp import web
from sqlalchemy import Connection, insert, select

from bot.app import PARTS, create_app
from bot.channels.wecom_app.clock import PlatformClock
from bot.channels.wecom_app.views import SERVER_OPTIONS
from bot.command_line.opening import open_database
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
from core.storage.db import Database
from tests.pretend import AES_KEY, AGENT, CORP, ROLES, SECRET, TOKEN

KEY = base64.b64encode(hashlib.sha256(b"only for tests").digest()).decode()


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


def after_hours(folder: Path) -> Path:
    """Writes a policy whose working hours are half a day away from now, so that the bot sends nothing unasked.

    It is for bots in processes of their own, which live in real time until they follow the story's clock.
    """
    hour = (datetime.now(ZoneInfo("Asia/Shanghai")).hour + 12) % 24
    policy = folder / "policy.toml"
    policy.write_text(f'[working_hours]\nstart = "{hour:02}:00"\nend = "{hour:02}:30"\n', encoding="utf-8")
    return policy


def settle_in(connection: Connection, now: datetime) -> None:
    """Inserts a few customers; contacts, a deal, an invoice and communications hang on the first of them."""
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


async def move_in(settings: Settings, settle: Callable[[Connection, datetime], None], begin: datetime) -> None:
    """Fills the company's store, before there is a bot whose jobs might find it empty."""
    db = open_database(settings)
    try:
        await db.run(lambda uow: settle(uow.connection, begin))
    finally:
        db.close()


@asynccontextmanager
async def open_bot(settings: Settings, port: int = 0, **parts: Any) -> AsyncIterator[tuple[web.Application, str]]:
    """Runs the bot and yields it with its URL. `parts` are passed to `create_app` in place of its own."""
    # The platform's clock is asked more often than in production, because stories move it often.
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
    """Sets the clock to the platform's time before the bot starts, which else would live in real time at first."""
    with suppress(aiohttp.ClientError):
        async with aiohttp.ClientSession() as http, http.head(f"{wecom}/") as answer:
            clock._heed(answer.headers["Date"])


def database_of(app: web.Application) -> Database:
    return app[PARTS].db


def now() -> datetime:
    """Returns the moment when towns begin: always a Monday at ten in the evening in Shanghai.

    At that time nobody is reminded of anything, and midnight is two hours ahead.
    """
    return datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
