"""When the demo's world begins."""

from datetime import UTC, datetime, timedelta

import chinese_calendar
from hypothesis import given
from hypothesis import strategies as st

from sandbox.morning import JUMP, ZONE, lead_to_morning

MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2026, 10, 1)).map(  # noqa: DTZ001
    lambda moment: moment.replace(tzinfo=UTC)
)


@given(MOMENTS)
def test_the_world_begins_in_working_hours_and_a_month_on_as_well(moment: datetime):
    """Whatever the hour somebody starts the demo, +30天 lands where reminders are sent."""
    begin = (moment + timedelta(seconds=lead_to_morning(moment))).astimezone(ZONE)

    for there in (begin, begin + JUMP):
        assert 9 <= there.hour < 18
        assert chinese_calendar.is_workday(there.date())
    assert begin >= moment


def test_a_working_morning_is_left_as_it_is():
    """Monday 23 November 2026, 11:00 in Shanghai needs no lead."""
    assert lead_to_morning(datetime(2026, 11, 23, 3, 0, tzinfo=UTC)) == 0.0


def test_a_sunday_evening_becomes_monday_morning():
    """Sunday 22 November 2026, 20:00 in Shanghai leads to Monday at ten."""
    sunday = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

    begin = (sunday + timedelta(seconds=lead_to_morning(sunday))).astimezone(ZONE)

    assert (begin.isoweekday(), begin.hour) == (1, 10)
