"""Finds the time at which the demo begins: a working morning with another working day 30 days later.

Reminders are sent in working hours only. Somebody who tries the demo at night should still get one after the
page's button +30天.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar

ZONE = ZoneInfo("Asia/Shanghai")
JUMP = timedelta(days=30)
OPENS, CLOSES, BEGINS = 9, 16, 10
"""Hours of the day: between the first two the demo begins at once, otherwise at the third."""


def lead_to_morning(now: datetime) -> float:
    """Returns the seconds to add to real time; 0 when the present moment is suitable."""
    local = now.astimezone(ZONE)
    if OPENS <= local.hour < CLOSES and _suits(local):
        return 0.0
    morning = local.replace(hour=BEGINS, minute=0, second=0, microsecond=0)
    if morning <= local:
        morning += timedelta(days=1)
    while not _suits(morning):
        morning += timedelta(days=1)
    return (morning.astimezone(UTC) - now).total_seconds()


def _suits(moment: datetime) -> bool:
    return _works(moment) and _works(moment + JUMP)


def _works(moment: datetime) -> bool:
    try:
        return bool(chinese_calendar.is_workday(moment.date()))
    except NotImplementedError:  # chinese_calendar does not have that year yet
        return moment.weekday() < 5  # Monday to Friday
