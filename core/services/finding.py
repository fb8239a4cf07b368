"""Finds records, limited to those that a person may see."""

from core.domain.actions import Action, LifeStatus, allowed_from
from core.domain.people import Person, Role, Sight, sight_of
from core.domain.records import Hits, Kind
from core.ports.crm import Reader, SearchQuery
from core.ports.store import Transactions

EVERY_LIVING_STATUS = frozenset(LifeStatus) - {LifeStatus.PURGED}


async def sight(db: Transactions, person: Person) -> Sight:
    """Returns whose records a person may see: a rep's own, for leads those of their people, for others all."""
    if not person.has(Role.LEAD):  # what the others see does not depend on who else there is
        return sight_of(person, ())
    return await db.read(lambda uow: sight_of(person, uow.people.everybody()))


async def find(crm: Reader, seen_by: Sight, text: str, kind: Kind, *, for_action: Action | None = None) -> Hits:
    """Returns the hits within `seen_by`.

    With `for_action`, only records that this action can be done to: 作废 does not offer voided ones.
    """
    statuses = allowed_from(for_action) if for_action else EVERY_LIVING_STATUS
    return await crm.search(SearchQuery(text=text, kind=kind, sight=seen_by, statuses=statuses))
