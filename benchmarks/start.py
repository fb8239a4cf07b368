"""Measures the time from exec until /readyz answers 200, and the memory of an idle bot.

The modules of the bot are compiled beforehand, as those of an installed program are, and its database exists. The
first start, which compiles and migrates, is printed too. The start is compared with a Python that imports nothing.
"""

import subprocess
import sys
import time
from statistics import median

from benchmarks.company import environment
from benchmarks.processes import databases, free_port, pretend_wecom, the_bot
from benchmarks.report import Line

MOST_SECONDS = 1.5
MOST_MB = 120.0
IDLE_SECONDS = 20.0
"""How long the bot has been idle when its memory is measured."""


def run(*, small: bool = False) -> list[Line]:
    rounds, idle = (2, 2.0) if small else (7, IDLE_SECONDS)
    with databases("sqlite") as (folder, urls):
        wecom_port = free_port()
        settings = environment(folder, urls["sqlite"], f"http://127.0.0.1:{wecom_port}", free_port())
        with pretend_wecom(folder, settings, wecom_port):
            # This start compiles and migrates, so that the ones after it do neither.
            with the_bot(folder, settings) as bot:
                first = bot.ready_after
            times = []
            for _ in range(rounds):
                with the_bot(folder, settings) as bot:
                    times.append(bot.ready_after)
            with the_bot(folder, settings) as bot:
                time.sleep(idle)
                resident, proportional = bot.memory()
    return _lines(first, median(times), resident, proportional)


def _lines(first: float, ready: float, resident: float, proportional: float) -> list[Line]:
    bare = median(_bare_start() for _ in range(5))
    return [
        Line(
            "start to ready, sqlite",
            f"{ready:.2f} s",
            f"{bare:.2f} s bare python",
            f"{ready / bare:.0f}",
            f"< {MOST_SECONDS} s",
            ready < MOST_SECONDS,
        ),
        Line("  first start of all", f"{first:.2f} s", "", "compiles, migrates"),
        Line(
            "memory when idle",
            f"{resident:.0f} MB resident",
            f"{proportional:.0f} MB proportional",
            budget=f"< {MOST_MB:.0f} MB",
            holds=resident < MOST_MB,
        ),
    ]


def _bare_start() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", ""], check=True)
    return time.perf_counter() - began
