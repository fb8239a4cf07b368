"""Prints one line per figure: what was measured, what it is compared with, and whether the budget holds."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Line:
    """One figure, as it is printed."""

    what: str
    figure: str
    base: str = ""
    """The figure that it is compared with."""
    ratio: str = ""
    budget: str = ""
    holds: bool | None = None
    """None for a figure without a budget, which helps to understand the others."""


def machine() -> str:
    """Describes the machine in one line. Figures of different machines, or of a busy one, cannot be compared."""
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    python, load = platform.python_version(), os.getloadavg()[0]
    return f"{model}, {os.cpu_count()} cores, {platform.system()}, Python {python}, load {load:.1f}"


def show(lines: Sequence[Line]) -> None:
    table = Table(box=box.SIMPLE_HEAD, title=machine(), title_justify="left")
    for name in ("what", "figure", "beside", "ratio", "budget", "holds"):
        table.add_column(name, overflow="fold")
    for line in lines:
        holds = {None: "", True: "yes", False: "NO"}[line.holds]
        table.add_row(line.what, line.figure, line.base, line.ratio, line.budget, holds)
    # Without a terminal, rich would assume 80 columns and break every line.
    Console(width=None if os.isatty(1) else 150).print(table)


def all_hold(lines: Sequence[Line]) -> bool:
    return all(line.holds is not False for line in lines)


def as_json(lines: Sequence[Line]) -> str:
    return json.dumps([line.__dict__ for line in lines], ensure_ascii=False)
