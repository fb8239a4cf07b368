"""The log's head outside the database, and the alarm when the log does not hold."""

from datetime import timedelta, tzinfo

from core.domain.events.log import HeadPosted, LogBroken
from core.domain.policy import WorkingHours
from core.ports.store import UnitOfWork

POSTING = "anchor"
ALARM = "alarm_log"
"""Names of the two jobs whose slots are claimed here."""
ALARM_EVERY = timedelta(hours=1)


def post_head(uow: UnitOfWork, zone: tzinfo, hours: WorkingHours) -> list[HeadPosted]:
    """Today's head, in the last working hour, from the one process that claims the day; else nothing."""
    head, local = uow.audit.head(), uow.now.astimezone(zone)
    if not head.seq or local.hour < hours.end.hour - 1:
        return []
    if not uow.reminders.claim_slot(POSTING, local.date().isoformat()):
        return []
    return [HeadPosted(head)]


def report_broken(uow: UnitOfWork) -> list[LogBroken]:
    """Once an hour over all processes; else nothing."""
    slot = int(uow.now.timestamp() // ALARM_EVERY.total_seconds())
    return [LogBroken()] if uow.reminders.claim_slot(ALARM, str(slot)) else []
