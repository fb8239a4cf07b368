"""Measures the budgets (docs/benchmarks.md): `python -m benchmarks [NAME…] [--small]`.

The exit code is 0 when every measured budget holds, and 1 when one does not.
"""

import argparse
import signal
import sys
from importlib import import_module

from benchmarks.report import Line, all_hold, show

NAMES = {
    "start": "start to ready, idle memory",
    "card": "a message to the card it brings",
    "callback": "callbacks stored and answered",
    "search": "name search among 1,000,000 customers",
    "inactivity": "the scan for silent customers",
}
"""The benchmarks, in the order in which they run. The last two take minutes."""
OWN_TABLES = frozenset({"search", "inactivity"})
"""The benchmarks that print their own tables."""


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="voidbot's budgets, measured")
    listed = "; ".join(f"{name}: {what}" for name, what in NAMES.items())
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which; all when none is named. {listed}")
    parser.add_argument("--small", action="store_true", help="few rounds and rows: a quick try")
    options = parser.parse_args(argv)
    unknown = set(options.names) - set(NAMES)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    chosen = [name for name in NAMES if name in (options.names or NAMES)]
    # By default SIGTERM ends Python at once, and the servers it has started would go on.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    lines = [line for name in chosen for line in _run(name, small=options.small)]
    show(lines)
    return 0 if all_hold(lines) else 1


def _run(name: str, *, small: bool) -> list[Line]:
    print(f"… {name}: {NAMES[name]}", flush=True)
    # Imported only when it runs, so that one benchmark loads nothing of the others.
    module = import_module(f"benchmarks.{name}")
    if name not in OWN_TABLES:
        lines: list[Line] = module.run(small=small)
        return lines
    # A small run has too few rounds for a verdict.
    holds = module.main(["--small"] if small else []) == 0
    return [Line(NAMES[name], "see its own table above", holds=None if small else holds)]


if __name__ == "__main__":
    sys.exit(main())
