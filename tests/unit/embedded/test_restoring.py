"""A record that is gone comes back from its backup whole, or not at all."""

from collections.abc import Iterator

import pytest
from sqlalchemy import delete, insert, select

from core.crm.embedded.store import EmbeddedCrm
from core.crm.embedded.tables import communications, contacts, customers, deals, invoices, memberships, segments
from core.domain.actions import LifeStatus
from core.domain.operation.targets import Outcome
from core.domain.people import Sight
from core.domain.records import FoundBy, Kind, RecordRef
from core.domain.snapshots import differences
from core.ports.crm import SearchQuery
from core.storage.db import Database
from tests.embedded import NOW, filled, opened

C1 = RecordRef(Kind.CUSTOMER, "C1")
G1 = RecordRef(Kind.SEGMENT, "G1")
R1 = RecordRef(Kind.COMMUNICATION, "R1")


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    with opened(database_url) as database:
        yield database


@pytest.fixture
def crm(db: Database) -> EmbeddedCrm:
    return filled(db)


def lose(db: Database, ref: RecordRef) -> None:
    """The rows vanish, as after a purge."""

    def work(uow):
        run = uow.connection.execute
        match ref.kind:
            case Kind.CUSTOMER:
                for table in (contacts, deals, invoices, communications, memberships):
                    run(delete(table).where(table.c.customer_id == 1))
                run(delete(customers).where(customers.c.id == 1))
            case Kind.SEGMENT:
                run(delete(memberships).where(memberships.c.segment_id == 1))
                run(delete(segments).where(segments.c.id == 1))
            case Kind.COMMUNICATION:
                run(delete(communications).where(communications.c.number == ref.number))

    db.run_sync(work)


@pytest.mark.parametrize("ref", [C1, G1, R1], ids=lambda ref: ref.kind)
async def test_everything_comes_back(db, crm, ref):
    """Under the same numbers, equal to the backup, as a newer version; a second time there is nothing to do."""
    (before,) = await crm.snapshots([ref])
    lose(db, ref)
    assert await crm.read([ref]) == []

    assert db.run_sync(lambda uow: crm.restore_within(uow, before, 7)) is Outcome.DONE
    (now,) = await crm.snapshots([ref])
    assert differences(before.body, now.body) == []
    assert now.version > before.version
    assert db.run_sync(lambda uow: crm.restore_within(uow, before, 7)) is Outcome.ALREADY


async def test_what_came_back_can_be_found(db, crm):
    """The name index knows it again."""
    (before,) = await crm.snapshots([C1])
    lose(db, C1)
    db.run_sync(lambda uow: crm.restore_within(uow, before, 7))
    asked = SearchQuery("hykj", Kind.CUSTOMER, Sight(everything=True), frozenset({LifeStatus.ACTIVE}))

    assert [(hit.record.ref, hit.found_by) for hit in (await crm.search(asked)).items] == [(C1, FoundBy.INITIALS)]


async def test_a_taken_number_is_a_conflict(db, crm):
    """Somebody else's deal has the number by now: nothing at all is written."""
    (before,) = await crm.snapshots([C1])
    lose(db, C1)
    taken = {"number": "D2", "customer_id": 2, "amount": 1, "currency": "CNY"}
    db.run_sync(lambda uow: uow.connection.execute(insert(deals), taken))

    assert db.run_sync(lambda uow: crm.restore_within(uow, before, 7)) is Outcome.CONFLICT
    assert await crm.read([C1]) == []
    assert db.run_sync(lambda uow: uow.connection.execute(select(deals.c.number)).scalars().all()) == ["D2"]


async def test_another_under_its_number_is_a_conflict(db, crm):
    """A new customer took the place: it is left alone."""
    (before,) = await crm.snapshots([C1])
    lose(db, C1)
    other = {"number": "C1", "name": "别的公司", "created_at": NOW}
    db.run_sync(lambda uow: uow.connection.execute(insert(customers), other))

    assert db.run_sync(lambda uow: crm.restore_within(uow, before, 7)) is Outcome.CONFLICT
    assert [record.name for record in await crm.read([C1])] == ["别的公司"]


async def test_a_talk_without_its_customer_stays_gone(db, crm):
    """There is nobody it could hang on."""
    (before,) = await crm.snapshots([R1])
    lose(db, C1)

    assert db.run_sync(lambda uow: crm.restore_within(uow, before, 7)) is Outcome.CONFLICT
