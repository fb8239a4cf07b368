"""Two transactions that meet between look and commit, on whichever database."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Any

from core.storage.db import Database

MEETING_SECONDS = 0.3
"""How long the first transaction stays open for the second, which may have to wait for its end."""

Run = Callable[[Any], Any]
Pause = Callable[[], None]


def meet(db: Database, first: Run, second: Run) -> tuple[Any, Any]:
    """Both answers; an exception is an answer too. The first has done its work, and is not committed yet."""

    def stays_open(uow: Any, pause: Pause) -> Any:
        try:
            return first(uow)
        finally:
            pause()

    return meet_midway(db, stays_open, second)


def meet_midway(db: Database, first: Callable[[Any, Pause], Any], second: Run) -> tuple[Any, Any]:
    """As `meet`; the first says where in its work the second begins."""
    begun, done = Event(), Event()

    def pause() -> None:
        begun.set()
        done.wait(MEETING_SECONDS)

    def comes_second() -> Any:
        begun.wait()
        try:
            return db.run_sync(second)
        finally:
            done.set()

    with ThreadPoolExecutor(2) as threads:
        futures = threads.submit(db.run_sync, lambda uow: first(uow, pause)), threads.submit(comes_second)
        return _answer(futures[0]), _answer(futures[1])


def _answer(future: "Future[Any]") -> Any:
    return future.exception() or future.result()
