"""Holds the members of the pretend corp, who come from a roles file, or are five by default.

The file is the bot's own, but it is read as data only: nothing of the bot is imported.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.errors import Refused
from sandbox.settings import SAMPLES

_USERID = re.compile(r"[0-9A-Za-z_\-@.]{1,64}")


@dataclass(slots=True)
class Person:
    """One member. `visible` is false outside the app's visible range; `status` is that of user/get (5 = left)."""

    userid: str
    name: str
    roles: tuple[str, ...] = ()
    leader: str = ""
    visible: bool = True
    status: int = 1

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.userid,
            "name": self.name,
            "roles": list(self.roles),
            "leader": self.leader,
            "visible": self.visible,
            "status": self.status,
        }


class People:
    """The members by userid. A look-up ignores case; the userid is kept as it was first written."""

    def __init__(self, roles_file: str = "") -> None:
        self._by_id: dict[str, Person] = {}
        path = Path(roles_file) if roles_file else SAMPLES / "roles.toml"
        for userid, data in tomllib.loads(path.read_text(encoding="utf-8")).get("people", {}).items():
            self.add(
                Person(
                    userid,
                    str(data.get("name", userid)),
                    tuple(data.get("roles", ())),
                    str(data.get("leader", "")),
                )
            )

    def add(self, person: Person) -> None:
        if not _USERID.fullmatch(person.userid):
            raise Refused("a userid is 1 to 64 of letters, digits and _-@.", 400)
        self._by_id[person.userid.lower()] = person

    def find(self, userid: str) -> Person | None:
        return self._by_id.get(userid.strip().lower())

    def get(self, userid: str) -> Person:
        """Returns the person. Raises Refused with 404 when there is none."""
        person = self.find(userid)
        if person is None:
            raise Refused(f"nobody is called {userid}", 404)
        return person

    def in_range(self) -> list[Person]:
        """Returns everybody whom the app may see and write to."""
        return [person for person in self if person.visible and person.status == 1]

    def __iter__(self) -> Iterator[Person]:
        # Over a copy, so that a loop may add people.
        return iter(list(self._by_id.values()))
