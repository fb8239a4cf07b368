"""Brings a database to the newest schema version. Several processes may do so at the same time."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import OperationalError

from core.domain.errors import ConfigError, StoreUnavailable
from core.storage.engines import engine_url, one_shot_engine
from core.storage.tables import metadata

SCRIPTS = Path(__file__).with_name("migrations")
_VERSIONS = "alembic_version"


class SchemaState(StrEnum):
    EMPTY = "empty"
    CURRENT = "current"
    BEHIND = "behind"
    FOREIGN = "foreign"
    """The database was made by a newer version, by an unfinished one, or by another program."""


def upgrade(url: str) -> None:
    """Runs all missing migrations in one transaction; a second process waits for the first.

    Raises StoreUnavailable, and ConfigError for a database that is not ours or is newer.
    """
    with _transaction(url) as connection:
        if _state(connection) is SchemaState.FOREIGN:
            raise ConfigError(
                "VOIDBOT_DATABASE_URL",
                ["not a database of this version or an older one · 不是本版本或更旧版本的数据库"],
            )
        _migrate(connection)


def state(url: str) -> SchemaState:
    """Returns the state of the schema. Raises StoreUnavailable."""
    where = engine_url(url)
    # Connecting would create a missing SQLite file, and looking must not.
    if where.drivername == "sqlite" and where.database and not Path(where.database).exists():
        return SchemaState.EMPTY
    with _transaction(url) as connection:
        return _state(connection)


def is_current(url: str) -> bool:
    """Tells whether no migration is missing. Raises StoreUnavailable."""
    return state(url) is SchemaState.CURRENT


def prepare(url: str) -> None:
    """Prepares the database for `serve`: fills an empty one, and refuses one of another version.

    Raises ConfigError or StoreUnavailable.
    """
    found = state(url)
    if found is SchemaState.BEHIND:
        raise ConfigError(
            "VOIDBOT_DATABASE_URL",
            ["an older version's database; run: python -m bot db upgrade · 数据库版本较旧，请运行该命令"],
        )
    if found is not SchemaState.CURRENT:
        upgrade(url)  # another process may be doing the same now: migrations take a lock first


def _migrate(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415  # slow to load, and most starts have nothing to migrate
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    # alembic reads this value as an INI file does, where a single % begins a substitution.
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _state(connection: Connection) -> SchemaState:
    tables = inspect(connection).get_table_names()
    found = _found(connection) if _VERSIONS in tables else None
    known = known_revisions()
    # Tables without a revision were made by another program; we must not add ours to them.
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
    """Returns the revision that alembic has stored, if any."""
    return connection.execute(text(f"SELECT version_num FROM {_VERSIONS}")).scalar_one_or_none()  # noqa: S608  # our own name


def known_revisions() -> list[str]:
    """Returns our revisions, the oldest first. They come from the file names, so alembic need not be loaded."""
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
