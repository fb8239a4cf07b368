"""Counts the steps of a bot from inside its process, and kills or freezes the process at one of them.

The functions are wrapped from outside: the product knows nothing of it. A step is whatever outlives the process: a
commit that wrote something, an action of the vault, a call to WeCom. The moments before and after it are steps of
their own, so that the cases include a death between "done" and "known to be done".
"""

import os
import signal
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import text

import bot.courier
import bot.dispatch
import bot.executor
import core.services.executing.shared
import core.services.executing.take
from bot.channels.wecom_app.transport import Transport
from core.storage.db import Database, SharingWriter
from core.storage.uow import SqlUnitOfWork
from core.vault import age, sealed
from core.vault.sealed import SealedVault


@dataclass(frozen=True)
class Plan:
    """Where a bot ends. Steps count from 1; `at` names one instead, by a part of its name."""

    diary: str
    """The file to which each step is written, before the process may end at it."""
    step: int = 0
    at: str = ""
    signal: str = "SIGKILL"
    edges: str = "both"
    """`both`, or `after` to leave out the moments before: there the store is as it was after the last step."""
    lease: float = 1.0
    """The length of leases in seconds, since the product's 30 s are too long to wait for here."""


class Steps:
    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._number = signal.Signals[plan.signal]
        self._count = 0
        self._met = False
        self._lock = threading.Lock()
        self._quiet = threading.Condition()
        self._open = 0
        self._diary = os.open(plan.diary, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def reached(self, name: str) -> None:
        """Counts a step, and kills or freezes the process when the plan names this one."""
        if self._plan.edges == "after" and name.startswith("before "):
            return
        with self._lock:
            self._count += 1
            os.write(self._diary, f"{os.getpid()} {self._count} {name}\n".encode())
            if not self._met and (self._count == self._plan.step or (self._plan.at and self._plan.at in name)):
                self._met = True
            else:
                return
        self._end()

    def _end(self) -> None:
        """Sends the signal to this process."""
        with self._quiet:
            # A frozen process keeps its locks in the database, so it freezes only while no transaction is open.
            if self._number is signal.SIGSTOP:
                self._quiet.wait_for(lambda: self._open == 0)
            os.kill(os.getpid(), self._number)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._quiet:
            self._open += 1
        try:
            yield
        finally:
            with self._quiet:
                self._open -= 1
                self._quiet.notify_all()

    def around(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*args: Any, **kwargs: Any) -> Any:
            self.reached(f"before {name}")
            answer = call(*args, **kwargs)
            self.reached(f"after {name}")
            return answer

        return watched


def put_on(plan: Plan) -> None:
    """Wraps the product's functions, for the rest of this process."""
    steps = Steps(plan)
    _leases(timedelta(seconds=plan.lease))
    _commits(steps)
    _vault(steps)
    _calls(steps)


def _leases(span: timedelta) -> None:
    executing = (core.services.executing.shared, core.services.executing.take)
    for module in (bot.dispatch, bot.courier, bot.executor, *executing):
        module.LEASE = span  # type: ignore[attr-defined]  # a constant of each of them


# the database


def _commits(steps: Steps) -> None:
    """Counts commits of transactions that wrote something; the loops' other queries change nothing."""
    before_commit, perform = SqlUnitOfWork.before_commit, Database._perform
    wrote = threading.local()

    def watched_commit(uow: SqlUnitOfWork) -> Any:
        stored = before_commit(uow)
        if _has_written(uow):
            wrote.names.append(wrote.work)
            steps.reached(f"before commit {wrote.work}")
        return stored

    def watched_perform(self: Database, work: Callable[[Any], Any], stored: Any, connection: Any) -> Any:
        wrote.work = _name_of(work)
        return perform(self, partial(_unwatched, work), stored, connection)

    def watched(transaction: Callable[..., Any]) -> Callable[..., Any]:
        def until_committed(*args: Any) -> Any:
            wrote.names = []
            with steps.transaction():
                answer = transaction(*args)
            if wrote.names:
                steps.reached(", ".join(f"after commit {name}" for name in wrote.names))
            return answer

        return until_committed

    SqlUnitOfWork.before_commit = watched_commit  # type: ignore[method-assign,assignment]
    Database._perform = watched_perform  # type: ignore[method-assign]
    Database._transaction = watched(Database._transaction)  # type: ignore[method-assign]
    SharingWriter._transaction = watched(SharingWriter._transaction)  # type: ignore[method-assign]


def _unwatched(work: Callable[[Any], Any], uow: SqlUnitOfWork) -> Any:
    """Runs the work, after noting how many changes the connection had made before it."""
    if uow.connection.dialect.name == "sqlite":
        driver = uow.connection.connection.driver_connection
        uow.connection.info["changes"] = driver.total_changes  # type: ignore[union-attr]
    return work(uow)


def _has_written(uow: SqlUnitOfWork) -> bool:
    connection = uow.connection
    if connection.dialect.name == "sqlite":
        driver = connection.connection.driver_connection
        return bool(driver.total_changes != connection.info["changes"])  # type: ignore[union-attr]
    asked = connection.execute(text("SELECT pg_current_xact_id_if_assigned() IS NOT NULL"))
    return bool(asked.scalar_one())


def _name_of(work: Any) -> str:
    if isinstance(work, partial):
        return _name_of(work.func)
    name: str = getattr(work, "__qualname__", type(work).__name__)
    return name.replace(".<locals>", "").replace(".<lambda>", "")


# the vault


def _vault(steps: Steps) -> None:
    sealed._create = steps.around("vault create", sealed._create)
    sealed._sync = steps.around("vault fsync", sealed._sync)
    sealed.encrypt = _half_written(steps, age.encrypt)  # type: ignore[attr-defined]  # its imported name
    sealed._sync_folder = steps.around("vault sync_folder", sealed._sync_folder)
    SealedVault._examine = steps.around("vault examine", SealedVault._examine)  # type: ignore[method-assign]
    Path.rename = steps.around("vault rename", Path.rename)  # type: ignore[method-assign]


def _half_written(steps: Steps, encrypt: Callable[..., None]) -> Callable[..., None]:
    def watched(plain: Any, target: BinaryIO, identity: str) -> None:
        encrypt(plain, _Halved(steps, target), identity)

    return watched


class _Halved:
    """A file that counts a step in the middle of each write, when half of the bytes are in the file."""

    def __init__(self, steps: Steps, file: BinaryIO) -> None:
        self._steps = steps
        self._file = file

    def write(self, piece: bytes) -> int:
        half = len(piece) // 2
        self._file.write(piece[:half])
        self._file.flush()
        self._steps.reached("within vault write")
        return half + self._file.write(piece[half:])


# WeCom


def _calls(steps: Steps) -> None:
    ask = Transport._ask

    async def watched(self: Transport, method: str, call: str, *rest: Any) -> Any:
        return await _watched_call(steps, call, ask(self, method, call, *rest))

    Transport._ask = watched  # type: ignore[method-assign,assignment]


async def _watched_call(steps: Steps, call: str, answer: Awaitable[Any]) -> Any:
    steps.reached(f"before call {call}")
    said = await answer
    steps.reached(f"after call {call}")
    return said
