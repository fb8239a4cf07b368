"""Who is who and which role grants what: the contents of a roles file."""

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
