"""Posts the log's head outside the database, and raises the alarm when the log does not hold."""

from collections.abc import Iterable
from datetime import timedelta, tzinfo

from core.domain.events.log import (
    OPERATIONS_SEALING,
    PEOPLE_SEALING,
    HeadPosted,
    LogBroken,
    RowsSealed,
    RowUnsound,
    Telling,
)
from core.domain.policy import WorkingHours
from core.domain.seals import Unsound
from core.ports.store import UnitOfWork

POSTING = "anchor"
ALARM = "alarm_log"
UNSOUND = "alarm_unsound"
"""The names of the jobs whose slots are claimed here (`Reminders.claim_slot`)."""
TOLD_AN_HOUR = 10
"""The number of unsound rows in an hour of which people are told; the log has all of them."""
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


def seal_existing(uow: UnitOfWork) -> list[RowsSealed]:
    """Seals the rows of an older version, at the one start after the upgrade; the log tells whether that was done.

    Raises AuditBroken when the entry that tells it was changed.
    """
    sealed: list[RowsSealed] = []
    if not uow.audit.about(PEOPLE_SEALING, 1):
        counts = {"people": uow.people.seal_all(), "inbox": uow.inbox.seal_all()}
        sealed.append(RowsSealed(PEOPLE_SEALING, {**counts, "deliveries": uow.outbox.seal_all()}))
    if not uow.audit.about(OPERATIONS_SEALING, 1):
        sealed.append(RowsSealed(OPERATIONS_SEALING, {"operations": uow.operations.seal_all()}))
    return sealed


def report_unsound(uow: UnitOfWork, rows: Iterable[Unsound]) -> list[RowUnsound]:
    """Returns an event for each row, at most once a day and over all processes.

    People are told of a few each hour: somebody who writes thousands of rows must not drown all other messages.
    """
    day = uow.now.date().isoformat()
    new = [
        row
        for row in dict.fromkeys(rows)
        if uow.reminders.claim_slot(f"unsound:{row.table}", f"{day}:{row.row}"[:64])
    ]
    return [RowUnsound(row, _telling(uow)) for row in new]


def _telling(uow: UnitOfWork) -> Telling:
    hour = _hour(uow)
    if uow.reminders.slot_taken(UNSOUND, f"{hour}:{TOLD_AN_HOUR}"):
        return Telling.NONE
    for number in range(1, TOLD_AN_HOUR):
        if uow.reminders.claim_slot(UNSOUND, f"{hour}:{number}"):
            return Telling.ONE
    return Telling.LAST if uow.reminders.claim_slot(UNSOUND, f"{hour}:{TOLD_AN_HOUR}") else Telling.NONE


def report_broken(uow: UnitOfWork) -> list[LogBroken]:
    """Returns the alarm at most once an hour over all processes; else nothing."""
    return [LogBroken()] if uow.reminders.claim_slot(ALARM, str(_hour(uow))) else []


def _hour(uow: UnitOfWork) -> int:
    """Returns the hours since 1970, so that all processes give the same hour the same name."""
    return int(uow.now.timestamp() // ALARM_EVERY.total_seconds())
