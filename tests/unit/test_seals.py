"""A seal holds for exactly the row it was made for; existing rows are sealed once."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Table, select, update

from core.domain.address import home_of
from core.domain.audit import Tag
from core.domain.events.log import Telling
from core.domain.outbox import DeliveryKind, Envelope
from core.domain.people import Person, PersonId, Right, Role, RoleRights
from core.domain.seals import Unsound
from core.services.audit import report_unsound, seal_existing
from core.storage.db import Clock, Database
from core.storage.seals import seal_of
from core.storage.tables import deliveries, grants, inbox, people
from tests.publishing import log_only
from tests.unit.test_inbox import wrote

KEY = b"k" * 32
VALUES = st.one_of(st.text(max_size=4), st.integers(-9, 9), st.booleans(), st.none())
MINUTE = timedelta(minutes=1)


@given(st.lists(VALUES, max_size=4), st.lists(VALUES, max_size=4), st.sampled_from("ab"), st.sampled_from("ab"))
def test_two_rows_never_share_a_seal(one: list[Any], other: list[Any], table: str, other_table: str) -> None:
    """Neither values that look alike, nor other borders between them, nor another table give the same seal."""
    same = (table, [(type(v), v) for v in one]) == (other_table, [(type(v), v) for v in other])
    assert (seal_of(KEY, table, one) == seal_of(KEY, other_table, other)) is same


@pytest.mark.parametrize("wrong", ["", "short", "0" * 64, "é" * 64, "another key", "upper case"])
def test_no_other_seal_holds(db: Database, wrong: str) -> None:
    """Who lacks the key cannot make a seal, and a wrong one of any form does not hold."""
    db.run_sync(lambda uow: uow.people.put(LI))
    row = [LI.id, LI.userid, LI.name, "approver,lead", LI.leader, LI.active, LI.generation]
    right = db.read_sync(lambda uow: uow.connection.execute(select(people.c.seal)).scalar_one())
    forged = {"another key": seal_of(b"x" * 32, "people", row), "upper case": right.upper()}.get(wrong, wrong)
    tamper(db, people, seal=forged)
    assert db.read_sync(lambda uow: uow.people.get(LI.id)) is None


LI = Person(PersonId("liqiang"), "LiQiang", "李强", frozenset({Role.LEAD, Role.APPROVER}), PersonId("chenjie"))
CHANGED = {
    "userid": "x",
    "name": "x",
    "roles": "admin",
    "leader": None,
    "active": False,
    "generation": 2,
}


@pytest.mark.parametrize("column", CHANGED)
def test_a_changed_person_is_not_there(db: Database, column: str) -> None:
    """Whatever is changed, the row is noticed wherever it is read, and grants nothing."""
    db.run_sync(lambda uow: uow.people.put(LI))
    assert db.read_sync(lambda uow: uow.people.get(LI.id)) == LI
    tamper(db, people, **{column: CHANGED[column]})
    for look, nothing in (
        (lambda uow: uow.people.get(LI.id), None),
        (lambda uow: uow.people.get_all([LI.id]), {}),
        (lambda uow: uow.people.names([LI.id]), {}),
        (lambda uow: uow.people.everybody(), ()),
        (lambda uow: uow.people.with_role(Role.ADMIN, Role.LEAD, Role.APPROVER), ()),
    ):
        assert db.read_sync(look) == nothing
    met = db.read_sync(lambda uow: (uow.people.everybody(), list(uow.unsound))[1])
    assert [(row.table, row.row) for row in met] == [("people", "liqiang")]


def tamper(db: Database, table: Table, **values: Any) -> None:
    with db.engine.begin() as connection:
        connection.execute(update(table).values(**values))


def test_a_new_language_leaves_the_seal_whole(db: Database) -> None:
    """The language is no right: it changes without the rest of the row being read."""
    db.run_sync(lambda uow: uow.people.put(LI))
    tamper(db, people, language="en")
    found = db.read_sync(lambda uow: uow.people.get(LI.id))
    assert found is not None
    assert replace(found, language=LI.language) == LI


def test_a_seal_of_another_person_does_not_fit(db: Database) -> None:
    """A row copied over another one, seal and all but the id, is noticed."""
    boss = replace(LI, id=PersonId("chenjie"), userid="chenjie", roles=frozenset({Role.ADMIN}))
    db.run_sync(lambda uow: (uow.people.put(LI), uow.people.put(boss)))
    with db.engine.begin() as connection:
        row = dict(connection.execute(select(people).where(people.c.id == "chenjie")).one()._mapping)
        del row["id"]
        connection.execute(update(people).where(people.c.id == "liqiang").values(**row))
    assert db.read_sync(lambda uow: uow.people.get(LI.id)) is None


def test_a_changed_grant_is_no_right(db: Database) -> None:
    """A right that was moved to another role counts for neither."""
    db.run_sync(lambda uow: uow.people.put_rights(RoleRights({Role.APPROVER: frozenset({Right.APPROVE})})))
    tamper(db, grants, role="rep")
    assert db.read_sync(lambda uow: uow.people.rights()) == RoleRights({})


def test_thousands_of_forged_rows_do_not_drown_everything_else(db: Database, times: Clock) -> None:
    """Each row is logged once a day; people are told of ten within an hour, and of more in the next."""
    rows = [Unsound("inbox", str(number)) for number in range(25)]
    events = db.run_sync(lambda uow: report_unsound(uow, [*rows, *rows]))
    assert [event.found for event in events] == rows
    assert [event.telling for event in events] == [Telling.ONE] * 9 + [Telling.LAST] + [Telling.NONE] * 15
    assert db.run_sync(lambda uow: report_unsound(uow, rows)) == []
    times.offset += timedelta(hours=1)
    (event,) = db.run_sync(lambda uow: report_unsound(uow, [Unsound("inbox", "99")]))
    assert event.telling is Telling.ONE


def test_existing_rows_are_sealed_once(db: Database) -> None:
    """Rows from before the upgrade work after the first start; a row that comes later without a seal does not."""
    db.run_sync(lambda uow: uow.people.put(LI))
    db.run_sync(lambda uow: uow.people.put_rights(RoleRights({Role.REP: frozenset({Right.HELP})})))
    db.run_sync(lambda uow: uow.inbox.add([wrote("wangmin", 1)]))
    db.run_sync(lambda uow: uow.outbox.send(Envelope(home_of(LI.id), DeliveryKind.TEXT, "好")))
    for table in (people, grants, inbox, deliveries):
        tamper(db, table, seal="")
    for _ in range(2):
        db.run_sync(lambda uow: log_only(uow, *seal_existing(uow)))
    assert [entry.tag for entry in db.read_sync(lambda uow: list(uow.audit.entries()))] == [Tag.ROWS_SEALED] * 2
    assert db.read_sync(lambda uow: uow.people.get(LI.id)) == LI
    assert db.read_sync(lambda uow: uow.people.rights()) == RoleRights({Role.REP: frozenset({Right.HELP})})
    assert len(db.run_sync(lambda uow: uow.inbox.claim("me", MINUTE, 8))) == 1
    assert len(db.run_sync(lambda uow: uow.outbox.claim("me", MINUTE, 8))) == 1

    tamper(db, people, seal="")
    db.run_sync(lambda uow: log_only(uow, *seal_existing(uow)))
    assert db.read_sync(lambda uow: uow.people.get(LI.id)) is None
