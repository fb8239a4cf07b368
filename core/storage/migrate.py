"""Brings a database to the newest version, safely from several processes at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import OperationalError

from core.domain.errors import ConfigError, StoreUnavailable
from core.storage.db import engine_url, one_shot_engine
from core.storage.tables import metadata

SCRIPTS = Path(__file__).with_name("migrations")
_VERSIONS = "alembic_version"


class SchemaState(StrEnum):
    EMPTY = "empty"
    CURRENT = "current"
    BEHIND = "behind"
    FOREIGN = "foreign"
    """Made by a newer version, an unfinished one, or not by us at all."""


def upgrade(url: str) -> None:
    """All of it in one transaction; a second process waits for the first. Raises StoreUnavailable, ConfigError."""
    with _transaction(url) as connection:
        if _state(connection) is SchemaState.FOREIGN:
            raise ConfigError(
                "VOIDBOT_DATABASE_URL",
                ["not a database of this version or an older one · 不是本版本或更旧版本的数据库"],
            )
        _migrate(connection)


def state(url: str) -> SchemaState:
    """Raises StoreUnavailable. Looking at a SQLite file that is not there does not make it."""
    where = engine_url(url)
    if where.drivername == "sqlite" and where.database and not Path(where.database).exists():
        return SchemaState.EMPTY
    with _transaction(url) as connection:
        return _state(connection)


def is_current(url: str) -> bool:
    """Raises StoreUnavailable."""
    return state(url) is SchemaState.CURRENT


def prepare(url: str) -> None:
    """For `serve`: fill an empty database, refuse one of another version. Raises ConfigError, StoreUnavailable."""
    found = state(url)
    if found is SchemaState.BEHIND:
        raise ConfigError(
            "VOIDBOT_DATABASE_URL",
            ["an older version's database; run: python -m bot db upgrade · 数据库版本较旧，请运行该命令"],
        )
    if found is not SchemaState.CURRENT:
        upgrade(url)


def _migrate(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415  # slow to load, and most starts have nothing to migrate
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _state(connection: Connection) -> SchemaState:
    tables = inspect(connection).get_table_names()
    found = _found(connection) if _VERSIONS in tables else None
    known = known_revisions()
    if found is None:
        return SchemaState.FOREIGN if set(tables) - {_VERSIONS} else SchemaState.EMPTY
    if found == known[-1]:
        return SchemaState.CURRENT if _is_whole(connection) else SchemaState.FOREIGN
    return SchemaState.BEHIND if found in known else SchemaState.FOREIGN


def _is_whole(connection: Connection) -> bool:
    """Every column the code knows is there; early databases were made by another form of the first migration."""
    there = {
        (table, column["name"])
        for (_, table), columns in inspect(connection).get_multi_columns().items()
        for column in columns
    }
    return all((table.name, column.name) in there for table in metadata.sorted_tables for column in table.columns)


def _found(connection: Connection) -> str | None:
    """The revision alembic has noted."""
    return connection.execute(text(f"SELECT version_num FROM {_VERSIONS}")).scalar_one_or_none()  # noqa: S608  # our own name


def known_revisions() -> list[str]:
    """Oldest first: a migration's file is named after its revision, and there is one line of them."""
    return sorted(path.name.split("_")[0] for path in (SCRIPTS / "versions").glob("[0-9]*.py"))


@contextmanager
def _transaction(url: str) -> Iterator[Connection]:
    engine = one_shot_engine(url)
    try:
        with engine.begin() as connection:
            yield connection
    except OperationalError as error:
        raise StoreUnavailable(str(error.orig).strip().splitlines()[0]) from error
    finally:
        engine.dispose()
