"""Helpers for stories about trouble: a town that begins at a given moment, and ways to move its clock."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
from sqlalchemy import Connection

from core.crm.embedded.tables import customers, segments
from core.domain.address import Channel
from core.ports.messages import Messenger
from core.services.working_time import is_working_day
from core.storage.tables import backups, operations, people, reminder_facts, votes
from sandbox.crypto import Seal
from tests.pretend import AES_KEY, CORP, ROLES, TOKEN, free_port, open_wecom
from tests.scenario.listening import PATIENCE
from tests.scenario.settling import database_of, move_in, now, open_bot, settle_in, town_settings
from tests.scenario.town import Town

SATURDAY = 5
EVENING = 20
SHANGHAI = ZoneInfo("Asia/Shanghai")
SEAL = Seal(TOKEN, AES_KEY, CORP)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """Returns the moment when clocks in Shanghai show this time."""
    return datetime.combine(day, time(hour, minute), SHANGHAI).astimezone(UTC)


def quiet_monday() -> date:
    """Returns a Monday at least a week ahead, without public holidays from three days before to two weeks after.

    There is no working weekend in that time either.
    """
    day = now().date() + timedelta(days=7)
    while day.weekday() or not all(_is_plain(day + timedelta(days=n)) for n in range(-3, 14)):
        day += timedelta(days=1)
    return day


def _is_plain(day: date) -> bool:
    return is_working_day(day) == (day.weekday() < SATURDAY)


@asynccontextmanager
async def open_town(
    database_url: str,
    folder: Path,
    *,
    start: datetime | None = None,
    roles: str = ROLES,
    settle: Callable[[Connection, datetime], None] = settle_in,
    retry_wait: float = 0.5,
    retries: int = 3,
    messengers: Mapping[Channel, Messenger] | None = None,
    **settings: Any,
) -> AsyncIterator[Town]:
    """Opens the whole bot and a pretend WeCom whose clock begins at `start`, or on the evening of a working day.

    In the evening the bot sends nothing unasked, whatever the real time is. `messengers` are channels beside
    the app.
    """
    async with AsyncExitStack() as stack:
        bot_port, begin = free_port(), start or at(quiet_monday(), EVENING)
        wecom = await stack.enter_async_context(
            open_wecom(folder, bot_port, start=begin, roles=roles, retry_wait=retry_wait, retries=retries)
        )
        wanted = town_settings(folder, database_url, wecom, **settings)
        wanted.roles_file.write_text(roles, encoding="utf-8")
        await move_in(wanted, settle, begin)
        app, bot = await stack.enter_async_context(open_bot(wanted, bot_port, messengers=messengers))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        town = Town(wecom, bot, http, database_of(app), wanted)
        await clock_heard(town)
        yield town


@asynccontextmanager
async def story(database_url: str, folder: Path, **town: Any) -> AsyncIterator[Town]:
    """Opens a town for one story, and checks at its end that the story has expected everything the bot sent."""
    async with open_town(database_url, folder, **town) as place:
        yield place
        await place.finish()


# time


async def world_time(town: Town) -> datetime:
    return datetime.fromtimestamp((await town.get("clock"))["now"], UTC)


async def move_to(town: Town, moment: datetime) -> None:
    """Moves the clock of the pretend WeCom to that moment, and waits until the bot follows."""
    span = (moment - await world_time(town)).total_seconds()
    assert span >= 0, "the clock does not go back"
    await town.advance(f"{int(span) + 1}s")
    await clock_heard(town)


async def pass_time(town: Town, span: timedelta) -> None:
    await move_to(town, await world_time(town) + span)


@asynccontextmanager
async def hurrying(town: Town, step: timedelta = timedelta(seconds=20)) -> AsyncIterator[None]:
    """Lets the clock run fast in the meantime, so that leases and pauses end."""

    async def run() -> None:
        while True:
            await pass_time(town, step)
            await asyncio.sleep(0.2)

    running = asyncio.create_task(run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def clock_heard(town: Town) -> None:
    """Waits until the bot's time is that of the pretend WeCom, within three seconds."""
    async with asyncio.timeout(PATIENCE):
        while True:
            bot, world = await town.db.read(lambda uow: uow.now), await world_time(town)
            if abs(bot - world) < timedelta(seconds=3):
                return
            await asyncio.sleep(0.05)


async def next_working_moment(town: Town, days: int = 1) -> None:
    """Moves the clock to ten in the morning of the first working day at least so many days ahead."""
    day = (await world_time(town)).astimezone(SHANGHAI).date() + timedelta(days=days)
    while not is_working_day(day):
        day += timedelta(days=1)
    await move_to(town, at(day, 10))


# what must hold after any trouble


async def log_holds(town: Town) -> int:
    """Checks that the whole log verifies, and returns the number of its entries."""
    verdict = await town.db.read(lambda uow: uow.audit.verify())
    assert verdict.holds, verdict
    entries: int = verdict.entries
    return entries


async def log_tags(town: Town, tag: str) -> int:
    """Returns how many entries of this kind the log holds."""
    return await town.db.read(lambda uow: sum(entry.tag == tag for entry in uow.audit.entries()))


async def state_of(town: Town) -> dict[str, Any]:
    """Returns all rows that nobody without a right may change: records, operations, votes, people and others."""
    tables = (customers, segments, operations, votes, backups, people, reminder_facts)

    def read(uow: Any) -> dict[str, Any]:
        return {
            table.name: [tuple(row) for row in uow.connection.execute(table.select().order_by(*table.primary_key))]
            for table in tables
        }

    return await town.db.read(read)


async def raw(town: Town, **request: Any) -> int:
    """Sends a callback made by hand, and returns the HTTP status of the bot's answer."""
    return int((await town.post("raw", request))["status"])


def wire(seal: Seal, xml: str, timestamp: int, nonce: str = "12345") -> tuple[dict[str, str], bytes]:
    """Returns query and body of a callback as WeCom would send it."""
    envelope = seal.envelope(xml, str(timestamp), nonce)
    query = {"msg_signature": envelope.signature, "timestamp": envelope.timestamp, "nonce": envelope.nonce}
    return query, f"<xml><Encrypt><![CDATA[{envelope.sealed}]]></Encrypt></xml>".encode()


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()
