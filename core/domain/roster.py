"""People and the rights of roles: the contents of a roles file, which `config/roles_file.py` reads."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core.domain.people import Person, PersonId, RoleRights


@dataclass(frozen=True, slots=True)
class Roster:
    people: tuple[Person, ...]
    rights: RoleRights


def circles(leaders: Mapping[PersonId, PersonId]) -> Iterator[list[PersonId]]:
    """The circles in person → leader, each once; nobody may be, through any number of steps, their own leader."""
    seen: set[PersonId] = set()
    for who in leaders:
        path: list[PersonId] = []
        while who in leaders and who not in seen:
            seen.add(who)
            path.append(who)
            who = leaders[who]  # noqa: PLW2901  # one step up
        if who in path:
            yield path[path.index(who) :]
