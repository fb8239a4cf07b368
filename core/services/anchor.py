"""A copy of the log's head outside the database: in the approvers' chats, once a day."""

from datetime import tzinfo

from core.domain.audit import Event, Tag
from core.domain.policy import WorkingHours
from core.ports.store import UnitOfWork

JOB = "anchor"


def take_day(uow: UnitOfWork, zone: tzinfo, hours: WorkingHours) -> bool:
    """True for the one process that posts today's head, in the last working hour, when the day is in the log."""
    head, local = uow.audit.head(), uow.now().astimezone(zone)
    if (
        not head.seq
        or local.hour < hours.end.hour - 1
        or not uow.reminders.claim_slot(JOB, local.date().isoformat())
    ):
        return False
    uow.audit.append(Event(Tag.ANCHOR_POSTED, detail={"seq": head.seq, "hash": head.hash}))
    return True
