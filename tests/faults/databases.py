"""Makes a new, migrated database for each story."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.loop import NewDatabase
from tests.postgres import Server


def sqlite(template: Path) -> NewDatabase:
    @contextmanager
    def new(folder: Path) -> Iterator[str]:
        shutil.copyfile(template, folder / "voidbot.db")
        yield f"sqlite:///{folder}/voidbot.db"

    return new


def postgresql(server: Server) -> NewDatabase:
    @contextmanager
    def new(folder: Path) -> Iterator[str]:
        url = server.new_database()
        yield url
        server.drop(url)

    return new
