"""The people to be told, with the language, the names and the button keys of each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from cards.keys import CardKeys, KeyRing
from cards.outcomes import end_notice
from cards.views import Names, Viewer
from core.domain.operation.operation import Operation
from core.domain.people import Person, PersonId
from core.ports.store import UnitOfWork
from notify.post import text_to

UNDO_KEY_LIFE = timedelta(days=366)
"""How long the buttons of a card work when its operation has no term."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Looks people up and prepares what their cards need."""

    keys: KeyRing
    zone: tzinfo

    def viewer(self, uow: UnitOfWork, person: Person) -> Viewer:
        return Viewer(person.language, self.zone, uow.now)

    def people(self, uow: UnitOfWork, ids: Iterable[PersonId]) -> list[Person]:
        """Returns those of the people who are still members: nobody else is told anything."""
        # An id in a list of approvers may be that of somebody who has left since.
        wanted = list(ids)
        found = uow.people.get_all(wanted)
        return [found[id_] for id_ in wanted if id_ in found and found[id_].active]

    def names(self, uow: UnitOfWork, ids: tuple[PersonId, ...]) -> tuple[str, ...]:
        """Returns the names in the order of `ids`; an unknown person is named by the id."""
        known = uow.people.names(ids)
        return tuple(known.get(person, str(person)) for person in ids)

    def voters(self, uow: UnitOfWork, operation: Operation) -> Names:
        return uow.people.names(vote.person for vote in operation.votes)

    def keys_for(self, operation: Operation, person: Person, expires: datetime | None = None) -> CardKeys:
        """Returns keys that are bound to this person, and to the operation as it is in this round."""
        until = expires or operation.expires_at or operation.created_at + UNDO_KEY_LIFE
        return self.keys.for_card(
            person.id,
            until,
            operation=operation.number,
            fingerprint=operation.targets.fingerprint,
            round_=operation.round,
        )

    def notice(self, uow: UnitOfWork, operation: Operation, to: PersonId) -> None:
        """Tells a person in one sentence how the operation ended."""
        for person in self.people(uow, [to]):
            uow.outbox.send(text_to(person.id, end_notice(self.viewer(uow, person), operation), operation))
