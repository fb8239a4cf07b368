"""Opens the scenarios' town with the bot in a process of its own, which may die and is started again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp

from bot.command_line.opening import open_database, open_vault
from core.storage.db import Database
from core.vault.sealed import SealedVault
from tests.faults.bots import Bot, Launcher
from tests.faults.hooks import Plan
from tests.pretend import free_port, open_wecom
from tests.scenario.settling import after_hours, now, settle_in, town_settings
from tests.scenario.town import Town


@dataclass
class Place:
    """A town, and what is needed to start its bot."""

    town: Town
    folder: Path
    launcher: Launcher
    port: int

    @property
    def plan(self) -> Plan:
        """A plan without a death, which only writes the steps down."""
        return Plan(diary=str(self.folder / "steps.txt"))

    @property
    def vault(self) -> SealedVault:
        return open_vault(self.town.settings)

    def steps(self) -> list[str]:
        path = self.folder / "steps.txt"
        return path.read_text().splitlines() if path.exists() else []

    def log(self) -> str:
        path = self.folder / "bot.log"
        return path.read_text() if path.exists() else ""

    async def start(self, *, port: int | None = None, **plan: str | float) -> Bot:
        return await self.launcher.start(
            self.town.settings,
            self.folder,
            port or self.port,
            replace(self.plan, **plan),  # type: ignore[arg-type]
        )

    async def look_after(self, bot: Bot, deaths: list[int]) -> None:
        """Starts another bot whenever one has ended, until it is cancelled."""
        try:
            while True:
                # Shielded: cancelling this task must not cancel the future that `kill` waits for.
                deaths.append(await asyncio.shield(bot.ended))
                bot = await self.start()
        finally:
            await bot.kill()


@asynccontextmanager
async def open_place(folder: Path, database_url: str, launcher: Launcher) -> AsyncIterator[Place]:
    port = free_port()
    # WeCom repeats a callback three times over half a minute. Here it does so every 0.1 s for 20 s, so that a
    # story need not wait long after a death.
    async with open_wecom(folder, port, retry_wait=0.1, retries=200) as wecom:
        settings = town_settings(folder, database_url, wecom, policy_file=after_hours(folder))
        db: Database = open_database(settings)
        try:
            await db.run(lambda uow: settle_in(uow.connection, now()))
            async with aiohttp.ClientSession() as http:
                town = Town(wecom, f"http://127.0.0.1:{port}", http, db, settings)
                yield Place(town, folder, launcher, port)
        finally:
            with suppress(Exception):
                db.close()
