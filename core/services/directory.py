"""Compares the people who have roles with WeCom's directory once a day, and marks the day as compared.

WeCom reports each member who leaves, but such a callback can be lost.
"""

from datetime import tzinfo

from core.domain.events.people import DirectoryCompared
from core.domain.people import Person
from core.ports.store import UnitOfWork

JOB, TRY = "directory", "directory try"
"""The names of two jobs: a slot of JOB is a day that was compared, a slot of TRY an hour in which it was tried.

So a comparison that breaks off is tried again in the next hour.
"""


def is_due(uow: UnitOfWork, zone: tzinfo) -> bool:
    """Returns whether today's comparison was not made yet and not tried in this hour."""
    day, hour = _slots(uow, zone)
    return not uow.reminders.slot_taken(JOB, day) and not uow.reminders.slot_taken(TRY, hour)


def claim_comparison(uow: UnitOfWork, zone: tzinfo) -> tuple[Person, ...]:
    """Returns the people to ask about, to the one process that claims this hour; to all others nobody."""
    # Asked again, now in a transaction that writes: another process may have finished the day meanwhile.
    if not is_due(uow, zone) or not uow.reminders.claim_slot(TRY, _slots(uow, zone)[1]):
        return ()
    return tuple(person for person in uow.people.everybody() if person.active and person.roles)


def compared(uow: UnitOfWork, zone: tzinfo, asked: int, gone: int, out_of_sight: int) -> list[DirectoryCompared]:
    """Marks today's comparison as made. The numbers are of people: asked about, gone, and not visible to the app.

    Call it only when everybody was asked about, since nobody tries again on a day that is marked.
    """
    claimed = uow.reminders.claim_slot(JOB, _slots(uow, zone)[0])
    return [DirectoryCompared(asked, gone, out_of_sight)] if claimed else []


def _slots(uow: UnitOfWork, zone: tzinfo) -> tuple[str, str]:
    local = uow.now.astimezone(zone)
    return local.date().isoformat(), local.strftime("%Y-%m-%dT%H")
