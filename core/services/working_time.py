"""When people may be disturbed: working hours of Chinese working days, made-up Saturdays included."""

from datetime import date, datetime, timedelta, tzinfo

import chinese_calendar

from core.domain.policy import WorkingHours

FRIDAY = 4
ONE_DAY = timedelta(days=1)
LAST_HOUR = timedelta(hours=1)
FIXED_HOLIDAYS = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
"""(month, day) of 元旦, 劳动节 and 国庆 (全国年节及纪念日放假办法, 2024); others follow the moon."""


def is_working_time(moment: datetime, zone: tzinfo, hours: WorkingHours) -> bool:
    local = moment.astimezone(zone)
    return hours.start <= local.time() < hours.end and is_working_day(local.date())


def is_working_day(day: date) -> bool:
    """By the State Council's table; a year not in it yet has plain weekends and the fixed holidays."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() <= FRIDAY and (day.month, day.day) not in FIXED_HOLIDAYS


def last_call(moment: datetime, zone: tzinfo, hours: WorkingHours) -> datetime | None:
    """In the last hour of a working day: when work begins again. Before it, and outside of it, None."""
    if not is_working_time(moment, zone, hours) or is_working_time(moment + LAST_HOUR, zone, hours):
        return None
    day = moment.astimezone(zone).date() + ONE_DAY
    while not is_working_day(day):
        day += ONE_DAY
    return datetime.combine(day, hours.start, zone)
