"""A claim takes one message of each sender, the oldest first, however much others have written."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import event

from core.domain.address import home_of
from core.domain.incoming import Incoming, Text
from core.domain.people import person_id
from core.ports.store import Queue
from core.storage.db import Database
from core.storage.inbox import WINDOW

MINUTE = timedelta(minutes=1)


def wrote(who: str, number: int) -> tuple[Incoming, str]:
    key = f"m:{who}-{number}"
    return Incoming(key, home_of(person_id(who)), who, datetime.now(UTC), Text("你好"), "h"), key


def store(db: Database, who: str, count: int) -> None:
    for start in range(0, count, 500):
        db.run_sync(lambda uow, s=start: uow.inbox.add([wrote(who, n) for n in range(s, min(s + 500, count))]))  # type: ignore[misc]


def take(db: Database, limit: int, owner: str = "me") -> list[str]:
    def work(uow: Any) -> list[str]:
        return [claimed.incoming.key for claimed in uow.inbox.claim(owner, MINUTE, limit)]

    keys: list[str] = db.run_sync(work)
    return keys


def test_one_of_each_sender_and_the_next_after_it_is_done(db: Database) -> None:
    """Two messages of one person are never handled side by side, in whatever process."""
    for who in ("a", "b"):
        store(db, who, 2)
    assert take(db, 8) == ["m:a-0", "m:b-0"]
    assert take(db, 8, owner="another process") == []
    db.run_sync(lambda uow: uow.inbox.finish("m:a-0", "me"))
    assert take(db, 8) == ["m:a-1"]


def test_no_more_than_asked_for(db: Database) -> None:
    """With more senders than the limit, the oldest messages are taken first."""
    for number in range(5):
        store(db, f"p{number}", 1)
    assert take(db, 3) == ["m:p0-0", "m:p1-0", "m:p2-0"]
    assert take(db, 3) == ["m:p3-0", "m:p4-0"]


def test_one_persons_long_queue_keeps_nobody_waiting(db: Database) -> None:
    """Behind thousands of messages of one sender the next sender is found with a handful of statements."""
    store(db, "flood", 10 * WINDOW)
    store(db, "late", 1)
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    assert take(db, 8) == ["m:flood-0", "m:late-0"]
    assert len([statement for statement in asked if "inbox" in statement]) <= 6


def test_an_ended_message_lets_the_next_of_its_sender_be_handled(db: Database) -> None:
    """What ends a message wakes the loop when another of its sender waits behind it, and only then."""
    store(db, "a", 3)
    take(db, 8)

    def woken_by(end: Callable[[Any], None]) -> frozenset[Queue]:
        def work(uow: Any) -> frozenset[Queue]:
            end(uow)
            woken: frozenset[Queue] = uow.before_commit()
            return woken

        return db.run_sync(work)

    assert woken_by(lambda uow: uow.inbox.finish("m:a-0", "me")) == {Queue.INBOX}
    take(db, 8)
    assert woken_by(lambda uow: uow.inbox.give_up("m:a-1", "me")) == {Queue.INBOX}
    take(db, 8)
    assert woken_by(lambda uow: uow.inbox.finish("m:a-2", "me")) == set()
