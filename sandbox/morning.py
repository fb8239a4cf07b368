"""When the demo's world begins: on a working morning from which a month's jump lands on a working day as well.

Reminders are sent in working hours only; who tries the demo at night should still get one after +30天.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar

ZONE = ZoneInfo("Asia/Shanghai")
JUMP = timedelta(days=30)
OPENS, CLOSES, BEGINS = 9, 16, 10


def lead_to_morning(now: datetime) -> float:
    """Seconds to add to real time; 0 when this very moment will do."""
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
    except NotImplementedError:  # the table does not know that year yet
        return moment.weekday() < 5  # Monday to Friday
