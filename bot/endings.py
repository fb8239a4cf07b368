"""What becomes of a delivery once it was tried, in the transaction that stores it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog

from core.domain.events.messages import DeliveryFailed, DeliverySent
from core.domain.outbox import Delivery
from core.ports.events import Publish
from core.ports.store import UnitOfWork

log = structlog.get_logger(__name__)

GIVE_UP_AFTER = timedelta(hours=24)
"""A platform that is away for longer has made the message old news."""
LATE_TRIES = 5
"""Old news is tried a few times all the same: it may be we who slept."""
REFUSED_TRIES = 3
"""For what a platform refuses or we cannot even put into words: asking on changes nothing, holds up the rest."""
ALARM_PAUSE = timedelta(seconds=60)
MOST_PAUSE = 60


@dataclass(frozen=True, slots=True)
class Endings:
    """Each of them raises LeaseLost when another process has taken the delivery over."""

    owner: str
    publish: Publish
    count: Callable[[str], None]
    """Called with `sent`, `retried` or `undelivered`."""

    def sent(self, uow: UnitOfWork, delivery: Delivery, code: str | None) -> None:
        """It has arrived; `code` can redraw it."""
        uow.outbox.sent(delivery.id, self.owner, code)
        self.count("sent")
        self.publish(uow, DeliverySent(delivery))

    def undelivered(self, uow: UnitOfWork, delivery: Delivery, why: str) -> None:
        """It will never arrive."""
        log.warning("undelivered", delivery=delivery.id, channel=delivery.envelope.to.channel, why=why)
        uow.outbox.undelivered(delivery.id, self.owner, why)
        self.count("undelivered")
        self.publish(uow, DeliveryFailed(delivery))

    def put_off(self, uow: UnitOfWork, delivery: Delivery, wait: timedelta, why: str) -> None:
        """Not this one's fault, so no try of its own."""
        uow.outbox.put_off(delivery.id, self.owner, uow.now + wait, why)

    def refused(self, uow: UnitOfWork, delivery: Delivery, why: str) -> None:
        if delivery.attempts >= REFUSED_TRIES:
            self.undelivered(uow, delivery, why)
        else:
            self.retry(uow, delivery, why)

    def retry(self, uow: UnitOfWork, delivery: Delivery, why: str) -> None:
        """Again after a pause that grows, for as long as somebody may wait for it."""
        if uow.now - delivery.made_at > GIVE_UP_AFTER and delivery.attempts > LATE_TRIES:
            self.undelivered(uow, delivery, why)
            return
        pause = timedelta(seconds=min(2 ** min(delivery.attempts, 10), MOST_PAUSE))
        uow.outbox.retry(delivery.id, self.owner, uow.now + pause, why)
        self.count("retried")

    # of cards

    def as_fresh_card(self, uow: UnitOfWork, delivery: Delivery) -> None:
        """The same card once more, under another task id."""
        fresh = f"{delivery.envelope.task_id[:100]}-{delivery.id}-{delivery.attempts}"
        uow.outbox.replace_card(delivery.id, self.owner, fresh)

    def code_spent(self, uow: UnitOfWork, delivery: Delivery) -> None:
        """Spent, but not by us, or too old: nothing of ours was shown. The next code, or a fresh card."""
        uow.cards.code_failed(delivery.id, delivery.envelope.task_id)
        uow.outbox.retry(delivery.id, self.owner, uow.now, "code spent")

    def without_code(self, uow: UnitOfWork, delivery: Delivery) -> None:
        """The card can no longer be redrawn: one that is still needed comes again, a dead one gives a clear
        answer when it is tapped.
        """
        if delivery.envelope.open:
            self.as_fresh_card(uow, delivery)
        else:
            uow.outbox.sent(delivery.id, self.owner, None)
