"""Measures how many callbacks are stored and answered, compared with a bare handler that stores nothing.

The bare handler (benchmarks/bare.py) checks, decrypts and parses with aiohttp and wechatpy, and answers with an
encrypted echo. The bot does all its work meanwhile: it handles what it has stored and sends its answers to a
pretend WeCom. Servers and loader share the machine. The two take turns, and their medians are compared.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from statistics import median

from sqlalchemy import text

from benchmarks.company import GUESTS, REPS, Callbacks, environment
from benchmarks.customers import fill
from benchmarks.load import Load, Result
from benchmarks.processes import databases, free_port, pretend_wecom, served, the_bot
from benchmarks.report import Line
from core.storage.engines import make_engine

LEAST_RATIO = 0.5
MOST_MS = 50.0
CONNECTIONS = 64
CUSTOMERS = 2000
MOST_PER_SECOND = 8000
"""The number of requests per second that are made for the first round; later ones go by the rates before."""


@dataclass
class _Subject:
    """One of the two servers that are compared."""

    name: str
    port: int
    callbacks: Callbacks
    url: str = ""
    rates: list[float] = field(default_factory=list)
    accepted: int = 0

    def race(self, seconds: float) -> None:
        """Sends callbacks as fast as they are answered, and notes the rate."""
        # Requests are signed beforehand: half as many again as the best round needed, so that none runs short.
        expected = max(self.rates) * 1.5 if self.rates else MOST_PER_SECOND
        requests = self.callbacks.make(int(seconds * expected))
        result = asyncio.run(Load(requests).as_fast_as_answered(self.port, CONNECTIONS, seconds))
        self._note(result)
        self.rates.append(result.rate)

    def paced(self, per_second: float, seconds: float) -> float:
        """Sends callbacks at a steady rate and returns the p99 of the answers in milliseconds."""
        requests = self.callbacks.make(int(seconds * per_second) + 1)
        result = asyncio.run(Load(requests).at_rate(self.port, CONNECTIONS, per_second, seconds))
        self._note(result)
        return result.percentile(99)

    def _note(self, result: Result) -> None:
        if result.refused:
            raise AssertionError(f"{self.name}: {result.refused} callbacks were not answered 200")
        self.accepted += len(result.spent)

    @property
    def rate(self) -> float:
        """The median of all rounds but the first, which is for warming up."""
        return median(self.rates[1:])


# Strangers are not in the roles file; reps look a customer up, which is more work for each message.
def _strangers() -> Callbacks:
    return Callbacks(lambda number: f"guest{number % GUESTS}", lambda number: f"你好 {number}")


def _reps() -> Callbacks:
    return Callbacks(lambda number: f"rep{number % REPS}", lambda number: f"查 C{number % CUSTOMERS + 1}")


def run(*, small: bool = False) -> list[Line]:
    rounds, seconds = (1, 2.0) if small else (5, 4.0)
    lines: list[Line] = []
    for kind in ("sqlite", "postgresql"):
        lines += _against(kind, "strangers write", _strangers, rounds, seconds)
        lines += _against(kind, "known people look customers up", _reps, rounds, seconds)
    return lines


def _against(kind: str, who: str, callbacks: Callable[[], Callbacks], rounds: int, seconds: float) -> list[Line]:
    with _servers(kind, callbacks) as (bare, bot):
        bare.race(1.0)  # both warm up
        bot.race(1.0)
        for _ in range(rounds):
            bare.race(seconds)
            bot.race(seconds)
        # At full speed every server is late; half its rate is a load at which answers should be quick.
        p99 = median(bot.paced(bot.rate / 2, seconds) for _ in range(3))
        bare_p99 = bare.paced(bot.rate / 2, seconds)
        # While the bot still works: what it has not handled yet is waiting in the inbox.
        left = _count(bot.url, "WHERE state = 'new'")
        stored = _stored(bot)
    # An answer of 200 promises that the message is stored; a fast bot that loses one has failed.
    if stored != bot.accepted:
        raise AssertionError(f"{kind}: {bot.accepted} callbacks were answered 200, {stored} are stored")
    ratio = bot.rate / bare.rate
    what = f"callback, {kind}, {who}"
    return [
        Line(
            what,
            f"{bot.rate:,.0f}/s",
            f"{bare.rate:,.0f}/s bare",
            f"{ratio:.2f}",
            f"≥ {LEAST_RATIO} × bare",
            ratio >= LEAST_RATIO,
        ),
        Line(
            "  p99 at half that rate",
            f"{p99:.1f} ms",
            f"{bare_p99:.1f} ms bare",
            "",
            f"< {MOST_MS:.0f} ms",
            p99 < MOST_MS,
        ),
        Line("  not yet worked off when it ended", f"{left:,} of {stored:,}", "none is lost"),
    ]


@contextmanager
def _servers(kind: str, callbacks: Callable[[], Callbacks]) -> Iterator[tuple[_Subject, _Subject]]:
    with ExitStack() as stack:
        folder, urls = stack.enter_context(databases(kind))
        bare_port, wecom_port, bot_port = free_port(), free_port(), free_port()
        settings = environment(folder, urls[kind], f"http://127.0.0.1:{wecom_port}", bot_port)
        stack.enter_context(
            served(folder, {}, "-m", "benchmarks.bare", str(bare_port), port=bare_port, ready="/healthz")
        )
        stack.enter_context(pretend_wecom(folder, settings, wecom_port))
        stack.enter_context(the_bot(folder, settings))
        engine = make_engine(urls[kind])
        fill(engine, CUSTOMERS)
        engine.dispose()
        yield _Subject("bare", bare_port, callbacks()), _Subject("bot", bot_port, callbacks(), urls[kind])


def _count(url: str, where: str) -> int:
    engine = make_engine(url, reading=True)  # one that may write would wait for the bot's writes
    with engine.connect() as connection:
        count = int(connection.execute(text(f"SELECT count(*) FROM inbox {where}")).scalar_one())
    engine.dispose()
    return count


def _stored(bot: _Subject) -> int:
    return _count(bot.url, "")
