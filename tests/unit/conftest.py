"""What unit tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.command_line.opening import open_database
from core.storage.db import Database
from tests.scenario.town import town_settings
from tests.unit.times import Times


@pytest.fixture
def times() -> Times:
    return Times()


@pytest.fixture
def db(database_url: str, tmp_path: Path, times: Times) -> Iterator[Database]:
    """The town's database, empty, with a clock to move."""
    database = open_database(town_settings(tmp_path, database_url, "http://127.0.0.1:1"), times.offset)
    yield database
    database.close()
