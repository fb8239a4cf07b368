"""How fast WeCom takes messages (documents, path/90312).

What exceeds the limit of a member is answered with errcode 0 and dropped without a word, so nothing may ever
be sent above it: deliveries are put off instead. The figures here keep a margin for messages of ours whose
answer never came and for clocks that differ.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Window:
    """At most `most` messages in any stretch of `span`."""

    span: timedelta
    most: int


@dataclass(frozen=True, slots=True)
class SlidingLimits:
    windows: tuple[Window, ...]

    @property
    def memory(self) -> timedelta:
        """How far back sent times must be known."""
        return max(window.span for window in self.windows)

    def earliest(self, sent: Sequence[datetime], now: datetime) -> datetime:
        """When the next message may go, `now` at the earliest.

        `sent` are the times of earlier ones, in any order; times already planned for later count as well.
        """
        times = sorted(sent)
        full = (times[-window.most] + window.span for window in self.windows if len(times) >= window.most)
        return max([now, *full])


MEMBER_LIMITS = SlidingLimits((Window(timedelta(minutes=1), 28), Window(timedelta(hours=1), 950)))
"""One member from one app: WeCom's limits are 30 a minute and 1,000 an hour."""

APP_LIMITS = SlidingLimits((Window(timedelta(minutes=1), 9_500), Window(timedelta(hours=1), 142_500)))
"""All calls of one interface: WeCom's limits are 10,000 a minute and 150,000 an hour."""
