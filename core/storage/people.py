"""Stores the people the bot knows, and the rights that each role grants."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select, text, update

from core.domain.people import Language, Person, PersonId, Right, Role, RoleRights
from core.storage.seals import RowSeals
from core.storage.tables import grants, people
from core.storage.upsert import upsert

# Two PostgreSQL lock modes: SHARE ROW EXCLUSIVE conflicts with both of them, ROW EXCLUSIVE not with itself. So
# many transactions can use people and rights at the same time, and one that changes them waits until it is alone.
_ALONE = text("LOCK TABLE people, grants IN SHARE ROW EXCLUSIVE MODE")
HOLD_PEOPLE = text("LOCK TABLE grants IN ROW EXCLUSIVE MODE")
"""Keeps people and rights as they are until the transaction ends: nobody can leave or lose a right."""


@dataclass
class SqlPeople:
    """People, and what each role grants. A row whose seal does not hold counts as not there."""

    _connection: Connection
    _seals: RowSeals

    def get(self, person: PersonId) -> Person | None:
        found = self._seals.sound(people, self._connection.execute(select(people).where(people.c.id == person)))
        return _person(found[0]) if found else None

    def get_all(self, ids: Iterable[PersonId]) -> dict[PersonId, Person]:
        wanted = sorted(set(ids))
        if not wanted:
            return {}
        rows = self._seals.sound(people, self._connection.execute(select(people).where(people.c.id.in_(wanted))))
        return {PersonId(row.id): _person(row) for row in rows}

    def everybody(self) -> tuple[Person, ...]:
        rows = self._seals.sound(people, self._connection.execute(select(people).order_by(people.c.id)))
        return tuple(map(_person, rows))

    def names(self, ids: Iterable[PersonId | None]) -> dict[PersonId, str]:
        known = self.get_all(person for person in ids if person is not None)
        return {person.id: person.name for person in known.values()}

    def with_role(self, *roles: Role) -> tuple[Person, ...]:
        if not roles:
            return ()
        # The roles of a person are one text. LIKE finds whoever may have one; below, whole names decide.
        near = or_(*(people.c.roles.contains(role.value) for role in roles))
        rows = self._connection.execute(select(people).where(people.c.active, near).order_by(people.c.id))
        found = map(_person, self._seals.sound(people, rows))
        return tuple(person for person in found if not person.roles.isdisjoint(roles))

    def who_may(self, right: Right) -> tuple[Person, ...]:
        return self.with_role(*(role for role, held in self.rights().grants.items() if right in held))

    def put(self, person: Person) -> None:
        row = {
            "id": person.id,
            "userid": person.userid,
            "name": person.name,
            "roles": ",".join(sorted(person.roles)),
            "leader": person.leader,
            "active": person.active,
            "language": person.language,
            "generation": person.generation,
        }
        upsert(self._connection, people, [self._seals.sealed(people, row)], key=("id",))

    def seal_all(self) -> int:
        self._seals.seal_all(grants)
        return self._seals.seal_all(people)

    def speak(self, person: PersonId, language: Language) -> None:
        # Not by `put`, which would write back the whole person as it was when it was read.
        self._connection.execute(update(people).where(people.c.id == person).values(language=language))

    def lock_all(self) -> None:
        if self._connection.dialect.name == "postgresql":  # SQLite has one writer anyway
            self._connection.execute(_ALONE)

    def rights(self) -> RoleRights:
        sound = self._seals.sound(grants, self._connection.execute(select(grants)))
        return _rights(sound)

    def put_rights(self, rights: RoleRights) -> None:
        # All are replaced: a right that the roles file no longer grants must go.
        self._connection.execute(delete(grants))
        rows = [
            self._seals.sealed(grants, {"role": role, "right": right})
            for role, held in rights.grants.items()
            for right in sorted(held)
        ]
        if rows:
            self._connection.execute(insert(grants), rows)


def _rights(rows: Iterable[Row[Any]]) -> RoleRights:
    found: dict[Role, set[Right]] = {}
    for row in rows:
        found.setdefault(Role(row.role), set()).add(Right(row.right))
    return RoleRights({role: frozenset(rights) for role, rights in found.items()})


def _person(row: Row[Any]) -> Person:
    return Person(
        id=PersonId(row.id),
        userid=row.userid,
        name=row.name,
        roles=frozenset(Role(role) for role in row.roles.split(",") if role),
        leader=PersonId(row.leader) if row.leader else None,
        active=bool(row.active),
        language=Language(row.language),
        generation=row.generation,
    )
