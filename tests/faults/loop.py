"""Kills the bot at step 1, 2, 3 … of the story, until a story ends without a death.

SQLite is tested in this way (sqlite.org/testing.html §3.1). So nobody has to guess which step is a dangerous one.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from tests.faults.bots import Bot, Launcher, open_launcher
from tests.faults.story import play
from tests.faults.town import Place, open_place

AT_ONCE = 5
"""How many stories run side by side; each mostly waits for a lease to end."""

NewDatabase = Callable[[Path], AbstractContextManager[str]]
"""Makes a new, migrated database for one story, whose files lie in the folder, and gives its URL."""


@dataclass(frozen=True)
class Wish:
    """Says which stories to run."""

    steps: tuple[int, ...] = ()
    """The steps to die at; empty for all of them, until a story ends without a death."""
    first: int = 1
    every: int = 1
    """With all steps: begin at step `first` and take every `every`-th one."""
    edges: str = "both"
    """The `edges` of each bot's Plan."""
    seed: int | None = None
    """With a seed each bot is killed a second time, at a random moment within 0.5 s after its second start."""


@dataclass(frozen=True)
class Death:
    step: int
    edges: str
    again_after: float | None
    """The seconds from the second start to the second death; None for a single death."""


@dataclass(frozen=True)
class Told:
    """The result of one story."""

    step: int
    deaths: int
    where: str
    """The last step before the first death."""
    failure: str = ""


async def tell(folder: Path, new_database: NewDatabase, launcher: Launcher, death: Death) -> Told:
    """Runs one story, with a bot that dies as told and is started again."""
    folder.mkdir()
    with new_database(folder) as url:
        async with open_place(folder, url, launcher) as place:
            bot = await place.start(step=death.step, edges=death.edges)
            deaths: list[int] = []
            keeper = asyncio.create_task(_keep(place, bot, deaths, death.again_after))
            failure = ""
            try:
                await play(place)
            except Exception as error:  # reported with the step at which the bot died
                failure = f"{type(error).__name__}: {error}\n{place.log()[-3000:]}"
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)
    steps = place.steps()
    first = [line for line in steps if line.split()[0] == str(bot.pid)]
    return Told(death.step, len(deaths), first[-1] if deaths and first else "", failure)


async def _keep(place: Place, bot: Bot, deaths: list[int], again_after: float | None) -> None:
    if again_after is None:
        await place.look_after(bot, deaths)
        return
    try:
        deaths.append(await asyncio.shield(bot.ended))
        bot = await place.start()
        await asyncio.sleep(again_after)
    finally:
        await bot.kill()
    deaths.append(await bot.ended)
    await place.look_after(await place.start(), deaths)


async def stories(folder: Path, new_database: NewDatabase, wish: Wish) -> AsyncIterator[Told]:
    """Runs the wished stories, several side by side, and yields the results as they come."""
    chance = random.Random(wish.seed)
    waiting = iter(wish.steps or count(wish.first, wish.every))
    running: set[asyncio.Task[Told]] = set()
    ended = False
    async with open_launcher() as launcher:
        while running or not ended:
            while len(running) < AT_ONCE and not ended:
                step = next(waiting, None)
                if step is None:
                    ended = True
                    break
                again = None if wish.seed is None else chance.uniform(0, 0.5)
                work = tell(folder / f"step-{step}", new_database, launcher, Death(step, wish.edges, again))
                running.add(asyncio.create_task(work))
            if not running:
                break
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                told = task.result()
                ended = ended or (not wish.steps and told.deaths == 0)
                yield told
