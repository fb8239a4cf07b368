"""One thread that writes; pieces of work that wait for it share a commit, which is most of what a write costs.

Each piece stands behind a savepoint of its own: one that fails leaves no trace and does not trouble the others.
Nobody hears of success before the commit that holds it.
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
"""A transaction that has lasted this long takes no more work: those in it wait for its end."""

Task = Callable[[Connection], Any]


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    work: Task
    first: bool
    answer: Future[Any] = field(default_factory=Future)


class SharingWriter:
    """For a database with one writer at a time.

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
        """`first`: before all that waits. The answer comes when it is committed, or with what went wrong."""
        piece = _Piece(work, first)
        (self._first if first else self._waiting).append(piece)
        self._thread.submit(self._write)
        return piece.answer

    def close(self) -> None:
        """Does what is waiting, and ends."""
        self._thread.shutdown(wait=True)

    def _write(self) -> None:
        piece = self._next()
        if piece is None:  # an earlier transaction took it
            return
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
        """Do it; what to tell its caller after the commit. Raises when the whole transaction is gone."""
        try:
            with connection.begin_nested():
                answer = piece.work(connection)
        except Exception as error:
            if not _goes_on(connection):
                raise
            return partial(piece.answer.set_exception, self._named(error))
        return partial(piece.answer.set_result, answer)

    def _next(self, *, only_first: bool = False) -> _Piece | None:
        """The next that is still wanted; `only_first`: none that would keep those waiting for the commit."""
        while True:
            try:
                piece = self._first.popleft() if self._first or only_first else self._waiting.popleft()
            except IndexError:
                return None
            if piece.answer.set_running_or_notify_cancel():
                return piece


def _goes_on(connection: Connection) -> bool:
    """SQLite ends a transaction by itself when the disk is full or fails (sqlite.org/lang_transaction.html)."""
    driver = connection.connection.driver_connection
    return isinstance(driver, sqlite3.Connection) and driver.in_transaction
