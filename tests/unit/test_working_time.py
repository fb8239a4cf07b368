"""Working time, in which people may be sent reminders."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from core.domain.policy import WorkingHours
from core.services.working_time import is_working_day, is_working_time, last_call

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOURS = WorkingHours(time(9), time(18))


def shanghai(year: int, month: int, day: int, hour: int, minute: int) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 3, 10), True),  # a Tuesday
        (date(2026, 3, 14), False),  # a Saturday
        (date(2026, 3, 15), False),
        (date(2025, 1, 1), False),  # 元旦, a Wednesday
        (date(2025, 1, 28), False),  # 除夕, a Tuesday
        (date(2025, 1, 26), True),  # the Sunday made up for it
        (date(2025, 4, 4), False),  # 清明
        (date(2025, 10, 1), False),  # 国庆
        (date(2025, 10, 8), False),  # its last day, a Wednesday
        (date(2025, 9, 28), True),  # the Sunday made up for it
        (date(2026, 10, 10), True),  # a Saturday made up for 2026
    ],
)
def test_chinese_working_days(day: date, works: bool) -> None:
    """A public holiday is free even on a Tuesday, and a Sunday that makes up for one is a working day."""
    assert is_working_day(day) is works


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2099, 3, 10), True),  # a Tuesday
        (date(2099, 3, 14), False),  # a Saturday
        (date(2099, 1, 1), False),  # 元旦, a Thursday
        (date(2099, 5, 1), False),  # 劳动节, a Friday
        (date(2099, 10, 1), False),  # 国庆, a Thursday
        (date(2099, 10, 2), False),
        (date(2099, 10, 8), True),
    ],
)
def test_a_year_not_announced_yet(day: date, works: bool) -> None:
    """A year that the State Council has not published has plain weekends and the holidays fixed by law."""
    assert is_working_day(day) is works


@pytest.mark.parametrize(
    ("moment", "works"),
    [
        (shanghai(2026, 3, 10, 8, 59), False),
        (shanghai(2026, 3, 10, 9, 0), True),
        (shanghai(2026, 3, 10, 17, 59), True),
        (shanghai(2026, 3, 10, 18, 0), False),
        (shanghai(2026, 3, 10, 3, 0), False),
        (shanghai(2026, 3, 14, 10, 0), False),
        (shanghai(2025, 10, 1, 10, 0), False),
        (datetime(2026, 3, 10, 1, 0, tzinfo=UTC), True),  # nine in Shanghai
        (datetime(2026, 3, 10, 10, 0, tzinfo=UTC), False),  # six in the evening there
        (datetime(2026, 3, 15, 23, 30, tzinfo=UTC), False),  # Monday there, but half past seven
        (datetime(2026, 3, 13, 16, 30, tzinfo=UTC), False),  # Friday in UTC, already Saturday there
    ],
)
def test_working_hours_are_those_of_the_company(moment: datetime, works: bool) -> None:
    """Working hours are nine to six in the company's time zone, whatever zone a moment is written in."""
    assert is_working_time(moment, SHANGHAI, HOURS) is works


@pytest.mark.parametrize(
    ("moment", "begins"),
    [
        (shanghai(2026, 3, 10, 16, 59), None),
        (shanghai(2026, 3, 10, 17, 0), shanghai(2026, 3, 11, 9, 0)),
        (shanghai(2026, 3, 10, 18, 0), None),
        (shanghai(2026, 3, 13, 17, 30), shanghai(2026, 3, 16, 9, 0)),  # over the weekend
        (shanghai(2025, 9, 30, 17, 30), shanghai(2025, 10, 9, 9, 0)),  # over 国庆
        (shanghai(2026, 3, 14, 17, 30), None),
    ],
)
def test_the_last_working_hour_knows_when_work_begins_again(moment: datetime, begins: datetime | None) -> None:
    """In the last hour of a working day the last call tells when work begins again, past weekends and holidays."""
    assert last_call(moment, SHANGHAI, HOURS) == begins
