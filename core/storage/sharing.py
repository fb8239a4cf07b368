"""Runs all writes in one thread; pieces of work that wait at the same time share one commit.

The commit is most of what a write costs. Each piece runs in a savepoint of its own: one that fails is rolled back
and does not affect the others. No caller is told of success before the commit that holds its work.
"""

import sqlite3
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import Connection

SHARE_SECONDS = 0.02
"""A transaction that has lasted this long takes no more pieces, because those already in it wait for its end."""

Task = Callable[[Connection], Any]


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    """One caller's work. `first` means that it goes before all work that is not."""

    work: Task
    first: bool
    answer: Future[Any] = field(default_factory=Future)


class SharingWriter:
    """The writer of a database that allows one at a time.

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
