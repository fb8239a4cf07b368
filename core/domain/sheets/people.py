"""Members as sheets name them: by user id, or by name where only one has it."""

import re
from collections.abc import Iterable

from core.domain.people import Person, PersonId, person_id
from core.domain.sheets.faults import CellFault, Fault

_USERID = re.compile(r"[a-z0-9][a-z0-9_.@-]{0,63}", re.ASCII)
"""What a WeCom user id may look like (WeCom documents, path/90195), in canonical form."""


class Directory:
    def __init__(self, people: Iterable[Person] = ()) -> None:
        self._ids: set[PersonId] = set()
        self._by_name: dict[str, set[PersonId]] = {}
        for person in people:
            self._ids.add(person.id)
            self._by_name.setdefault(person_id(person.name), set()).add(person.id)

    def owner(self, text: str) -> PersonId:
        """An id nobody has yet is kept: members join later than their customers. Raises CellFault."""
        canonical = person_id(text)
        if canonical in self._ids:
            return canonical
        named = self._by_name.get(canonical, set())
        if len(named) > 1:
            raise CellFault(Fault.TWO_PEOPLE)
        if named:
            return next(iter(named))
        if not _USERID.fullmatch(canonical):
            raise CellFault(Fault.UNKNOWN_PERSON)
        return canonical

    def author(self, text: str) -> str:
        """As `owner`; whoever cannot be told keeps the name as written."""
        try:
            return self.owner(text)
        except CellFault:
            return text
