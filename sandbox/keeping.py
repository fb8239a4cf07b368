"""Starts the bot of the demo, and starts it again whenever it ends. The page and the chats go on meanwhile."""

import asyncio
import dataclasses
import sys
import time
from typing import Any

from yarl import URL

from sandbox.child import Bot, Failed, say
from sandbox.world import World

PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds before each further start; the last value is used for all later ones."""
STEADY = 60.0
"""A bot that ran for this many seconds does not fail over and over: the pauses begin anew."""


async def first_of(*works: asyncio.Task[Any], keep: asyncio.Task[Any] | None = None) -> None:
    """Waits for the first task to end, raises its error if it has one, and cancels the others, except `keep`."""
    try:
        await asyncio.wait(works, return_when=asyncio.FIRST_COMPLETED)
    finally:
        dropped = [work for work in works if not work.done() and work is not keep]
        for work in dropped:
            work.cancel()
        # Awaited, so that their clean-up is done before anything else begins.
        await asyncio.gather(*dropped, return_exceptions=True)
    for work in works:
        if work.done() and not work.cancelled():
            work.result()


async def start(bot: Bot, port: int, world: World) -> int:
    """Starts the bot, directs the callbacks to it, and returns the port it got. Raises Failed."""
    address = await bot.serve(port)
    world.settings = dataclasses.replace(world.settings, callback=f"{address}/wecom/callback")
    # A bot that ends while it starts would otherwise be waited for until the time is over.
    await first_of(asyncio.create_task(bot.until_ready(address)), asyncio.create_task(bot.ended()))
    return URL(address).port or port


async def keep(bot: Bot, port: int, world: World) -> None:
    """Starts the bot again whenever it ends, until cancelled."""
    tries = 0
    while True:
        began = time.monotonic()
        why = await _end_of(bot)
        if time.monotonic() - began >= STEADY:
            tries = 0
        pause = PAUSES[min(tries, len(PAUSES) - 1)]
        tries += 1
        print(why, file=sys.stderr)
        say(f"机器人停了，{pause:g} 秒后重新启动", f"the bot has stopped; it is started again in {pause:g} s")
        await asyncio.sleep(pause)
        try:
            port = await start(bot, port, world)
        except Failed:
            await bot.stop()  # not ready in time counts as ended; the reason is printed in the next turn
        else:
            say("机器人又在了", "the bot is back")


async def _end_of(bot: Bot) -> str:
    try:
        await bot.ended()
    except Failed as failed:
        return str(failed)
    raise AssertionError
