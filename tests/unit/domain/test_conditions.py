"""Conditions are read, written and evaluated; wrong ones are refused with a reason."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given

from core.domain.condition_text import format_condition, parse
from core.domain.conditions import matches
from core.domain.errors import BadInput
from tests.conditions import conditions

NOW = datetime(2026, 11, 22, tzinfo=UTC)
# One customer as a condition sees it; without an order, so that a missing value is tried as well.
HONGYUAN = {
    "name": "宏远科技",
    "level": "B",
    "owner": "wangmin",
    "status": "active",
    "tags": ["展会"],
    "created_at": NOW - timedelta(days=400),
    "last_contact_at": NOW - timedelta(days=200),
    "last_order_at": None,
}


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ('level = "B"', True),
        ("level=B and status = active", True),
        ("not level = B", False),
        ("level != A", True),
        ('level in ("A", "C")', False),
        ("level in (A, B)", True),
        ("name contains 宏远", True),
        ("tags has 展会", True),
        ("tags has 展", False),
        ("tags is empty", False),
        ("owner = WangMin", True),
        ("last_contact_at < 180d ago", True),
        ("last_contact_at > 2026-01-01", True),
        ("silent_since >= 30d ago or level = B", True),
        ("last_order_at is empty", True),
        ("last_order_at < 1d ago", False),
        ("not last_order_at < 1d ago", True),
        ("level = A and level = B or tags has 展会", True),
        ("level = A and (level = B or tags has 展会)", False),
    ],
)
def test_means_what_it_says(text, fits):
    """`and` binds closer than `or`, a missing value fits only `is empty`, and the case of owners is ignored."""
    assert matches(parse(text), HONGYUAN, NOW) is fits


@given(conditions())
def test_writing_and_reading_are_one(condition):
    """A condition that is written as text is read back as an equal condition."""
    assert parse(format_condition(condition)) == condition


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "condition_unreadable"),
        ("level", "condition_unreadable"),
        ('level = "B', "condition_unreadable"),
        ("level = B and", "condition_unreadable"),
        ("(level = B", "condition_unreadable"),
        ("level = B level = C", "condition_unreadable"),
        ("colour = red", "condition_unknown_field"),
        ("level < B", "condition_bad_operator"),
        ("level ~ B", "condition_bad_operator"),
        ("status = lost", "condition_bad_value"),
        ('level = ""', "condition_bad_value"),
        ("created_at > soon", "condition_bad_value"),
        ("created_at > 999999d ago", "condition_bad_value"),
        ("(" * 50 + "level = B" + ")" * 50, "condition_too_deep"),
        ("not " * 50 + "level = B", "condition_too_deep"),
        ("level = " + "B" * 5000, "condition_too_long"),
    ],
)
def test_friendly_no(text, why):
    """Each kind of mistake in a condition is refused with its own text."""
    with pytest.raises(BadInput) as refused:
        parse(text)
    assert refused.value.text == why
