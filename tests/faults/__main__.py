"""Runs all fault stories: `python -m tests.faults --all` dies at every step, on both databases, also twice.

It takes about ten minutes and exits with 1 when a story went wrong. The normal test run does a sample of it, see
test_killed.py.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tests.faults.databases import postgresql, sqlite
from tests.faults.loop import NewDatabase, Wish, stories
from tests.postgres import migrated, start_postgres


async def run(title: str, folder: Path, new_database: NewDatabase, wish: Wish) -> int:
    """Runs the stories, prints those that went wrong, and returns their number."""
    folder.mkdir()
    began, told, deaths, wrong = time.monotonic(), 0, 0, 0
    async for story in stories(folder, new_database, wish):
        told += 1
        deaths += story.deaths
        if story.failure:
            wrong += 1
            print(f"--- {title}, step {story.step}, died at {story.where}\n{story.failure}", flush=True)
    print(f"{title}: {told} stories, {deaths} kills, {wrong} wrong, {time.monotonic() - began:.0f} s", flush=True)
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--all", action="store_true", help="both databases, single and double deaths")
    parser.add_argument("--step", type=int, action="append", help="only this step (again for more)")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    parser.add_argument("--seed", type=int, help="kill again after each restart, when this seed says")
    wanted = parser.parse_args()
    databases = wanted.database or ["sqlite", "postgresql"]
    seeds = [wanted.seed] if not wanted.all else [None, wanted.seed or 1]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="voidbot-faults-")))
        makers = {}
        if "sqlite" in databases:
            migrated(f"sqlite:///{folder}/template.db")
            makers["sqlite"] = sqlite(folder / "template.db")
        if "postgresql" in databases:
            makers["postgresql"] = postgresql(stack.enter_context(start_postgres()))
        wrong = 0
        for name, maker in makers.items():
            for seed in seeds:
                title = f"{name}, {'one death' if seed is None else f'two deaths, seed {seed}'}"
                wish = Wish(tuple(wanted.step or ()), seed=seed)
                wrong += asyncio.run(run(title, folder / f"{name}-{seed}", maker, wish))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
