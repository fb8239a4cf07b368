"""How much may go through one channel now: its limits for everybody together, and the block that follows when one
is met all the same.
"""

from datetime import datetime

from core.domain.address import Channel
from core.domain.limits import SlidingLimits
from core.ports.store import UnitOfWork


class Pace:
    """The limits are counted over all processes; a block is what this process has heard of it."""

    def __init__(self, channel: Channel, limits: SlidingLimits) -> None:
        self._channel = channel
        self._limits = limits
        self._blocked_until: datetime | None = None

    def room(self, uow: UnitOfWork, most: int) -> int:
        """So many of `most` may go. Nobody says how long a block lasts: after it, one goes and asks."""
        now = uow.now
        if self._blocked_until is not None:
            if now < self._blocked_until:
                return 0
            most = 1
        windows = self._limits.windows
        sent = uow.outbox.sent_by_all(self._channel, [now - window.span for window in windows]) if windows else []
        left = [window.most - count for window, count in zip(windows, sent, strict=True)]
        return max(0, min((most, *left)))

    def blocked(self, until: datetime) -> None:
        self._blocked_until = until

    def answered(self) -> None:
        """The channel took something: no block any more."""
        self._blocked_until = None
