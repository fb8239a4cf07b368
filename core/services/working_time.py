"""When people may be disturbed: working hours of Chinese working days, made-up Saturdays included."""

from datetime import date, datetime, tzinfo

import chinese_calendar

from core.domain.policy import WorkingHours

FRIDAY = 4


def is_working_time(moment: datetime, zone: tzinfo, hours: WorkingHours) -> bool:
    local = moment.astimezone(zone)
    return hours.start <= local.time() < hours.end and is_working_day(local.date())


def is_working_day(day: date) -> bool:
    """By the State Council's holiday table; a year it does not know yet has plain weekends."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() <= FRIDAY
