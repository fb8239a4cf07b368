"""Events of people who join or leave, and of the configuration files read at a start."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from core.domain.audit import Detail, NewEntry, Tag
from core.domain.events.event import Event
from core.domain.people import Person


@dataclass(frozen=True, slots=True)
class PersonLeft(Event):
    """A member has left and lost every right at once. Events about the member's open work follow."""

    person: Person
    """The member as before the leaving."""
    manager: Person | None = None
    """The person who goes on with the member's work."""
    ended: int = 0
    """The number of the member's own requests that ended because nobody stands by them any more."""
    found: str = ""
    """What the directory said about the member; empty when WeCom reported the leaving by itself."""

    def entries(self) -> Iterable[NewEntry]:
        detail: Detail = {"generation": self.person.generation}
        # Another tag for a leaving that WeCom did not report and the daily comparison found.
        if self.found:
            yield NewEntry(Tag.PERSON_MISSED, self.person.id, detail={**detail, "found": self.found})
        else:
            yield NewEntry(Tag.PERSON_LEFT, self.person.id, detail=detail)


@dataclass(frozen=True, slots=True)
class PersonJoined(Event):
    """A member who had left is visible to the app again, as a new generation of the user id and without roles."""

    person: Person

    def entries(self) -> Iterable[NewEntry]:
        yield NewEntry(Tag.PERSON_JOINED, self.person.id, detail={"generation": self.person.generation})


@dataclass(frozen=True, slots=True)
class RolesChanged(Event):
    """The roles file has changed the roles of one person."""

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
    """A roles file was loaded."""

    people: int
    """The number of people whom the file has changed."""
    file_hash: str
    """SHA-256, hex."""

    def entries(self) -> Iterable[NewEntry]:
        yield NewEntry(Tag.ROLES_LOADED, detail={"people": self.people, "file": self.file_hash})


@dataclass(frozen=True, slots=True)
class PolicyLoaded(Event):
    """A policy file was loaded."""

    file_hash: str
    """SHA-256, hex."""

    def entries(self) -> Iterable[NewEntry]:
        yield NewEntry(Tag.POLICY_LOADED, detail={"file": self.file_hash})


@dataclass(frozen=True, slots=True)
class SettingsLoaded(Event):
    facts: Mapping[str, str | bool] = field(hash=False)  # a mapping has no hash
    """The settings without their secrets."""

    def entries(self) -> Iterable[NewEntry]:
        yield NewEntry(Tag.SETTINGS_LOADED, detail=dict(self.facts))


@dataclass(frozen=True, slots=True)
class DirectoryCompared(Event):
    """The daily comparison with WeCom's directory has asked about everybody who has a role."""

    asked: int
    """The number of people asked about."""
    gone: int
    """The number of people who have left."""
    out_of_sight: int
    """The number of people who are outside the app's visible range."""

    def entries(self) -> Iterable[NewEntry]:
        detail = {"asked": self.asked, "gone": self.gone, "out_of_sight": self.out_of_sight}
        yield NewEntry(Tag.DIRECTORY_COMPARED, detail=detail)
