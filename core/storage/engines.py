"""How we connect to SQLite and PostgreSQL."""

import sqlite3
from functools import partial
from math import inf
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import ExceptionContext
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from core.domain.errors import ConfigError

READERS = 4
POOL = 10
READ_ONLY = "25006"
"""PostgreSQL's error code of a server that takes no writes, such as a standby that is not promoted yet."""
IDLE_IN_TRANSACTION = "60s"
"""PostgreSQL ends a transaction idle for this long: a frozen process must not lock the log's head for ever."""
FRESH_SECONDS = 1
"""A connection used within this time is taken to be alive; if it is not, its transaction fails like any other."""
_RESTS_SINCE = "rests since"
SWITCH_PAUSE = 0.02
BUSY_SECONDS = 5
"""How long SQLite waits for the write of another process before it reports that the database is locked."""


def engine_url(url: str) -> URL:
    """Parses `sqlite:///PATH` or `postgresql://…` and sets the driver we use. Raises ConfigError for others."""
    try:
        parsed = make_url(url)
    except Exception as error:  # SQLAlchemy raises several types for a bad address
        raise ConfigError("VOIDBOT_DATABASE_URL", ["write sqlite:///PATH or postgresql://…"]) from error
    match parsed.get_backend_name():
        case "sqlite":
            return parsed.set(drivername="sqlite")
        case "postgresql" | "postgres":
            return parsed.set(drivername="postgresql+psycopg")
    raise ConfigError("VOIDBOT_DATABASE_URL", ["write sqlite:///PATH or postgresql://…"])


def make_engine(url: str, *, reading: bool = False) -> Engine:
    """`reading`: on SQLite its transactions only read, and so wait for no writer. Raises ConfigError."""
    parsed = engine_url(url)
    if parsed.drivername == "sqlite":
        return _sqlite_engine(parsed, reading=reading)
    engine = create_engine(
        parsed,
        hide_parameters=True,
        pool_size=POOL + 1,  # one more for arriving callbacks, see `Database._first`
        max_overflow=0,
        pool_timeout=BUSY_SECONDS,
        connect_args={
            "connect_timeout": BUSY_SECONDS,
            # Our statements are short: compiling them would cost more than it saves (PostgreSQL, "When to JIT?").
            "options": f"-c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION} -c jit=off",
        },
    )
    _ping_what_has_rested(engine)
    event.listen(engine, "handle_error", _without_values)
    return engine


def _without_values(context: ExceptionContext) -> None:
    """Cuts a PostgreSQL error to its first line: its DETAIL shows whole rows, and the text goes to our log."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args:
            error.args = (str(error.args[0]).partition("\n")[0], *error.args[1:])


def _ping_what_has_rested(engine: Engine) -> None:
    """Checks connections that have rested before they are used again, and replaces those the server has closed.

    One that was just used is not checked: of the round trips of a short transaction that would be one in five.
    """

    @event.listens_for(engine, "checkin")
    def _rests(_connection: object, record: ConnectionPoolEntry) -> None:
        record.info[_RESTS_SINCE] = monotonic()

    @event.listens_for(engine, "checkout")
    def _taken(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
        if monotonic() - record.info.get(_RESTS_SINCE, inf) < FRESH_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error  # the pool takes another one


def _sqlite_engine(url: URL, *, reading: bool = False) -> Engine:
    if url.database and url.database != ":memory:":
        _make_folder(Path(url.database).parent)
    engine = create_engine(
        url,
        hide_parameters=True,  # an error's text goes to our log: no customer may stand in it
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        pool_size=READERS + 1,
        max_overflow=0,
    )

    @event.listens_for(engine, "connect")
    def _connected(connection: sqlite3.Connection, _record: object) -> None:
        # We begin transactions ourselves: the driver's own way loses updates silently (docs/decisions/0002).
        connection.isolation_level = None
        _use_wal(connection)
        # FULL keeps a commit over a power cut; SQLite checks foreign keys only when asked; a negative cache size
        # counts KiB.
        for pragma in (
            "synchronous=FULL",
            "foreign_keys=ON",
            "cache_size=-16000",
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")
        if reading:
            connection.execute("PRAGMA query_only=ON")  # after WAL, which is itself a write

    # A transaction that may write takes the lock at once: one that took it later could fail half-way.
    begin = "BEGIN DEFERRED" if reading else "BEGIN IMMEDIATE"
    event.listen(engine, "begin", partial(Connection.exec_driver_sql, statement=begin))
    return engine


def _use_wal(connection: sqlite3.Connection) -> None:
    """Lets readers go on while one process writes.

    Of several processes that open a new file at once only one can switch it, and SQLite does not wait for that by
    itself: the others hear at once that the file is locked.
    """
    until = monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if monotonic() > until:
                raise
            sleep(SWITCH_PAUSE)
        else:
            return


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        fault = f"{folder} cannot be made · 无法创建: {error.strerror}"
        raise ConfigError("VOIDBOT_DATABASE_URL", [fault]) from error


def one_shot_engine(url: str) -> Engine:
    """Makes an engine for migrations, which connect once and keep no connection."""
    parsed = engine_url(url)
    if parsed.drivername == "sqlite":
        return _sqlite_engine(parsed)
    return create_engine(parsed, poolclass=NullPool)
