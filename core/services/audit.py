"""Posts the log's head outside the database, and raises the alarm when the log does not hold."""

from datetime import timedelta, tzinfo

from core.domain.events.log import HeadPosted, LogBroken
from core.domain.policy import WorkingHours
from core.ports.store import UnitOfWork

POSTING = "anchor"
ALARM = "alarm_log"
"""The names of the two jobs whose slots are claimed here (`Reminders.claim_slot`)."""
ALARM_EVERY = timedelta(hours=1)


def post_head(uow: UnitOfWork, zone: tzinfo, hours: WorkingHours) -> list[HeadPosted]:
    """Returns today's head, in the last working hour and once over all processes; else nothing."""
    head, local = uow.audit.head(), uow.now.astimezone(zone)
    if not head.seq or local.hour < hours.end.hour - 1:  # seq 0: the log is still empty
        return []
    # Claimed last: a claim is kept, so one that was made before the last hour would use up the day.
    if not uow.reminders.claim_slot(POSTING, local.date().isoformat()):
        return []
    return [HeadPosted(head)]


def report_broken(uow: UnitOfWork) -> list[LogBroken]:
    """Returns the alarm at most once an hour over all processes; else nothing."""
    # The hours since 1970, so that all processes give the same hour the same name.
    slot = int(uow.now.timestamp() // ALARM_EVERY.total_seconds())
    return [LogBroken()] if uow.reminders.claim_slot(ALARM, str(slot)) else []
