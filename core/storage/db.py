"""Runs plain functions in threads, one transaction each: one writer and some readers on SQLite, a pool elsewhere.

SQLAlchemy is used synchronously behind `await db.run(fn)`. So no network call can sit inside a transaction, and
the same code serves the bot, the command line, migrations and tests (measured: docs/decisions/0002).
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from math import inf
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import ExceptionContext
from sqlalchemy.exc import DBAPIError, DisconnectionError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from core.domain.errors import ConfigError, StoreUnavailable
from core.storage.sharing import SharingWriter

T = TypeVar("T")
READERS = 4
POOL = 10
READ_ONLY = "25006"
"""PostgreSQL's error code of a server that takes no writes, such as a standby that is not promoted yet."""
IDLE_IN_TRANSACTION = "60s"
"""PostgreSQL ends a transaction idle for this long: a frozen process must not lock the log's head for ever."""
FRESH_SECONDS = 1
"""A connection used within this time is taken to be alive; if it is not, its transaction fails like any other."""
_RESTS_SINCE = "rests since"
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


def make_engine(url: str) -> Engine:
    parsed = engine_url(url)
    if parsed.drivername == "sqlite":
        return _sqlite_engine(parsed)
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


def _sqlite_engine(url: URL) -> Engine:
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
        # WAL lets readers go on while one process writes; FULL keeps a commit over a power cut; SQLite checks
        # foreign keys only when asked; a negative cache size counts KiB.
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "cache_size=-16000",
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        mode = connection.get_execution_options().get("sqlite_begin", "IMMEDIATE")
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        fault = f"{folder} cannot be made · 无法创建: {error.strerror}"
        raise ConfigError("VOIDBOT_DATABASE_URL", [fault]) from error


@dataclass(slots=True)
class Clock:
    """The time that decides; whoever follows another clock keeps `offset` up to date."""

    offset: timedelta = timedelta()
    """How far the followed clock is ahead of the database's."""


class Database:
    """The database and the threads that use it.

    `open_uow` makes the unit of work of a transaction from its connection and its time. `offset` is added to the
    database's clock (docs/decisions/0006).
    """

    def __init__(
        self,
        url: str,
        open_uow: Callable[[Connection, datetime], Any],
        clock: Clock | None = None,
    ) -> None:
        self.on_stored: Callable[[Iterable[Any]], None] = lambda _queues: None
        """Called in the event loop after a commit of `run` that gave some of the queues something to do."""
        self.engine = make_engine(url)
        self.sqlite = self.engine.dialect.name == "sqlite"
        # Both give a read transaction one moment: PostgreSQL by its isolation level, SQLite by itself.
        snapshot = {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"}
        self._reading = self.engine.execution_options(
            **({"sqlite_begin": "DEFERRED"} if self.sqlite else snapshot)
        )
        self._open_uow = open_uow
        self._clock = clock or Clock()
        self._writer = SharingWriter(self.engine.begin, _named) if self.sqlite else None
        self._pool = ThreadPoolExecutor(READERS if self.sqlite else POOL, thread_name_prefix="db")
        # Arriving callbacks have a thread and a connection of their own, so that no other work can delay them.
        self._first = ThreadPoolExecutor(1, thread_name_prefix="db-first")

    def run(self, work: Callable[[Any], T], *, first: bool = False) -> Awaitable[T]:
        """Runs `work` in a transaction that may write; `first` puts it before all that wait.

        The future can be awaited once or left alone. Raises StoreUnavailable.
        """
        stored: list[Any] = []
        running: asyncio.Future[T]
        if self._writer is None:
            threads = self._first if first else self._pool
            running = asyncio.get_running_loop().run_in_executor(
                threads, self._transaction, self.engine.begin, work, stored
            )
        else:
            running = asyncio.wrap_future(self._writer.submit(partial(self._perform, work, stored), first=first))
        running.add_done_callback(partial(self._committed, stored))  # before whoever waits for it goes on
        return running

    def _committed(self, stored: list[Any], done: "asyncio.Future[T]") -> None:
        if stored and not done.cancelled() and done.exception() is None:
            self.on_stored(stored)

    def read(self, work: Callable[[Any], T]) -> Awaitable[T]:
        """Runs `work` in a read transaction, which on SQLite does not wait for the writer.

        Raises StoreUnavailable.
        """
        return asyncio.get_running_loop().run_in_executor(self._pool, self.read_sync, work)

    def run_sync(self, work: Callable[[Any], T]) -> T:
        return self._transaction(self.engine.begin, work, [])

    def read_sync(self, work: Callable[[Any], T]) -> T:
        return self._transaction(self._begin_reading, work, [])

    def _begin_reading(self) -> AbstractContextManager[Connection]:
        """Begins a transaction whose statements all see the same moment."""
        return self._reading.begin()

    def _transaction(
        self, begin: Callable[[], AbstractContextManager[Connection]], work: Callable[[Any], T], stored: list[Any]
    ) -> T:
        try:
            with begin() as connection:
                return self._perform(work, stored, connection)
        except (DBAPIError, PoolTimeoutError) as error:
            raise _named(error) from error

    def _perform(self, work: Callable[[Any], T], stored: list[Any], connection: Connection) -> T:
        uow = self._open_uow(connection, self._now(connection))
        answer = work(uow)
        stored += uow.before_commit()  # last of all: it locks the head of the log (docs/decisions/0007)
        return answer

    def _now(self, connection: Connection) -> datetime:
        if self.sqlite:  # SQLite uses the clock of this machine; asking for it would only cost a statement
            return datetime.now(UTC) + self._clock.offset
        moment: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        return moment.astimezone(UTC) + self._clock.offset

    def close(self) -> None:
        # Threads first, as they finish the work they have; the engine last, as they need its connections.
        if self._writer is not None:
            self._writer.close()
        self._first.shutdown(wait=True)
        self._pool.shutdown(wait=True)
        self.engine.dispose()


def one_shot_engine(url: str) -> Engine:
    """Makes an engine for migrations, which connect once and keep no connection."""
    parsed = engine_url(url)
    if parsed.drivername == "sqlite":
        return _sqlite_engine(parsed)
    return create_engine(parsed, poolclass=NullPool)


def _named(error: BaseException) -> BaseException:
    """Turns an error that says the database is away, locked, full or read-only into StoreUnavailable.

    Returns any other error as it is.
    """
    away = isinstance(error, OperationalError | PoolTimeoutError) or (
        isinstance(error, DBAPIError)
        and (error.connection_invalidated or getattr(error.orig, "sqlstate", "") == READ_ONLY)
    )
    if not away:
        return error
    unavailable = StoreUnavailable(_brief(error))
    unavailable.__cause__ = error
    return unavailable


def _brief(error: BaseException) -> str:
    """Returns the first line of the driver's message, which holds neither the statement nor its values."""
    cause = getattr(error, "orig", None) or error
    return str(cause).strip().splitlines()[0] if str(cause).strip() else type(cause).__name__
