"""Roles and policy from their files into the database and the log, at every start."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from config.settings import Settings
from core.domain.audit import Event, Tag
from core.domain.people import Person
from core.domain.roster import Roster
from core.ports import UnitOfWork


def seed(uow: UnitOfWork, settings: Settings, roster: Roster) -> None:
    """Put what the roles file says into the database; log what was loaded when it is not what was there."""
    known = {person.id: person for person in uow.people.everybody()}
    changed = []
    for person in roster.people:
        wanted = _merged(person, known.get(person.id))
        if known.get(person.id) != wanted:
            uow.people.put(wanted)
            changed.append(wanted.id)
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
    """The file decides roles and leader; the language a person chose stays; a return is a new generation."""
    if known is None:
        return listed
    generation = known.generation if known.active else known.generation + 1
    return replace(listed, language=known.language, generation=generation)


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
