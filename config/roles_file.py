"""Reads the `ROLES_FILE`; `config/roles.toml` documents every key and holds the defaults."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationError

from config.faults import Table, faults_of, heading
from core.domain.errors import ConfigError
from core.domain.people import Language, Person, PersonId, Right, Role, RoleRights, person_id
from core.domain.roster import Roster, circles


def _userid(written: str) -> str:
    """Returns the user id as written. Raises ValueError unless its canonical form fits WeCom's (path/90195)."""
    if re.fullmatch(r"[a-z0-9][a-z0-9_\-@.]{0,63}", person_id(written)):
        return written.strip()
    raise ValueError(
        "an id has 1 to 64 letters, digits or _ - @ . and starts with a letter or digit · "
        "账号是 1 到 64 个字母、数字或 _ - @ .，以字母或数字开头"
    )


_NAMED = Field(strict=False)
"""For enums, whose members the file writes as text; strict reading would refuse that."""


class _Grant(Table):
    rights: list[Annotated[Right, _NAMED]]


class _Member(Table):
    roles: list[Annotated[Role, _NAMED]]
    name: str = ""
    leader: str = ""
    language: Annotated[Language | None, _NAMED] = None
    generation: Annotated[int, Field(ge=1, le=100_000)] = 1


class _File(Table):
    people: dict[Annotated[str, AfterValidator(_userid)], _Member] = Field(default_factory=dict)
    roles: dict[Annotated[Role, _NAMED], _Grant] = Field(default_factory=dict)


def roster_from(
    text: Mapping[str, object], defaults: Mapping[str, object], language: Language = Language.ZH
) -> Roster:
    """Returns the people of a file and what each role grants; `defaults` grant for the roles it leaves out.

    `language` is for people whose entry names none. Raises ConfigError naming every fault.
    """
    faults = list(_faults_between(text.get("people")))
    try:
        given, shipped = _File.model_validate(text), _File.model_validate(defaults)
    except ValidationError as error:
        raise ConfigError("roles", faults_of(error) + faults) from error  # all of them at once
    if faults:
        raise ConfigError("roles", faults)
    people = tuple(_person(userid, member, language) for userid, member in given.people.items())
    roles = {**shipped.roles, **given.roles}
    return Roster(people, RoleRights({role: frozenset(grant.rights) for role, grant in roles.items()}))


def _person(userid: str, member: _Member, language: Language) -> Person:
    return Person(
        id=person_id(userid),
        userid=userid,
        name=member.name.strip() or userid,
        roles=frozenset(member.roles),
        leader=person_id(member.leader) or None,
        language=member.language or language,
        generation=member.generation,
    )


def _faults_between(people: object) -> Iterator[str]:
    """Yields the faults between people: one person twice, an unknown leader, leaders in a circle.

    It reads the unchecked text, so that a fault inside an entry does not hide one between entries.
    """
    headings: dict[PersonId, str] = {}
    leaders: dict[PersonId, PersonId] = {}
    for userid, entry in people.items() if isinstance(people, Mapping) else ():
        here, who = heading("people", userid), person_id(userid)
        if who in headings:
            one = "one person, WeCom ids ignore case · 是同一人，企业微信账号不分大小写"
            yield f"{here} = {headings[who]}: {one}"
        headings[who] = here
        # Anything may stand here, as the text is not checked.
        leader = entry.get("leader") if isinstance(entry, Mapping) else None
        if isinstance(leader, str) and leader.strip():
            leaders[who] = person_id(leader)
    for who, leader in leaders.items():
        if leader not in headings:
            yield f"{headings[who]}: leader {leader!r} is nobody in this file · 文件里没有这位上级"
    for circle in circles(leaders):
        names = " → ".join([*circle, circle[0]])
        yield f"{headings[circle[0]]}: leaders go in a circle · 上级绕成了圈: {names}"
