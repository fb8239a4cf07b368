"""Fixtures: the scenarios' town for faults that a running bot survives, new databases for those that kill it."""

import pytest

from tests.faults.databases import postgresql, sqlite
from tests.faults.loop import NewDatabase
from tests.scenario.conftest import starts, town

__all__ = ["starts", "town"]


@pytest.fixture
def maker(request: pytest.FixtureRequest) -> NewDatabase:
    if request.param == "sqlite":
        return sqlite(request.getfixturevalue("_sqlite_template"))
    return postgresql(request.getfixturevalue("postgres"))
