"""Who came, who left, and what the configuration files said at a start."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from core.domain.audit import Detail, NewEntry, Tag
from core.domain.events.event import Event
from core.domain.people import Person


@dataclass(frozen=True, slots=True)
class PersonLeft(Event):
    """Every right is gone at once. Events about their open work follow."""

    person: Person
    """As they were before."""
    manager: Person | None = None
    """Goes on with their work."""
    ended: int = 0
    """How many of their own requests nobody stands by any more."""
    found: str = ""
    """What the directory said of them; empty: the platform told of the leaving by itself."""

    def entries(self) -> Iterable[NewEntry]:
        detail: Detail = {"generation": self.person.generation}
        if self.found:
            yield NewEntry(Tag.PERSON_MISSED, self.person.id, detail={**detail, "found": self.found})
        else:
            yield NewEntry(Tag.PERSON_LEFT, self.person.id, detail=detail)


@dataclass(frozen=True, slots=True)
class PersonJoined(Event):
    """Somebody who had left is in sight again, as a new generation of the id and without roles."""

    person: Person

    def entries(self) -> Iterable[NewEntry]:
        yield NewEntry(Tag.PERSON_JOINED, self.person.id, detail={"generation": self.person.generation})


@dataclass(frozen=True, slots=True)
class RolesChanged(Event):
    """One person's roles are others than before, by the roles file."""

    person: Person

    def entries(self) -> Iterable[NewEntry]:
        person = self.person
        yield NewEntry(
            Tag.ROLES_LOADED,
            subject=person.id,
            detail={"roles": sorted(person.roles), "generation": person.generation, "active": person.active},
        )


@dataclass(frozen=True, slots=True)
class RolesLoaded(Event):
    people: int
    """How many are others than before."""
    file_hash: str
    """SHA-256, hex."""

    def entries(self) -> Iterable[NewEntry]:
        yield NewEntry(Tag.ROLES_LOADED, detail={"people": self.people, "file": self.file_hash})


@dataclass(frozen=True, slots=True)
class PolicyLoaded(Event):
    file_hash: str

    def entries(self) -> Iterable[NewEntry]:
        yield NewEntry(Tag.POLICY_LOADED, detail={"file": self.file_hash})


@dataclass(frozen=True, slots=True)
class SettingsLoaded(Event):
    facts: Mapping[str, str | bool] = field(hash=False)
    """No secrets."""

    def entries(self) -> Iterable[NewEntry]:
        yield NewEntry(Tag.SETTINGS_LOADED, detail=dict(self.facts))


@dataclass(frozen=True, slots=True)
class DirectoryCompared(Event):
    """Everybody with roles was asked about today."""

    asked: int
    gone: int
    out_of_sight: int

    def entries(self) -> Iterable[NewEntry]:
        detail = {"asked": self.asked, "gone": self.gone, "out_of_sight": self.out_of_sight}
        yield NewEntry(Tag.DIRECTORY_COMPARED, detail=detail)
