"""Runs plain functions in threads, one transaction each: one writer and some readers on SQLite, a pool elsewhere.

SQLAlchemy is used synchronously behind `await db.run(fn)`. So no network call can sit inside a transaction, and
the same code serves the bot, the command line, migrations and tests (measured: docs/decisions/0002).
"""

import asyncio
import sqlite3
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from core.domain.errors import StoreUnavailable
from core.domain.seals import Unsound
from core.storage.engines import POOL, READ_ONLY, READERS, make_engine

T = TypeVar("T")
log = structlog.get_logger(__name__)
SHARE_SECONDS = 0.02
"""A transaction that has lasted this long takes no more pieces, because those already in it wait for its end."""


@dataclass(slots=True)
class Clock:
    """The time that decides; whoever follows another clock keeps `offset` up to date."""

    offset: timedelta = timedelta()
    """How far the followed clock is ahead of the database's."""


class Database:
    """The database and the threads that use it.

    `open_uow` makes the unit of work of a transaction from its connection and its time. The offset of `clock` is
    added to the database's own clock (docs/decisions/0006).
    """

    def __init__(
        self,
        url: str,
        open_uow: Callable[[Connection, datetime], Any],
        clock: Clock | None = None,
    ) -> None:
        self.on_stored: Callable[[Iterable[Any]], None] = lambda _queues: None
        """Called in the event loop after a commit of `run` that gave some of the queues something to do."""
        self.on_unsound: Callable[[Sequence[Unsound]], None] = _log_unsound
        """Called in the thread of a transaction that met rows whose seal does not hold."""
        self.engine = make_engine(url)
        self.sqlite = self.engine.dialect.name == "sqlite"
        # Both give a read transaction one moment: PostgreSQL by its isolation level, SQLite by itself.
        snapshot = {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"}
        reading = make_engine(url, reading=True) if self.sqlite else self.engine.execution_options(**snapshot)
        self._reading = reading.execution_options(reading=True)
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
                threads, self._transaction, self.engine.begin, partial(self._perform, work, stored)
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
        return self._transaction(self.engine.begin, partial(self._perform, work, []))

    def read_sync(self, work: Callable[[Any], T]) -> T:
        return self._transaction(self._begin_reading, partial(self._look, work))

    def _begin_reading(self) -> AbstractContextManager[Connection]:
        """Begins a transaction whose statements all see the same moment."""
        return self._reading.begin()

    def _transaction(
        self, begin: Callable[[], AbstractContextManager[Connection]], work: Callable[[Connection], T]
    ) -> T:
        try:
            with begin() as connection:
                return work(connection)
        except (DBAPIError, PoolTimeoutError) as error:
            raise _named(error) from error

    def _perform(self, work: Callable[[Any], T], stored: list[Any], connection: Connection) -> T:
        uow = self._open_uow(connection, self._now(connection))
        try:
            answer = work(uow)
            stored += uow.before_commit()  # last of all: it locks the head of the log (docs/decisions/0007)
        finally:
            if uow.unsound:
                self.on_unsound(uow.unsound)
        return answer

    def _look(self, work: Callable[[Any], T], connection: Connection) -> T:
        uow = self._open_uow(connection, self._now(connection))
        try:
            return work(uow)
        finally:
            if uow.unsound:
                self.on_unsound(uow.unsound)

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
        self._reading.dispose()
        self.engine.dispose()


def _log_unsound(rows: Sequence[Unsound]) -> None:
    for unsound in rows:
        log.error("row_unsound", table=unsound.table, row=unsound.row)


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


Task = Callable[[Connection], Any]


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    """One caller's work. `first` means that it goes before all work that is not."""

    work: Task
    first: bool
    answer: Future[Any] = field(default_factory=Future)


class SharingWriter:
    """The writer of a database that allows one at a time: pieces that wait at the same time share one commit.

    The commit is most of what a write costs. Each piece runs in a savepoint of its own: one that fails is rolled
    back and does not affect the others. No caller is told of success before the commit that holds its work.
    `begin` opens a transaction that commits or rolls back; `named` turns an error into the one that callers know.
    """

    def __init__(
        self,
        begin: Callable[[], AbstractContextManager[Connection]],
        named: Callable[[BaseException], BaseException] = lambda error: error,
    ) -> None:
        self._begin = begin
        self._named = named
        self._first: deque[_Piece] = deque()
        self._waiting: deque[_Piece] = deque()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="db-write")

    def submit(self, work: Task, *, first: bool) -> Future[Any]:
        """Queues a piece of work; `first` puts it before the others. The future ends after the commit."""
        piece = _Piece(work, first)
        (self._first if first else self._waiting).append(piece)
        # One call per piece, although a call may do several: so no piece can be left waiting.
        self._thread.submit(self._write)
        return piece.answer

    def close(self) -> None:
        """Finishes the work that waits, and ends the thread."""
        self._thread.shutdown(wait=True)

    def _write(self) -> None:
        piece = self._next()
        if piece is None:  # an earlier transaction took it
            return
        # `_transaction` extends this list in place, so that it is complete here even when it raises.
        taken = [piece]
        try:
            outcomes = self._transaction(piece, taken)
        except BaseException as error:  # noqa: BLE001  # passed on to everybody concerned: nothing of theirs is committed
            outcomes = [partial(one.answer.set_exception, self._named(error)) for one in taken]
        for tell in outcomes:
            tell()

    def _transaction(self, piece: _Piece | None, taken: list[_Piece]) -> list[Callable[[], None]]:
        outcomes = []
        urgent = False
        until = time.monotonic() + SHARE_SECONDS
        with self._begin() as connection:
            while piece is not None:
                outcomes.append(self._try(connection, piece))
                urgent |= piece.first
                piece = self._next(only_first=urgent) if time.monotonic() < until else None
                if piece is not None:
                    taken.append(piece)
        return outcomes

    def _try(self, connection: Connection, piece: _Piece) -> Callable[[], None]:
        """Runs a piece and returns the function that tells its caller, to be called after the commit.

        Raises when the whole transaction is gone, and not just the savepoint.
        """
        try:
            with connection.begin_nested():
                answer = piece.work(connection)
        except Exception as error:
            if not _goes_on(connection):
                raise
            return partial(piece.answer.set_exception, self._named(error))
        return partial(piece.answer.set_result, answer)

    def _next(self, *, only_first: bool = False) -> _Piece | None:
        """Returns the next piece whose caller still waits, or None. `only_first` takes no ordinary piece, because
        it would delay the commit that urgent callers wait for.
        """
        while True:
            try:
                # With `only_first` an empty urgent queue raises IndexError too, and so ends the search.
                piece = self._first.popleft() if self._first or only_first else self._waiting.popleft()
            except IndexError:
                return None
            if piece.answer.set_running_or_notify_cancel():
                return piece


def _goes_on(connection: Connection) -> bool:
    """Tells whether the transaction is still open: SQLite ends it by itself when the disk is full or fails
    (sqlite.org/lang_transaction.html).
    """
    driver = connection.connection.driver_connection
    return isinstance(driver, sqlite3.Connection) and driver.in_transaction
