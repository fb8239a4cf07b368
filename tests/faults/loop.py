"""The systematic loop: die at step 1, 2, 3 … of the story until one story ends without a death.

SQLite is tested in this way (sqlite.org/testing.html §3.1); nobody has to guess where it hurts.
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
"""Stories side by side; most of the time of each is waiting for a lease to end."""

NewDatabase = Callable[[Path], AbstractContextManager[str]]
"""Gives the address of a fresh, migrated database for one story whose files lie in the folder."""


@dataclass(frozen=True)
class Wish:
    """Which stories to tell."""

    steps: tuple[int, ...] = ()
    """Empty: all of them, until a story ends without a death."""
    first: int = 1
    every: int = 1
    """Of all of them the first, and every which one after it."""
    edges: str = "both"
    """See Plan."""
    seed: int | None = None
    """Each bot dies a second time, at a moment drawn by this, within half a second after it was started again."""


@dataclass(frozen=True)
class Death:
    step: int
    edges: str
    again_after: float | None
    """Seconds from the second start to the second death."""


@dataclass(frozen=True)
class Told:
    """How one story went."""

    step: int
    deaths: int
    where: str
    """The last step before the first death."""
    failure: str = ""


async def tell(folder: Path, new_database: NewDatabase, launcher: Launcher, death: Death) -> Told:
    """One story."""
    folder.mkdir()
    with new_database(folder) as url:
        async with open_place(folder, url, launcher) as place:
            bot = await place.start(step=death.step, edges=death.edges)
            deaths: list[int] = []
            keeper = asyncio.create_task(_keep(place, bot, deaths, death.again_after))
            failure = ""
            try:
                await play(place)
            except Exception as error:
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
    """As they end."""
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
