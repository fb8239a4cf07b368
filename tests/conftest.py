"""Fixtures for both databases: a test that asks for `database_url` runs once on SQLite and once on PostgreSQL."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.noise import Complaints, listening, log_to_pytest, logs_put_back
from tests.postgres import Server, migrated, start_postgres

# The same examples in every run, and none fails for being slow on a machine that is busy with something else.
settings.register_profile("voidbot", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("voidbot")
log_to_pytest()


@pytest.fixture(scope="session")
def complaints() -> Iterator[Complaints]:
    """Collects complaints of this test process."""
    with listening() as complaints:
        yield complaints


@pytest.fixture(autouse=True)
def _nothing_goes_wrong_beside(complaints: Complaints) -> Iterator[None]:
    with logs_put_back():
        yield
    complaints.fail_if_any()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """Starts one server per test process. It fails where none is installed: skipping would hide half the tests."""
    with start_postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: Server) -> Iterator[str]:
    """Makes a migrated PostgreSQL database for one test."""
    url = postgres.new_database()
    yield url
    postgres.drop(url)


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # Migrated once: copying the file is much faster than migrating each time.
    path: Path = tmp_path_factory.mktemp("template") / "voidbot.db"
    migrated(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path, _sqlite_template: Path) -> str:
    """Makes a migrated SQLite database for one test."""
    path = tmp_path / "voidbot.db"
    shutil.copyfile(_sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    # Asked for by name, so that a run on SQLite alone needs no PostgreSQL server.
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Makes an empty database, for tests of the migrations."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.db"
        return
    server: Server = request.getfixturevalue("postgres")
    url = server.new_database(empty=True)
    yield url
    server.drop(url)
