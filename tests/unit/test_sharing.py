"""Writes that wait share a commit, and still succeed or fail each for itself."""

import asyncio
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, func, insert, select
from sqlalchemy.exc import IntegrityError

from core.domain.errors import StoreUnavailable
from core.storage.db import Database

numbers = Table("numbers", MetaData(), Column("n", Integer, primary_key=True))


class Uow:
    def __init__(self, connection, _now):
        self.connection = connection
        self.unsound = ()

    def before_commit(self):
        return ()

    def add(self, number):
        self.connection.execute(insert(numbers).values(n=number))
        return number

    def count(self):
        return self.connection.execute(select(func.count()).select_from(numbers)).scalar_one()


@pytest.fixture
def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("core.storage.engines.BUSY_SECONDS", 0)
    database = Database(f"sqlite:///{tmp_path}/numbers.db", Uow)
    database.run_sync(lambda uow: numbers.create(uow.connection))
    yield database
    database.close()


@pytest.fixture
async def gate(db):
    """Keeps the writer busy until it is opened, so that work waits behind it."""
    opened = threading.Event()
    db.holding = asyncio.ensure_future(db.run(lambda _uow: opened.wait(10)))
    return opened


async def test_a_failure_troubles_nobody_else(db, gate):
    """One piece of work that breaks a rule leaves no trace, while those beside it are stored."""
    works = [asyncio.ensure_future(db.run(lambda uow, n=n: uow.add(n))) for n in (1, 2, 2, 3)]
    await asyncio.sleep(0)
    gate.set()
    answers = await asyncio.gather(*works, return_exceptions=True)
    assert [one if isinstance(one, int) else type(one) for one in answers] == [1, 2, IntegrityError, 3]
    assert await db.read(lambda uow: uow.count()) == 3


async def test_what_is_urgent_goes_first(db, gate):
    """A callback is stored before work that has been waiting longer."""
    order: list[str] = []
    works = [
        asyncio.ensure_future(db.run(lambda _uow: order.append("first come"))),
        asyncio.ensure_future(db.run(lambda _uow: order.append("urgent"), first=True)),
    ]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(*works)
    assert order == ["urgent", "first come"]


async def test_what_is_urgent_does_not_wait_for_company(db, gate, tmp_path):
    """A commit with a callback takes no ordinary work along, which would delay it."""

    def committed(_uow):
        with closing(sqlite3.connect(tmp_path / "numbers.db")) as other:
            return other.execute("SELECT n FROM numbers").fetchall()

    seen = asyncio.ensure_future(db.run(committed))
    urgent = asyncio.ensure_future(db.run(lambda uow: uow.add(7), first=True))
    await asyncio.sleep(0)
    gate.set()
    await urgent
    assert await seen == [(7,)]


async def test_work_nobody_waits_for_any_more_is_not_begun(db, gate):
    """The work of a caller that has given up before its turn is not done."""
    work = asyncio.ensure_future(db.run(lambda uow: uow.add(1)))
    await asyncio.sleep(0)
    work.cancel()
    await asyncio.sleep(0)
    gate.set()
    await db.holding
    assert await db.run(lambda uow: uow.count()) == 0


async def test_a_lost_transaction_is_nobodys_success(db, gate):
    """When the database ends the shared transaction by itself, all its callers learn that nothing was stored."""

    def break_off(uow):
        uow.connection.connection.driver_connection.rollback()  # as SQLite does when the disk is full
        uow.add("no number")

    works = [
        asyncio.ensure_future(db.run(work)) for work in (lambda uow: uow.add(1), break_off, lambda uow: uow.add(2))
    ]
    await asyncio.sleep(0)
    gate.set()
    first, broken, *_ = await asyncio.gather(*works, db.holding, return_exceptions=True)
    assert isinstance(first, Exception)
    assert isinstance(broken, Exception)
    assert await db.read(lambda uow: uow.count()) <= 1


async def test_a_locked_database_is_unavailable(db, tmp_path):
    """When another program holds the file for too long, the write raises StoreUnavailable."""
    other = sqlite3.connect(tmp_path / "numbers.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable):
        await db.run(lambda uow: uow.add(1))
    other.close()
