"""How much may go now: WeCom's limits for all calls of an app, and the block that follows when one is met."""

from datetime import datetime

from bot.channels.wecom_app.limits import APP_LIMITS, SlidingLimits
from core.ports.store import UnitOfWork


class Pace:
    """The limits are counted over all processes; a block is what this process has heard of it."""

    def __init__(self, limits: SlidingLimits = APP_LIMITS) -> None:
        self._limits = limits
        self._blocked_until: datetime | None = None

    def room(self, uow: UnitOfWork, most: int) -> int:
        """So many of `most` may go. WeCom does not say how long a block lasts: after it, one goes and asks."""
        now = uow.now
        if self._blocked_until is not None:
            if now < self._blocked_until:
                return 0
            most = 1
        sent = uow.outbox.sent_by_all([now - window.span for window in self._limits.windows])
        left = [window.most - count for window, count in zip(self._limits.windows, sent, strict=True)]
        return max(0, min(most, *left))

    def blocked(self, until: datetime) -> None:
        self._blocked_until = until

    def answered(self) -> None:
        """WeCom took something: no block any more."""
        self._blocked_until = None
