"""Watches whether the bot is running, and which time it has seen.

The bot sends `HEAD /` about twice a second and reads the world's time from the Date header of the answer.
"""

import asyncio
import time

from aiohttp import web

from sandbox.world import World

BOT_AGENT = "voidbot"
"""The beginning of the bot's User-Agent."""
SEEN_LATELY = 5.0
"""A bot that has sent nothing for this many seconds counts as gone."""


def is_bot(request: web.Request) -> bool:
    return request.headers.get("User-Agent", "").startswith(BOT_AGENT)


async def note_bot(world: World, moves_at_start: int) -> None:
    """Notes that the bot was sent the time as it was after that many moves of the clock."""
    was_away = not bot_is_here(world)
    world.bot_seen_at = time.monotonic()
    world.moves_bot_saw = max(world.moves_bot_saw, moves_at_start)
    if was_away:
        world.feed.tell("bot", {"here": True})
    async with world.bot_asked:
        world.bot_asked.notify_all()


def bot_is_here(world: World) -> bool:
    return world.bot_seen_at > 0 and time.monotonic() - world.bot_seen_at < SEEN_LATELY


async def watch_presence(world: World) -> None:
    """Tells the page when the bot has stopped asking; runs until cancelled."""
    here = False
    while True:
        await asyncio.sleep(1)
        if here and not bot_is_here(world):
            world.feed.tell("bot", {"here": False})
        here = bot_is_here(world)


async def until_bot_asked(world: World) -> bool:
    """Waits until the bot was sent the time after the newest move, and tells whether it was.

    It returns at once when no bot is running.
    """
    if not bot_is_here(world):
        return False
    wanted = world.clock_moves
    try:
        async with asyncio.timeout(world.settings.bot_wait), world.bot_asked:
            await world.bot_asked.wait_for(lambda: world.moves_bot_saw >= wanted)
    except TimeoutError:
        return False
    await asyncio.sleep(0.05)  # the answer is on the wire; let the bot read it
    return True
