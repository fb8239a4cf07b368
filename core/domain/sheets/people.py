"""The members that a sheet names, by user id or by a name that only one member has."""

import re
from collections.abc import Iterable

from core.domain.people import Person, PersonId, person_id
from core.domain.sheets.faults import CellFault, Fault

# The form of a WeCom user id (WeCom documents, path/90195), in lower case as in the canonical form.
_USERID = re.compile(r"[a-z0-9][a-z0-9_.@-]{0,63}", re.ASCII)


class Directory:
    def __init__(self, people: Iterable[Person] = ()) -> None:
        self._ids: set[PersonId] = set()
        self._by_name: dict[str, set[PersonId]] = {}
        for person in people:
            self._ids.add(person.id)
            # `person_id` folds width and case of names as well, so that they are compared like ids.
            self._by_name.setdefault(person_id(person.name), set()).add(person.id)

    def owner(self, text: str) -> PersonId:
        """Returns the id of a customer's owner. Raises CellFault when the text names nobody, or several people.

        A well-formed id that nobody has yet is kept, because members may join later than their customers.
        """
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
        """Returns the id of a record's author, or the name as written when it cannot be told who that is."""
        try:
            return self.owner(text)
        except CellFault:
            return text
