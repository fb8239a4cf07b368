"""Sliding limits tell when the next message may be sent."""

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wecom_app.limits import APP_LIMITS, MEMBER_LIMITS
from core.domain.limits import UNLIMITED, SlidingLimits, Window

T0 = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SMALL = SlidingLimits((Window(10 * SECOND, 3), Window(60 * SECOND, 7)))


def test_nothing_sent_means_now():
    """A first message may be sent at once."""
    assert SMALL.earliest([], T0) == T0


def test_no_window_is_no_limit():
    """A channel without limits sends at once, and needs no memory of earlier messages."""
    assert UNLIMITED.earliest([T0] * 1000, T0) == T0
    assert UNLIMITED.memory == timedelta()


def test_a_full_minute_waits_for_its_first_message_to_leave():
    """With a limit of three in ten seconds, the fourth message goes ten seconds after the first."""
    sent = [T0, T0 + SECOND, T0 + 2 * SECOND]

    assert SMALL.earliest(sent, T0 + 3 * SECOND) == T0 + 10 * SECOND


def test_the_longer_window_counts_too():
    """A full long window delays a message although the short window is free."""
    sent = [T0 + 5 * index * SECOND for index in range(7)]

    assert SMALL.earliest(sent, T0 + 50 * SECOND) == T0 + 60 * SECOND


def test_order_does_not_matter_and_plans_count():
    """Messages planned for later count as well."""
    planned = [T0 + 30 * SECOND, T0 + 31 * SECOND, T0 + 32 * SECOND]

    assert SMALL.earliest(planned[::-1], T0) == T0 + 40 * SECOND


@given(st.integers(0, 2**32))
def test_messages_sent_when_allowed_never_break_a_limit(seed):
    """Messages that are always sent at the earliest time stay within every window."""
    source = Random(seed)
    sent: list[datetime] = []
    now = T0
    for _ in range(40):
        now += source.choice((0, 0, 0, 1, 7)) * SECOND
        now = SMALL.earliest(sent, now)
        sent.append(now)
    for window in SMALL.windows:
        for first, beyond in zip(sent, sent[window.most :], strict=False):
            assert beyond - first >= window.span


def test_the_limits_keep_a_margin_below_wecoms():
    """Our limits stay below WeCom's: 30 and 1,000 per member, 10,000 and 150,000 per app."""
    assert [window.most for window in MEMBER_LIMITS.windows] == [28, 950]
    assert [window.most for window in APP_LIMITS.windows] == [9_500, 142_500]
    assert MEMBER_LIMITS.memory == timedelta(hours=1)
