"""How fast a channel takes messages, as sliding windows."""

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
    """All windows hold at once; none at all is no limit."""

    windows: tuple[Window, ...]

    @property
    def memory(self) -> timedelta:
        """How far back sent times must be known."""
        return max((window.span for window in self.windows), default=timedelta())

    def earliest(self, sent: Sequence[datetime], now: datetime) -> datetime:
        """When the next message may go, `now` at the earliest.

        `sent` are the times of earlier ones, in any order; times already planned for later count as well.
        """
        times = sorted(sent)
        full = (times[-window.most] + window.span for window in self.windows if len(times) >= window.most)
        return max([now, *full])


UNLIMITED = SlidingLimits(())
