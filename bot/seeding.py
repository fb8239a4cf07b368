"""Loads roles and policy from their files into the database and the log, at every start.

The open requests of people who lose a right by it end, or go on with other approvers.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import structlog

from config.settings import Settings
from core.domain.events.domain_event import DomainEvent
from core.domain.events.people import PolicyLoaded, RolesChanged, RolesLoaded, SettingsLoaded
from core.domain.people import Person, PersonId, RoleRights
from core.domain.policy import Policy
from core.domain.roster import Roster
from core.ports.store import UnitOfWork
from core.services.audit import report_unsound
from core.services.people import lose

log = structlog.get_logger(__name__)


def seed(uow: UnitOfWork, settings: Settings, roster: Roster, policy: Policy) -> list[DomainEvent]:
    """Stores people and rights as the roles file has them.

    The returned events tell what was loaded, and whose open requests end or go to others.
    """
    uow.people.lock_all()  # replicas may start at once, and nobody may leave or decide meanwhile
    known, rights = {person.id: person for person in uow.people.everybody()}, uow.people.rights()
    return [
        *report_unsound(uow, uow.unsound),
        *_load_people(uow, settings, roster, known),
        PolicyLoaded(_hash(settings.policy_file)),
        SettingsLoaded(_facts(settings)),
        *_hand_on(uow, known, rights, policy),
    ]


def _hand_on(
    uow: UnitOfWork, known: Mapping[PersonId, Person], rights_before: RoleRights, policy: Policy
) -> Iterator[DomainEvent]:
    # Compared by rights and not by roles: the file may also change what a role grants.
    rights = uow.people.rights()
    for person in uow.people.everybody():
        if lost := rights_before.of(known.get(person.id)) - rights.of(person):
            yield from lose(uow, person, lost, policy)


def _load_people(
    uow: UnitOfWork, settings: Settings, roster: Roster, known: Mapping[PersonId, Person]
) -> Iterator[DomainEvent]:
    # A row that was changed says nothing, not even that somebody has left: who it is about stays without rights.
    changed_by_others = {row.row for row in uow.unsound if row.table == "people"}
    listed = {
        person.id: _merged(person, known.get(person.id))
        for person in roster.people
        if person.id not in changed_by_others
    }
    # The file is the whole truth about roles: somebody it no longer names has none.
    unlisted = {person.id: _without_roles(person) for person in known.values() if person.id not in listed}
    changed = [person for person in (*listed.values(), *unlisted.values()) if known.get(person.id) != person]
    for person in changed:
        uow.people.put(person)
        yield RolesChanged(person)
    if changed or uow.people.rights() != roster.rights:
        uow.people.put_rights(roster.rights)
        yield RolesLoaded(len(changed), _hash(settings.roles_file))


def _merged(listed: Person, known: Person | None) -> Person:
    """Returns a person with roles and leader of the file, and with the language the person has chosen.

    A restart does not bring back somebody who has left: the file may be older than the leaving, and by now the
    user id may belong to somebody else. It does so only when the file names the `generation` of the return.
    """
    if known is None:
        return listed
    current = replace(listed, language=known.language)
    if listed.generation > known.generation or (listed.generation == known.generation and known.active):
        return current
    needed = known.generation if known.active else known.generation + 1
    log.warning("listed_but_has_left", person=listed.userid, generation_needed=needed)
    return replace(_without_roles(current), active=known.active, generation=known.generation)


def _without_roles(person: Person) -> Person:
    return replace(person, roles=frozenset(), leader=None)


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _facts(settings: Settings) -> Mapping[str, str | bool]:
    """Returns the settings that an auditor wants to know about a start, without secrets."""
    return {
        "crm": settings.crm,
        "official_api": settings.official_api,
        "timezone": settings.timezone,
        "language": settings.language,
        "database": settings.database_url.split(":", 1)[0],  # the kind only: the rest may hold a password
    }
