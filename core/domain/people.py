"""Who somebody is and what their roles let them do."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

PersonId = NewType("PersonId", str)
"""The one canonical form of a WeCom user id, which ignores case (WeCom documents, path/90196)."""


def person_id(userid: str) -> PersonId:
    """`ZhangSan`, `zhangsan ` and full-width `ｚｈａｎｇｓａｎ` are one person."""
    return PersonId(unicodedata.normalize("NFKC", userid).strip().casefold())


class Role(StrEnum):
    REP = "rep"
    LEAD = "lead"
    APPROVER = "approver"
    ADMIN = "admin"
    AUDITOR = "auditor"


class Right(StrEnum):
    """What a route may demand."""

    HELP = "help"
    VIEW = "view"
    VOID = "void"
    ARCHIVE = "archive"
    DELETE = "delete"
    RESTORE = "restore"
    PURGE = "purge"
    GROUPS = "groups"
    APPROVE = "approve"
    AUDIT = "audit"
    ADMIN = "admin"


class Language(StrEnum):
    ZH = "zh"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Person:
    id: PersonId
    userid: str
    """As WeCom spells it; used when sending."""
    name: str
    roles: frozenset[Role] = field(default_factory=frozenset)
    leader: PersonId | None = None
    active: bool = True
    language: Language = Language.ZH
    generation: int = 1
    """Grows when a left person's id is given to somebody new: old grants and votes do not carry over."""

    def has(self, role: Role) -> bool:
        return self.active and role in self.roles


@dataclass(frozen=True, slots=True)
class RoleRights:
    """What each role grants; data from the `[roles]` part of the roles file."""

    grants: Mapping[Role, frozenset[Right]]

    def allows(self, person: Person | None, right: Right) -> bool:
        """The one question the gate asks."""
        if person is None or not person.active:
            return False
        return any(right in self.grants.get(role, frozenset()) for role in person.roles)

    def of(self, person: Person | None) -> frozenset[Right]:
        """All that this person may do."""
        if person is None or not person.active:
            return frozenset()
        return frozenset().union(*(self.grants.get(role, frozenset()) for role in person.roles))


@dataclass(frozen=True, slots=True)
class Sight:
    """Whose records a person sees: reps their own, leads their people's too, admins and auditors all."""

    everything: bool = False
    owners: frozenset[PersonId] = field(default_factory=frozenset)

    def includes(self, owner: PersonId | None) -> bool:
        return self.everything or (owner is not None and owner in self.owners)


def sight_of(person: Person, everybody: Iterable[Person]) -> Sight:
    if person.has(Role.ADMIN) or person.has(Role.AUDITOR):
        return Sight(everything=True)
    owners = {person.id}
    if person.has(Role.LEAD):
        owners |= _people_below(person.id, tuple(everybody))
    return Sight(owners=frozenset(owners))


def _people_below(leader: PersonId, everybody: tuple[Person, ...]) -> set[PersonId]:
    found: set[PersonId] = set()
    level = {leader}
    while level:
        level = {p.id for p in everybody if p.leader in level} - found - {leader}
        found |= level
    return found
