"""People, their roles, and the rights that roles grant."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

PersonId = NewType("PersonId", str)
"""The canonical form of a WeCom user id. WeCom ignores the case of ids (WeCom documents, path/90196)."""


def person_id(userid: str) -> PersonId:
    """Returns the canonical id: `ZhangSan`, `zhangsan ` and full-width `ｚｈａｎｇｓａｎ` are one person."""
    return PersonId(unicodedata.normalize("NFKC", userid).strip().casefold())


class Role(StrEnum):
    REP = "rep"
    LEAD = "lead"
    APPROVER = "approver"
    ADMIN = "admin"
    AUDITOR = "auditor"


class Right(StrEnum):
    """The rights that roles grant and routes demand."""

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
    """The user id as WeCom spells it; messages are addressed with it."""
    name: str
    roles: frozenset[Role] = field(default_factory=frozenset)
    leader: PersonId | None = None
    active: bool = True
    language: Language = Language.ZH
    generation: int = 1
    """Grows when the id of a person who has left is used again: roles and votes do not pass to its new holder."""

    def has(self, role: Role) -> bool:
        return self.active and role in self.roles  # a member who has left keeps a row, but no role counts


@dataclass(frozen=True, slots=True)
class RoleRights:
    """The rights that each role grants, from the `[roles]` part of the roles file."""

    grants: Mapping[Role, frozenset[Right]]

    def allows(self, person: Person | None, right: Right) -> bool:
        """Returns whether a person has a right: the one question that the gate asks."""
        if person is None or not person.active:
            return False
        return any(right in self.grants.get(role, frozenset()) for role in person.roles)

    def of(self, person: Person | None) -> frozenset[Right]:
        """Returns all rights of a person."""
        if person is None or not person.active:
            return frozenset()
        return frozenset().union(*(self.grants.get(role, frozenset()) for role in person.roles))


@dataclass(frozen=True, slots=True)
class Sight:
    """The owners whose records a person may see.

    A rep sees their own records, a lead also those of their people, an admin or auditor all of them.
    """

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
        # Without those already found, so that the loop ends even if leaders form a circle.
        level = {p.id for p in everybody if p.leader in level} - found - {leader}
        found |= level
    return found
