"""Tells when people may be disturbed: in working hours of Chinese working days.

A Saturday that is worked in exchange for a holiday is a working day too.
"""

from datetime import date, datetime, timedelta, tzinfo

import chinese_calendar

from core.domain.policy import WorkingHours

FRIDAY = 4  # as `date.weekday` counts
ONE_DAY = timedelta(days=1)
LAST_HOUR = timedelta(hours=1)
FIXED_HOLIDAYS = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
"""(month, day) of 元旦, 劳动节 and 国庆 (全国年节及纪念日放假办法, 2024); the other holidays follow the moon."""


def is_working_time(moment: datetime, zone: tzinfo, hours: WorkingHours) -> bool:
    local = moment.astimezone(zone)
    return hours.start <= local.time() < hours.end and is_working_day(local.date())


def is_working_day(day: date) -> bool:
    """Returns whether a day is a working day by the State Council's table of holidays.

    A year that is not in the table yet has plain weekends and the fixed holidays.
    """
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:  # raised for a year that is not in the table
        return day.weekday() <= FRIDAY and (day.month, day.day) not in FIXED_HOLIDAYS


def last_call(moment: datetime, zone: tzinfo, hours: WorkingHours) -> datetime | None:
    """Returns when work begins again, if `moment` is in the last hour of a working day; otherwise None."""
    if not is_working_time(moment, zone, hours) or is_working_time(moment + LAST_HOUR, zone, hours):
        return None
    day = moment.astimezone(zone).date() + ONE_DAY
    while not is_working_day(day):
        day += ONE_DAY
    return datetime.combine(day, hours.start, zone)
