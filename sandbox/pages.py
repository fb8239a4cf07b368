"""Serves the chat page, its files, the state it begins with, and the live stream of events."""

import json
from typing import Any

from aiohttp import web

from sandbox.control import answer
from sandbox.feed import Event
from sandbox.keys import WORLD
from sandbox.settings import WEB
from sandbox.waiting import bot_is_here
from sandbox.world import World

# Only these kinds of files are served; Python's own table of types depends on the machine.
_TYPES = {".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2", ".svg": "image/svg+xml"}
# Content of chats comes from the bot under test: the page may run no script but its own. Pictures of cards may
# come from anywhere.
_POLICY = (
    "default-src 'self'; img-src 'self' data: http: https:; style-src 'self'; script-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def _page_headers() -> dict[str, str]:
    return {
        "Content-Security-Policy": _POLICY,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-cache",
    }


async def index(request: web.Request) -> web.StreamResponse:
    # The bot asks twice a second, for the time in the Date header: no file is read for that.
    if request.method == "HEAD":
        return web.Response(content_type="text/html")
    return web.FileResponse(WEB / "index.html", headers=_page_headers())


async def asset(request: web.Request) -> web.StreamResponse:
    path = WEB / request.match_info["name"]
    # The parent is compared, so that no name such as `..` leads out of the folder.
    if path.parent != WEB or path.suffix not in _TYPES or not path.is_file():
        raise web.HTTPNotFound
    return web.FileResponse(path, headers={**_page_headers(), "Content-Type": _TYPES[path.suffix]})


def _state(world: World) -> dict[str, Any]:
    return {
        "language": world.settings.language,
        "hints": {language: list(lines) for language, lines in world.settings.hints.items()},
        "kept": bool(world.settings.chats_file),
        "now": world.clock.now(),
        "bot": bot_is_here(world),
        "menu": world.menu or {"button": []},
        "people": [person.as_json() for person in world.people],
        "messages": sorted((message.as_json() for message in world.chats), key=lambda line: line["id"]),
        "last_event": world.feed.last_id,
    }


async def state(request: web.Request) -> web.Response:
    return answer(_state(request.app[WORLD]))


def _line(event: Event) -> bytes:
    data = json.dumps(event.data, ensure_ascii=False)
    return f"id: {event.id}\nevent: {event.name}\ndata: {data}\n\n".encode()


async def stream(request: web.Request) -> web.StreamResponse:
    """Streams server-sent events after `Last-Event-ID` (or `?after=`).

    The event `reload` tells the page to load its state anew, when events that it missed are no longer kept.
    """
    feed = request.app[WORLD].feed
    given = request.headers.get("Last-Event-ID") or request.query.get("after") or str(feed.last_id)
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await response.prepare(request)
    # Listening begins before the missed events are read, so that none falls in between.
    with feed.listen() as coming:
        missed = feed.missed(int(given)) if given.isdecimal() else None
        if missed is None:
            await response.write(f"id: {feed.last_id}\nevent: reload\ndata: {{}}\n\n".encode())
        else:
            await response.write(b": hello\n\n" + b"".join(_line(event) for event in missed))
        try:
            while (event := await coming.get()) is not None:
                await response.write(_line(event))
        except ConnectionError:
            pass  # the page was closed
    return response
