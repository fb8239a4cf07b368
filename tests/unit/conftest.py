"""Fixtures that unit tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.command_line.opening import open_database
from core.storage.db import Clock, Database
from tests.scenario.settling import town_settings


@pytest.fixture
def times() -> Clock:
    return Clock()


@pytest.fixture
def db(database_url: str, tmp_path: Path, times: Clock) -> Iterator[Database]:
    """Opens the stories' database, empty, with a clock that a test can move."""
    database = open_database(town_settings(tmp_path, database_url, "http://127.0.0.1:1"), times)
    yield database
    database.close()
