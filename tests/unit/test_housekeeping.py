"""What is swept up: nobody's words stay longer than the policy says, not even those of a message that failed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.commands.opening import open_database, open_policy
from bot.directory import Directory
from bot.schedule import Jobs
from cards.keys import KeyRing
from core.crm.embedded.store import EmbeddedCrm
from core.domain.incoming import Incoming, Text
from core.domain.outbox import DeliveryKind, Envelope
from core.domain.people import Language, PersonId
from core.storage.db import Database
from core.storage.tables import deliveries, inbox
from handlers.announce import Announcer
from handlers.audience import Audience
from handlers.context import Desk
from tests.scenario.town import town_settings

WORDS = "作废客户 宏远科技"
OWNER = "me"


class Times:
    """A clock to move."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def offset(self) -> timedelta:
        return self.ahead


@pytest.fixture
def times() -> Times:
    return Times()


@pytest.fixture
def db(database_url: str, tmp_path: Path, times: Times) -> Iterator[Database]:
    database = open_database(town_settings(tmp_path, database_url, "http://127.0.0.1:1"), times.offset)
    yield database
    database.close()


@pytest.fixture
def jobs(db: Database, database_url: str, tmp_path: Path) -> Jobs:
    settings = town_settings(tmp_path, database_url, "http://127.0.0.1:1")
    keys = KeyRing(bytes(32))
    announcer = Announcer(Audience(keys, settings.zone))
    desk = Desk(db, EmbeddedCrm(db), open_policy(settings), keys, settings.zone, Language.ZH, announcer)
    return Jobs(desk, lambda: None, Directory(desk, nobody))


async def nobody(_userid: str) -> None:
    return None


def failed(uow: Any) -> None:
    """One message nobody could handle, one text nobody could deliver."""
    incoming = Incoming(
        key="k1", sender=PersonId("wangmin"), sender_userid="wangmin", sent_at=datetime.now(UTC),
        content=Text(WORDS), raw_hash="0" * 64,
    )  # fmt: skip
    uow.inbox.add([(incoming, "s1")])
    uow.inbox.claim(OWNER, timedelta(minutes=1), 1)
    uow.inbox.give_up("k1", OWNER)
    uow.outbox.send(Envelope(PersonId("wangmin"), DeliveryKind.TEXT, WORDS))
    (delivery,) = uow.outbox.claim(OWNER, timedelta(minutes=1), 1)
    uow.outbox.undelivered(delivery.id, OWNER, "invaliduser")


def bodies(uow: Any) -> list[str]:
    found: list[str] = [
        body
        for table in (inbox, deliveries)
        for body in uow.connection.execute(select(table.c.body)).scalars().all()
    ]
    return found


async def test_what_failed_for_good_loses_its_words(db: Database, jobs: Jobs, times: Times) -> None:
    """For a month a human can look at what failed; after that only the fact that it did is left."""
    await db.run(failed)
    times.ahead = timedelta(days=29)
    await jobs.housekeeping()
    assert [WORDS in body or "宏远" in body for body in await db.read(bodies)] == [True, True]
    times.ahead = timedelta(days=31)
    await jobs.housekeeping()
    assert await db.read(bodies) == ["", ""]
