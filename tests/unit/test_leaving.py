"""Tests that people who leave at the same moment do not hand their work to each other."""

import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from bot.command_line.opening import open_database, open_policy
from bot.seeding import seed
from config.files import DEFAULT_ROLES, read_toml
from config.roles_file import roster_from
from config.settings import Settings
from core.crm.embedded.store import EmbeddedCrm
from core.domain.actions import Action
from core.domain.events.domain_event import DomainEvent
from core.domain.events.requests import OperationReassigned, OperationStuck
from core.domain.operation.operation import Operation
from core.domain.people import PersonId, Sight
from core.domain.records import Kind, RecordRef
from core.services.confirming import confirm
from core.services.people import leave
from core.services.proposing import Proposal, propose
from core.storage.db import Database
from tests.pretend import ROLES
from tests.publishing import of_kind
from tests.scenario.settling import now, settle_in, town_settings

WANG, LI, CHEN = PersonId("wangmin"), PersonId("liqiang"), PersonId("chenjie")
HONG, YUAN = RecordRef(Kind.CUSTOMER, "C1024"), RecordRef(Kind.CUSTOMER, "C1025")


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return town_settings(tmp_path, database_url, "http://127.0.0.1:1")


@pytest.fixture
def db(settings: Settings) -> Iterator[Database]:
    """王敏 has requested to void 宏远科技. It waits for 李强 alone, and only 陈洁 could take his place."""
    database = open_database(settings)
    roster, policy = roster_from(tomllib.loads(ROLES), read_toml(DEFAULT_ROLES)), open_policy(settings)

    def ask(uow: Any) -> None:
        seed(uow, settings, roster, policy)
        settle_in(uow.connection, now())
        person = uow.people.get(WANG)
        records = tuple(EmbeddedCrm(database).read_within(uow, [HONG]))
        sight = Sight(everything=True)
        draft = propose(uow, person, sight, policy, Proposal(Action.VOID, records, "作废客户 宏远科技"))[-1]
        confirm(uow, draft.operation.number, person, None, policy, settings.zone)

    database.run_sync(ask)
    yield database
    database.close()


def test_two_who_leave_together_leave_nobody_waiting_unseen(db: Database, settings: Settings) -> None:
    """李强 leaves, so 陈洁 is asked; she leaves at the same moment, and the request is reported as stuck."""
    policy = open_policy(settings)
    begun, other_had_time = Event(), Event()

    def li_leaves(uow: Any) -> list[DomainEvent]:
        gone = leave(uow, LI, policy)
        begun.set()
        other_had_time.wait(0.5)  # 陈洁 leaves now, before this is committed
        return gone

    def chen_leaves() -> list[DomainEvent]:
        begun.wait()
        gone: list[DomainEvent] = db.run_sync(lambda uow: leave(uow, CHEN, policy))
        other_had_time.set()
        return gone

    with ThreadPoolExecutor(2) as threads:
        first, second = threads.submit(db.run_sync, li_leaves), threads.submit(chen_leaves)
        handed, stuck = first.result(), second.result()
    operation: Operation = db.read_sync(lambda uow: uow.operations.get(1))
    assert [event.operation.number for event in of_kind(OperationReassigned, handed)] == [1]
    assert operation.approvers == (CHEN,)
    assert [event.operation.number for event in of_kind(OperationStuck, stuck)] == [1]


def test_who_leaves_while_being_asked_hands_the_request_on(db: Database, settings: Settings) -> None:
    """王敏 confirms a request just as 李强 leaves: his leaving waits for her commit, and then 陈洁 is asked."""
    policy = open_policy(settings)
    asking, other_had_time = Event(), Event()

    def ask(uow: Any) -> None:
        person = uow.people.get(WANG)
        records = tuple(EmbeddedCrm(db).read_within(uow, [YUAN]))
        proposal = Proposal(Action.VOID, records, "作废 宏源科技")
        draft = propose(uow, person, Sight(everything=True), policy, proposal)[-1]
        confirm(uow, draft.operation.number, person, None, policy, settings.zone)
        asking.set()
        other_had_time.wait(0.5)  # 李强 leaves now, before this is committed

    def li_leaves() -> list[DomainEvent]:
        asking.wait()
        gone: list[DomainEvent] = db.run_sync(lambda uow: leave(uow, LI, policy))
        other_had_time.set()
        return gone

    with ThreadPoolExecutor(2) as threads:
        asked, left = threads.submit(db.run_sync, ask), threads.submit(li_leaves)
        asked.result()
        gone = left.result()
    assert [event.operation.number for event in of_kind(OperationReassigned, gone)] == [1, 2]
    operation: Operation = db.read_sync(lambda uow: uow.operations.get(2))
    assert operation.approvers == (CHEN,)
