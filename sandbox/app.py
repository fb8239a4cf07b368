"""Puts the parts of the pretend WeCom together as one aiohttp application."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from aiohttp import web

from sandbox import control, pages
from sandbox.api import handle
from sandbox.callback import Postman
from sandbox.errors import Refused
from sandbox.keys import POSTMAN, WORLD
from sandbox.saving import keep_saved, load, save
from sandbox.settings import Settings
from sandbox.waiting import is_bot, note_bot, watch_presence
from sandbox.world import World

BIGGEST_BODY = 32 << 20
"""Larger than any file that media/upload accepts, so that its own check answers with an errcode."""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def _refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Refused as refused:
        return control.answer({"error": refused.reason}, refused.status)


@web.middleware
async def _watch_bot(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Notes which time the bot was sent; whoever moves the clock waits until the bot has seen it."""
    # Read before the answer is made: a move during the request may not be in its Date header.
    world, moves = request.app[WORLD], request.app[WORLD].clock_moves
    try:
        return await handler(request)
    finally:
        if is_bot(request):
            await note_bot(world, moves)


async def _date(request: web.Request, response: web.StreamResponse) -> None:
    response.headers["Date"] = request.app[WORLD].clock.http_date()


async def _postman(app: web.Application) -> AsyncIterator[None]:
    await app[POSTMAN].start()
    watching = asyncio.create_task(watch_presence(app[WORLD]))
    yield
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    await app[POSTMAN].close()


async def _saved_chats(app: web.Application) -> AsyncIterator[None]:
    """Saves the chats while the application runs, and once more at its end.

    It is entered before the postman and so left after it: changes by the last callbacks are saved too.
    """
    world = app[WORLD]
    path = Path(world.settings.chats_file)
    saving = asyncio.create_task(keep_saved(world, path))
    yield
    saving.cancel()
    await asyncio.gather(saving, return_exceptions=True)
    save(world, path)


async def _end_streams(app: web.Application) -> None:
    app[WORLD].feed.close()


def create_app(settings: Settings | None = None) -> web.Application:
    """Returns the application; its world is `app[WORLD]`."""
    app = web.Application(middlewares=[_watch_bot, _refusals], client_max_size=BIGGEST_BODY)
    world = World(settings or Settings())
    app[WORLD] = world
    app[POSTMAN] = Postman(world)
    app.add_routes(control.routes)
    app.router.add_get("/", pages.index, allow_head=True)
    app.router.add_get("/sandbox/state", pages.state)
    app.router.add_get("/sandbox/stream", pages.stream)
    app.router.add_get("/web/{name}", pages.asset)
    app.router.add_route("*", "/cgi-bin/{path:.+}", handle)
    if world.settings.chats_file:
        load(world, Path(world.settings.chats_file))
        app.cleanup_ctx.append(_saved_chats)
    app.cleanup_ctx.append(_postman)
    app.on_shutdown.append(_end_streams)
    app.on_response_prepare.append(_date)
    return app
