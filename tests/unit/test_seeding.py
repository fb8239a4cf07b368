"""A start gives and takes the roles of the roles file, and never brings back somebody who has left."""

import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from bot.command_line.opening import open_database, open_policy
from bot.seeding import seed
from config.files import DEFAULT_ROLES, read_toml
from config.roles_file import roster_from
from config.settings import Settings
from core.domain.people import Language, Person, PersonId, Right, Role
from core.services.people import join, leave
from core.storage.db import Database
from tests.pretend import ROLES
from tests.publishing import log_only
from tests.scenario.settling import town_settings

LI = PersonId("liqiang")


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return town_settings(tmp_path, database_url, "http://127.0.0.1:1")


@pytest.fixture
def db(settings: Settings) -> Iterator[Database]:
    database = open_database(settings)
    start(database, settings, ROLES)
    yield database
    database.close()


def start(db: Database, settings: Settings, roles: str) -> None:
    roster = roster_from(tomllib.loads(roles), read_toml(DEFAULT_ROLES))
    policy = open_policy(settings)
    db.run_sync(lambda uow: log_only(uow, *seed(uow, settings, roster, policy)))


def li(db: Database) -> Person:
    person: Person = db.read_sync(lambda uow: uow.people.get(LI))
    return person


def may_approve(db: Database) -> bool:
    return bool(db.read_sync(lambda uow: uow.people.rights().allows(uow.people.get(LI), Right.APPROVE)))


def go(db: Database, settings: Settings) -> None:
    policy = open_policy(settings)
    db.run_sync(lambda uow: leave(uow, LI, policy))


def test_who_is_no_longer_listed_has_no_role(db: Database, settings: Settings) -> None:
    """A person removed from the file has no right left after the next start, and the log says so."""
    assert may_approve(db)
    before = db.read_sync(lambda uow: uow.audit.head())
    start(db, settings, '[people.chenjie]\nname = "陈洁"\nroles = ["admin"]\n')
    assert (li(db).roles, li(db).leader, may_approve(db)) == (frozenset(), None, False)
    logged = db.read_sync(lambda uow: [entry.tag for entry in uow.audit.entries(after=before.seq)])
    assert logged.count("config:roles:loaded") == 6  # five people, and the file


def test_a_restart_does_not_bring_a_leaver_back(db: Database, settings: Settings) -> None:
    """A person who has left stays without rights after a start, even if the file still names them."""
    go(db, settings)
    start(db, settings, ROLES)
    assert (li(db).active, li(db).roles) == (False, frozenset())


def test_a_reused_id_does_not_inherit_from_the_file(db: Database, settings: Settings) -> None:
    """A user id that came back, perhaps as another person, gets roles only from a file that names the return."""
    go(db, settings)
    db.run_sync(lambda uow: join(uow, LI))
    start(db, settings, ROLES)
    assert (li(db).active, li(db).generation, may_approve(db)) == (True, 2, False)
    start(db, settings, ROLES.replace('name = "李强"', 'name = "李强"\ngeneration = 2'))
    assert (li(db).generation, li(db).leader, may_approve(db)) == (2, "chenjie", True)


def test_the_file_can_bring_somebody_back(db: Database, settings: Settings) -> None:
    """A generation in the file brings a person back even when WeCom's message of the return was lost."""
    go(db, settings)
    start(db, settings, ROLES.replace('name = "李强"', 'name = "李强"\ngeneration = 2'))
    assert (li(db).active, li(db).generation, may_approve(db)) == (True, 2, True)


def test_the_same_file_again_changes_nothing(db: Database, settings: Settings) -> None:
    """A start with the same file leaves people and their chosen language as they are."""
    db.run_sync(lambda uow: uow.people.speak(LI, Language.EN))
    known = db.read_sync(lambda uow: uow.people.everybody())
    start(db, settings, ROLES)
    assert db.read_sync(lambda uow: uow.people.everybody()) == known
    assert li(db).language is Language.EN


def test_a_chosen_language_brings_no_role_back(db: Database) -> None:
    """Storing a chosen language writes nothing else, so it brings back no role that was taken in the meantime."""
    read_before = li(db)
    db.run_sync(lambda uow: uow.people.put(replace(read_before, roles=frozenset({Role.REP}))))
    db.run_sync(lambda uow: uow.people.speak(read_before.id, Language.EN))
    assert (li(db).roles, li(db).language) == (frozenset({Role.REP}), Language.EN)


def test_two_processes_may_start_at_once(database_url: str, settings: Settings) -> None:
    """Four processes that start together on a new database all succeed, and leave what one would have left."""
    databases = [open_database(settings) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(start, database, settings, ROLES) for database in databases]:
            done.result()
    assert may_approve(databases[0])
    for database in databases:
        database.close()
