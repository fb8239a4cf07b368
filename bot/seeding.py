"""Roles and policy from their files into the database and the log, at every start."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import structlog

from config.settings import Settings
from core.domain.audit import Event, Tag
from core.domain.people import Person
from core.domain.roster import Roster
from core.ports import UnitOfWork

log = structlog.get_logger(__name__)


def seed(uow: UnitOfWork, settings: Settings, roster: Roster) -> None:
    """Put what the roles file says into the database; log what was loaded when it is not what was there."""
    uow.people.lock_all()
    known = {person.id: person for person in uow.people.everybody()}
    listed = {person.id: _merged(person, known.get(person.id)) for person in roster.people}
    unlisted = {person.id: _without_roles(person) for person in known.values() if person.id not in listed}
    changed = [person for person in (*listed.values(), *unlisted.values()) if known.get(person.id) != person]
    for person in changed:
        uow.people.put(person)
        uow.audit.append(
            Event(
                Tag.ROLES_LOADED,
                subject=person.id,
                detail={"roles": sorted(person.roles), "generation": person.generation, "active": person.active},
            )
        )
    if changed or uow.people.rights() != roster.rights:
        uow.people.put_rights(roster.rights)
        uow.audit.append(
            Event(Tag.ROLES_LOADED, detail={"people": len(changed), "file": _hash(settings.roles_file)})
        )
    uow.audit.append(
        Event(Tag.POLICY_LOADED, detail={"file": _hash(settings.policy_file)}),
        Event(Tag.SETTINGS_LOADED, detail=_facts(settings)),
    )


def _merged(listed: Person, known: Person | None) -> Person:
    """The file decides roles and leader; the language a person chose stays.

    Who has left is not brought back by a restart: the file may be older than the leaving, and the id somebody
    else's by now. A `generation` in the file that is the one of the return says that it knows.
    """
    if known is None:
        return listed
    current = replace(listed, language=known.language)
    if listed.generation > known.generation or (listed.generation == known.generation and known.active):
        return current
    log.warning("listed_but_has_left", person=listed.userid, generation=known.generation)
    return replace(_without_roles(current), active=known.active, generation=known.generation)


def _without_roles(person: Person) -> Person:
    return replace(person, roles=frozenset(), leader=None)


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _facts(settings: Settings) -> Mapping[str, str | bool]:
    """What an auditor wants to know of the start; no secrets."""
    return {
        "crm": settings.crm,
        "official_api": settings.official_api,
        "timezone": settings.timezone,
        "language": settings.language,
        "database": settings.database_url.split(":", 1)[0],
    }
