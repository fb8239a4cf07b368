"""Who is who and which role grants what, read from the `ROLES_FILE`; `config/roles.toml` documents every key."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core.domain.errors import ConfigError
from core.domain.people import Language, Person, PersonId, Right, Role, RoleRights, person_id

_ID = re.compile(r"[a-z0-9][a-z0-9_\-@.]{0,63}")
"""WeCom's charset for user ids (path/90195), in our canonical form."""
_KEYS = {"name", "roles", "leader", "language", "generation"}


@dataclass(frozen=True, slots=True)
class Roster:
    people: tuple[Person, ...]
    rights: RoleRights


def roster_from(
    text: Mapping[str, object], defaults: Mapping[str, object], language: Language = Language.ZH
) -> Roster:
    """Read a roles file; roles it leaves out come from `defaults`. Raises ConfigError naming every fault."""
    faults = [f"[{name}]: unknown section · 没有这一节" for name in text if name not in {"people", "roles"}]
    granted = _grants(_table(defaults.get("roles"), "roles", faults), faults)
    granted |= _grants(_table(text.get("roles"), "roles", faults), faults)
    people = _people(_table(text.get("people"), "people", faults), language, faults)
    faults += _leader_faults(people)
    if faults:
        raise ConfigError("roles", faults)
    return Roster(tuple(people.values()), RoleRights(granted))


def _table(value: object, where: str, faults: list[str]) -> Mapping[str, object]:
    if value is None:
        return {}
    if isinstance(value, Mapping):
        return value
    faults.append(f"[{where}]: must be a table · 应是一张表")
    return {}


def _grants(table: Mapping[str, object], faults: list[str]) -> dict[Role, frozenset[Right]]:
    grants: dict[Role, frozenset[Right]] = {}
    for name, given in table.items():
        where = f"roles.{name}"
        if name not in list(Role):
            faults.append(f"[{where}]: unknown role, the roles are · 没有这个角色，可用的有: {', '.join(Role)}")
            continue
        row = _table(given, where, faults)
        faults += [f"[{where}] {key!r}: unknown key · 没有这个键" for key in row if key != "rights"]
        rights = _names(row.get("rights"), "rights", where, faults)
        unknown = [right for right in rights if right not in list(Right)]
        faults += [_unknown_right(where, right) for right in unknown]
        grants[Role(name)] = frozenset(Right(right) for right in rights if right not in unknown)
    return grants


def _people(table: Mapping[str, object], language: Language, faults: list[str]) -> dict[PersonId, Person]:
    people: dict[PersonId, Person] = {}
    for userid, given in table.items():
        where, found = f"people.{userid}", person_id(userid)
        if not _ID.fullmatch(found):
            faults.append(
                f"[{where}]: an id has 1 to 64 letters, digits or _ - @ . and starts with a letter or digit · "
                "账号是 1 到 64 个字母、数字或 _ - @ .，以字母或数字开头"
            )
        elif found in people:
            faults.append(
                f"[{where}] = [people.{people[found].userid}]: one person, WeCom ids ignore case · "
                "是同一人，企业微信账号不分大小写"
            )
        else:
            people[found] = _person(userid, _table(given, where, faults), language, where, faults)
    return people


def _person(userid: str, row: Mapping[str, object], language: Language, where: str, faults: list[str]) -> Person:
    faults += [f"[{where}] {key!r}: unknown key · 没有这个键" for key in row if key not in _KEYS]
    roles = _names(row.get("roles"), "roles", where, faults)
    unknown = [role for role in roles if role not in list(Role)]
    faults += [_unknown_role(where, role) for role in unknown]
    speaks = row.get("language", language)
    if speaks not in list(Language):
        faults.append(f"[{where}] language: write zh or en · 写 zh 或 en")
        speaks = language
    leader = _text(row.get("leader"), "leader", where, faults)
    return Person(
        id=person_id(userid),
        userid=userid.strip(),
        name=_text(row.get("name"), "name", where, faults) or userid.strip(),
        roles=frozenset(Role(role) for role in roles if role not in unknown),
        leader=person_id(leader) if leader else None,
        language=Language(str(speaks)),
        generation=_generation(row.get("generation", 1), where, faults),
    )


def _unknown_role(where: str, role: str) -> str:
    return f"[{where}] {role!r}: unknown role, the roles are · 没有这个角色，可用的有: {', '.join(Role)}"


def _unknown_right(where: str, right: str) -> str:
    return f"[{where}] {right!r}: unknown right, the rights are · 没有这个权限，可用的有: {', '.join(Right)}"


def _names(value: object, key: str, where: str, faults: list[str]) -> list[str]:
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return value
    faults.append(f'[{where}] {key}: write a list such as · 写成列表，如 {key} = ["…"]')
    return []


def _text(value: object, key: str, where: str, faults: list[str]) -> str:
    if value is None or isinstance(value, str):
        return (value or "").strip()
    faults.append(f"[{where}] {key}: write text in quotes · 写带引号的文字")
    return ""


def _generation(value: object, where: str, faults: list[str]) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        return value
    faults.append(f"[{where}] generation: write a whole number, 1 or more · 写 1 或更大的整数")
    return 1


def _leader_faults(people: Mapping[PersonId, Person]) -> Iterator[str]:
    for person in people.values():
        if person.leader is not None and person.leader not in people:
            yield f"[people.{person.userid}]: leader {person.leader!r} is nobody in this file · 文件里没有这位上级"
    in_a_named_cycle: set[PersonId] = set()
    for person in people.values():
        cycle = _cycle_from(person, people)
        if cycle and not in_a_named_cycle.intersection(cycle):
            in_a_named_cycle.update(cycle)
            circle = " → ".join([*cycle, cycle[0]])
            yield f"[people.{person.userid}]: leaders go in a circle · 上级绕成了圈: {circle}"


def _cycle_from(person: Person, people: Mapping[PersonId, Person]) -> list[PersonId]:
    """The people of the circle that starts and ends at `person`; empty when there is none."""
    path = [person.id]
    while True:
        above = people.get(path[-1])
        if above is None or above.leader is None:
            return []
        if above.leader == person.id:
            return path
        if above.leader in path:
            return []
        path.append(above.leader)
