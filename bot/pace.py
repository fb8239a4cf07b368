"""Counts how much may be sent through one channel now, by its limits for all people together.

When the platform reports a limit all the same, the whole channel is blocked for a while.
"""

from collections.abc import Iterable
from datetime import datetime
from operator import sub

from core.domain.address import Channel
from core.domain.limits import SlidingLimits
from core.ports.store import UnitOfWork


class Pace:
    """The pace of one channel. Limits are counted over all processes; a block is known to this process alone."""

    def __init__(self, channel: Channel, limits: SlidingLimits) -> None:
        self._channel = channel
        self._limits = limits
        self._most = tuple(window.most for window in limits.windows)
        self.blocked_until: datetime | None = None
        """The end of a block, until the channel has taken a delivery."""

    def room(self, uow: UnitOfWork, most: int) -> int:
        """Returns how many deliveries may be sent now, at most `most`."""
        now = uow.now
        if self.blocked_until is not None:
            if now < self.blocked_until:
                return 0
            most = 1  # the block may last longer than we waited, so a single delivery tries first
        windows = self._limits.windows
        sent = uow.outbox.sent_by_all(self._channel, [now - window.span for window in windows]) if windows else []
        left: Iterable[int] = map(sub, self._most, sent)
        return max(0, min((most, *left)))
