"""Measures the time from a person's message to the card that answers it, on an idle bot.

The message is 作废客户 X, and the card asks for the reason. The loader is WeCom at both ends: it posts the
callback, and it is the API to which the bot sends its card. The time runs from the first byte of the callback to
the end of the request message/send.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from statistics import median, quantiles
from typing import NamedTuple

import aiohttp
from aiohttp import web
from sqlalchemy import select

from benchmarks.company import REPS, Callbacks, environment
from benchmarks.customers import fill
from benchmarks.processes import databases, free_port, served
from benchmarks.report import Line
from core.crm.embedded.tables import customers
from core.storage.engines import make_engine
from core.storage.migrate import upgrade

MOST_MS = 100.0
CUSTOMERS = 2000
PAUSE = 0.15
"""Seconds between two messages, so that each finds the bot idle."""
PATIENCE = 10.0
"""Seconds after which a card counts as lost."""


class _Mine(NamedTuple):
    """A rep and the name of one of their customers."""

    owner: str
    name: str


@dataclass
class _Wecom:
    """Just enough of WeCom's API for sending; it notes when each card came."""

    cards: asyncio.Queue[tuple[float, str]] = field(default_factory=asyncio.Queue)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/cgi-bin/gettoken", self._token)
        app.router.add_post("/cgi-bin/message/send", self._send)
        app.router.add_get("/", self._clock)
        return app

    async def _token(self, _request: web.Request) -> web.Response:
        return web.json_response({"errcode": 0, "errmsg": "ok", "access_token": "token", "expires_in": 7200})

    async def _send(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.cards.put_nowait((time.perf_counter(), str(json.loads(body).get("msgtype"))))
        return web.json_response({"errcode": 0, "errmsg": "ok", "msgid": "1", "response_code": "code"})

    # The bot follows the clock of an API base that is not WeCom's (docs/decisions/0006).
    async def _clock(self, _request: web.Request) -> web.Response:
        return web.Response(headers={"Date": formatdate(usegmt=True)})


def run(*, small: bool = False) -> list[Line]:
    return [line for kind in ("sqlite", "postgresql") for line in asyncio.run(_measure(kind, 10 if small else 60))]


async def _measure(kind: str, messages: int) -> list[Line]:
    async with _servers(kind) as (wecom, port, mine), aiohttp.ClientSession() as http:
        # Each message comes from another rep, who voids a customer of their own.
        callbacks = Callbacks(lambda number: mine[number].owner, lambda number: f"作废客户 {mine[number].name}")
        await _ask(http, wecom, port, callbacks.make(1)[0])  # warms up
        answered, shown = [], []
        for request in callbacks.make(messages):
            await asyncio.sleep(PAUSE)
            to_answer, to_card = await _ask(http, wecom, port, request)
            answered.append(to_answer)
            shown.append(to_card)
    middle = median(shown)
    return [
        Line(
            f"message to delivered card, {kind}",
            f"{middle:.0f} ms median",
            budget=f"< {MOST_MS:.0f} ms",
            holds=middle < MOST_MS,
        ),
        Line("  of it: callback answered", f"{median(answered):.0f} ms"),
        Line("  slowest of ten", f"{quantiles(shown, n=10)[8]:.0f} ms"),
    ]


async def _ask(http: aiohttp.ClientSession, wecom: _Wecom, port: int, request: bytes) -> tuple[float, float]:
    """Posts one callback and returns the milliseconds until its answer and until the card."""
    head, _, body = request.partition(b"\r\n\r\n")
    path = head.split(b" ")[1].decode()
    began = time.perf_counter()
    async with http.post(f"http://127.0.0.1:{port}{path}", data=body) as answer:
        assert answer.status == 200
    answered = time.perf_counter()
    async with asyncio.timeout(PATIENCE):
        came, kind = await wecom.cards.get()
    assert kind == "template_card", kind
    return (answered - began) * 1000, (came - began) * 1000


@asynccontextmanager
async def _servers(kind: str) -> AsyncIterator[tuple[_Wecom, int, list[_Mine]]]:
    wecom = _Wecom()
    runner = web.AppRunner(wecom.app(), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    with databases(kind) as (folder, urls):
        mine = await asyncio.to_thread(_fill, urls[kind])
        port = free_port()
        settings = environment(folder, urls[kind], f"http://127.0.0.1:{runner.addresses[0][1]}", port)
        # Starting and stopping the bot block, so both run in threads: this event loop serves its API meanwhile.
        bot = served(folder, settings, "-m", "bot", "serve", port=port, ready="/readyz")
        await asyncio.to_thread(bot.__enter__)
        try:
            yield wecom, port, mine
        finally:
            await asyncio.to_thread(bot.__exit__, None, None, None)
            await runner.cleanup()


def _fill(url: str) -> list[_Mine]:
    """Fills the database and returns active customers of many reps.

    With one message per rep nobody gets more than WeCom allows in a minute, for which the bot would wait.
    """
    upgrade(url)
    engine = make_engine(url)
    fill(engine, CUSTOMERS)
    c = customers.c
    theirs = select(c.owner, c.name).where(c.status == "active", c.owner.in_([f"rep{n}" for n in range(REPS)]))
    with engine.connect() as connection:
        found = [_Mine(*row) for row in connection.execute(theirs.order_by(c.id))]
    engine.dispose()
    return found
