"""The members of the pretend corp: from a roles file (read as data only), or five by default."""

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
    """One member. `visible` is false outside the app's visible range, `status` as in user/get (5 = left)."""

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
    """Members by userid; case does not matter in a look-up and is kept as first written."""

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
        """The person, or Refused with 404."""
        person = self.find(userid)
        if person is None:
            raise Refused(f"nobody is called {userid}", 404)
        return person

    def in_range(self) -> list[Person]:
        """Everybody the app may see and write to."""
        return [person for person in self if person.visible and person.status == 1]

    def __iter__(self) -> Iterator[Person]:
        return iter(list(self._by_id.values()))
