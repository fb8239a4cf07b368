"""Once a day: are the people with roles still members? WeCom's word of a leaving can be lost on its way."""

from datetime import tzinfo

from core.domain.events.people import DirectoryCompared
from core.domain.people import Person
from core.ports.store import UnitOfWork

JOB, TRY = "directory", "directory try"
"""The day that was compared, and the hour in which it was tried: what breaks off is begun again an hour on."""


def is_due(uow: UnitOfWork, zone: tzinfo) -> bool:
    """Whether today's comparison is still to be made, and not tried in this hour."""
    day, hour = _slots(uow, zone)
    return not uow.reminders.slot_taken(JOB, day) and not uow.reminders.slot_taken(TRY, hour)


def claim_comparison(uow: UnitOfWork, zone: tzinfo) -> tuple[Person, ...]:
    """Whom to ask about, for the one process that asks in this hour; nobody for the others."""
    if not is_due(uow, zone) or not uow.reminders.claim_slot(TRY, _slots(uow, zone)[1]):
        return ()
    return tuple(person for person in uow.people.everybody() if person.active and person.roles)


def compared(uow: UnitOfWork, zone: tzinfo, asked: int, gone: int, out_of_sight: int) -> list[DirectoryCompared]:
    """Everybody was asked about: done for today."""
    claimed = uow.reminders.claim_slot(JOB, _slots(uow, zone)[0])
    return [DirectoryCompared(asked, gone, out_of_sight)] if claimed else []


def _slots(uow: UnitOfWork, zone: tzinfo) -> tuple[str, str]:
    local = uow.now.astimezone(zone)
    return local.date().isoformat(), local.strftime("%Y-%m-%dT%H")
