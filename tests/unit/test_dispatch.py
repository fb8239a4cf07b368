"""Tests that the rights of a sender are checked again in the transaction that does what a message asks for."""

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from bot.command_line.opening import open_database, open_policy
from bot.dispatch import Dispatcher
from bot.seeding import seed
from cards.keys import KeyRing
from config.files import DEFAULT_ROLES, read_toml
from config.roles_file import roster_from
from core.crm.embedded.store import EmbeddedCrm
from core.domain.actions import Action
from core.domain.address import home_of
from core.domain.audit import Tag
from core.domain.incoming import Incoming, Text
from core.domain.operation.life import State
from core.domain.people import Language, PersonId, Sight
from core.domain.records import Kind, RecordRef
from core.services.confirming import confirm
from core.services.people import leave
from core.services.proposing import Proposal, propose
from core.storage.db import Database
from core.storage.tables import inbox
from handlers.context import Desk
from tests.pretend import ROLES
from tests.publishing import publisher
from tests.scenario.settling import now, settle_in, town_settings

WANG = PersonId("wangmin")
HONG = RecordRef(Kind.CUSTOMER, "C1024")


class Meanwhile:
    """A database in which another transaction commits after a message was read and before its answer commits."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.read = db.read
        self.waiting: list[Callable[[Any], Any]] = []
        self._runs = 0

    async def run(self, work: Callable[[Any], Any]) -> Any:
        self._runs += 1
        if self._runs > 1 and self.waiting:  # the first run only claims the message
            await self._db.run(self.waiting.pop())
        return await self._db.run(work)


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[tuple[Database, Desk, Meanwhile]]:
    """王敏 has requested to void 宏远科技, and 李强 was asked to approve it."""
    settings = town_settings(tmp_path, database_url, "http://127.0.0.1:1")
    db, policy, keys = open_database(settings), open_policy(settings), KeyRing(bytes(32))
    meanwhile = Meanwhile(db)
    desk = Desk(meanwhile, EmbeddedCrm(db), policy, keys, settings.zone, Language.ZH)

    def open_up(uow: Any) -> None:
        seed(uow, settings, roster_from(tomllib.loads(ROLES), read_toml(DEFAULT_ROLES)), policy)
        settle_in(uow.connection, now())
        person, records = uow.people.get(WANG), tuple(EmbeddedCrm(db).read_within(uow, [HONG]))
        draft = propose(uow, person, Sight(everything=True), policy, Proposal(Action.VOID, records, "作废客户"))[
            -1
        ]
        confirm(uow, draft.operation.number, person, None, policy, settings.zone)

    db.run_sync(open_up)
    yield db, desk, meanwhile
    db.close()


def dispatcher(desk: Desk) -> Dispatcher:
    return Dispatcher(desk, publisher(desk.keys, desk.zone, desk.crm), "me")


def said(db: Database, who: PersonId, words: str) -> None:
    message = Incoming("k1", home_of(who), who, now(), Text(words), "0" * 64)
    db.run_sync(lambda uow: uow.inbox.add([(message, "s1")]))


def state(db: Database) -> State:
    found: State = db.read_sync(lambda uow: uow.operations.get(1).state)
    return found


async def test_who_leaves_while_the_answer_is_thought_out_does_nothing(office):
    """王敏 leaves after her 撤回申请 was read and before it is committed: she is answered as a stranger."""
    db, desk, meanwhile = office
    said(db, WANG, "撤回申请 #1")
    meanwhile.waiting.append(lambda uow: uow.people.put(gone(uow)))
    assert await dispatcher(desk).run_once(5) == 1

    assert state(db) is State.PENDING
    told = db.run_sync(lambda uow: uow.outbox.claim("me", timedelta(minutes=1), 5))
    assert [delivery.envelope.to.person for delivery in told] == [WANG]


async def test_the_alarm_about_a_forged_message_commits_with_its_end(office):
    """A forged message is never met again, so a kill behind the claim must not lose the alarm."""
    db, desk, _ = office
    said(db, WANG, "撤回申请 #1")
    db.run_sync(lambda uow: uow.connection.execute(update(inbox).values(seal="0" * 64)))
    assert await dispatcher(desk).run_once(5) == 0

    assert state(db) is State.PENDING
    assert db.read_sync(lambda uow: [entry.tag for entry in uow.audit.entries()])[-1] == Tag.ROW_UNSOUND


def gone(uow: Any) -> Any:
    return replace(uow.people.get(WANG), active=False, roles=frozenset())


async def test_nobody_changes_and_it_is_done_at_once(office):
    """When only somebody else leaves meanwhile, the message is answered without a second reading."""
    db, desk, meanwhile = office
    said(db, WANG, "撤回申请 #1")
    meanwhile.waiting.append(lambda uow: leave(uow, PersonId("zhaojun"), desk.policy))
    assert await dispatcher(desk).run_once(5) == 1

    assert state(db) is State.WITHDRAWN
