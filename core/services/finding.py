"""Look records up, within what a person may see."""

from core.domain.actions import Action, LifeStatus, allowed_from
from core.domain.people import Person, Role, Sight, sight_of
from core.domain.records import Hits, Kind
from core.ports.crm import Reader, SearchQuery
from core.ports.store import Transactions

EVERY_LIVING_STATUS = frozenset(LifeStatus) - {LifeStatus.PURGED}


async def sight(db: Transactions, person: Person) -> Sight:
    """Reps see their own, leads their people's, admins and auditors all."""
    if not person.has(Role.LEAD):
        return sight_of(person, ())
    return await db.read(lambda uow: sight_of(person, uow.people.everybody()))


async def find(crm: Reader, seen_by: Sight, text: str, kind: Kind, *, for_action: Action | None = None) -> Hits:
    """Hits this person may see. For an action: only records it can be done to, so that 作废 hides the voided."""
    statuses = allowed_from(for_action) if for_action else EVERY_LIVING_STATUS
    return await crm.search(SearchQuery(text=text, kind=kind, sight=seen_by, statuses=statuses))
