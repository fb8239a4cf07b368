"""Housekeeping keeps no words longer than the policy says, not even those of a message that failed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.command_line.opening import open_policy
from bot.directory import Directory
from bot.schedule import Jobs
from cards.keys import KeyRing
from core.crm.embedded.store import EmbeddedCrm
from core.domain.actions import Action, LifeStatus
from core.domain.address import home_of
from core.domain.fingerprint import fingerprint
from core.domain.incoming import Incoming, Text
from core.domain.operation.life import State
from core.domain.operation.operation import Mode, Operation
from core.domain.operation.targets import Target, Targets
from core.domain.outbox import CardName, DeliveryKind, Envelope
from core.domain.people import Language, PersonId
from core.domain.records import Kind, RecordRef
from core.storage.db import Clock, Database
from core.storage.tables import card_copies, deliveries, inbox
from handlers.context import Desk
from tests.publishing import publisher
from tests.scenario.settling import town_settings

WORDS = "作废客户 宏远科技"
OWNER = "me"
WANG = home_of(PersonId("wangmin"))


@pytest.fixture
def jobs(db: Database, database_url: str, tmp_path: Path) -> Jobs:
    settings = town_settings(tmp_path, database_url, "http://127.0.0.1:1")
    keys = KeyRing(bytes(32))
    desk = Desk(db, EmbeddedCrm(db), open_policy(settings), keys, settings.zone, Language.ZH)
    publish = publisher(keys, settings.zone, desk.crm)
    return Jobs(desk, publish, Directory(desk, publish, nobody))


async def nobody(_userid: str) -> None:
    return None


def failed(uow: Any) -> None:
    """Stores a message that was given up and a text that was undelivered."""
    incoming = Incoming(
        key="k1", address=WANG, sender_userid="wangmin", sent_at=datetime.now(UTC),
        content=Text(WORDS), raw_hash="0" * 64,
    )  # fmt: skip
    uow.inbox.add([(incoming, "s1")])
    uow.inbox.claim(OWNER, timedelta(minutes=1), 1)
    uow.inbox.give_up("k1", OWNER)
    uow.outbox.send(Envelope(WANG, DeliveryKind.TEXT, WORDS))
    (delivery,) = uow.outbox.claim(OWNER, timedelta(minutes=1), 1)
    uow.outbox.undelivered(delivery, OWNER, "invaliduser")


def bodies(uow: Any) -> list[str]:
    found: list[str] = [
        body
        for table in (inbox, deliveries)
        for body in uow.connection.execute(select(table.c.body)).scalars().all()
    ]
    return found


async def test_what_failed_for_good_loses_its_words(db: Database, jobs: Jobs, times: Clock) -> None:
    """For a month a human can read what failed; after that only the fact that it failed is left."""
    await db.run(failed)
    times.offset = timedelta(days=29)
    await jobs.housekeeping()
    assert [WORDS in body or "宏远" in body for body in await db.read(bodies)] == [True, True]
    times.offset = timedelta(days=31)
    await jobs.housekeeping()
    assert await db.read(bodies) == ["", ""]


def a_card(task: str, operation: int | None) -> Envelope:
    return Envelope(
        WANG,
        DeliveryKind.CARD,
        "{}",
        operation,
        CardName.DONE if operation else CardName.DIGEST,
        task,
    )


def operations_with_cards(uow: Any) -> None:
    """Sends a card of each of four operations in different states, and one of no operation."""
    ends = {1: State.DONE, 2: State.WITHDRAWN, 3: State.PENDING, 4: State.UNDONE}
    for number, state in ends.items():
        target = Target(RecordRef(Kind.CUSTOMER, f"C{number}"), "宏远科技", 1, LifeStatus.ACTIVE)
        listed = Targets(1, (target,), fingerprint(Action.VOID, Mode.NORMAL, [(target.ref, 1)]))
        until = uow.now + timedelta(days=90) if state in {State.DONE, State.UNDONE} else None
        operation = Operation(
            number, Action.VOID, Kind.CUSTOMER, PersonId("wangmin"), listed, uow.now, state, undo_until=until
        )
        uow.operations.add(operation, [target])
        uow.outbox.send(a_card(f"card {number}", number))
    uow.outbox.send(a_card("list", None))


def kept(uow: Any) -> list[str]:
    return sorted(uow.connection.execute(select(card_copies.c.task_id)).scalars())


async def test_copies_of_cards_go_when_nothing_can_happen_to_them(db: Database, jobs: Jobs, times: Clock) -> None:
    """A month after its last change a card is forgotten, unless its operation goes on or can still be undone."""
    await db.run(operations_with_cards)
    while await db.run(send_rest):
        pass
    times.offset = timedelta(days=29)
    await jobs.housekeeping()
    assert await db.read(kept) == ["card 1", "card 2", "card 3", "card 4", "list"]
    times.offset = timedelta(days=31)
    await jobs.housekeeping()
    assert await db.read(kept) == ["card 1", "card 3"]
    times.offset = timedelta(days=89)
    await db.run(lambda uow: uow.outbox.send(replace(a_card("card 1", 1), kind=DeliveryKind.UPDATE)))
    times.offset = timedelta(days=130)
    await jobs.housekeeping()
    assert await db.read(kept) == ["card 1", "card 3"], "its last redraw still waits to be sent"
    while await db.run(send_rest):
        pass
    times.offset = timedelta(days=165)
    await jobs.housekeeping()
    assert await db.read(kept) == ["card 3"]


def send_rest(uow: Any) -> int:
    """Sends the next waiting deliveries and returns their number; each person's come one at a time."""
    claimed = uow.outbox.claim(OWNER, timedelta(minutes=1), 10)
    for delivery in claimed:
        uow.outbox.sent(delivery, OWNER, None)
    return len(claimed)
