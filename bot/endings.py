"""Stores how a try to send a delivery ended: sent, to be tried again, or undelivered."""

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
"""A message this old is no longer worth sending."""
LATE_TRIES = 5
"""Even an old message is tried this often, since it may be the bot and not the platform that was down."""
REFUSED_TRIES = 3
"""Tries of a delivery that the platform refuses or that fails by a defect; more would only hold up the rest."""
ALARM_PAUSE = timedelta(seconds=60)
"""The wait while an administrator must act, for instance because the app's secret is wrong."""
MOST_PAUSE = 60
"""The longest pause between two tries, in seconds."""


@dataclass(frozen=True, slots=True)
class Endings:
    """The ways a try can end. Each method raises LeaseLost when another process has taken the delivery over."""

    owner: str
    publish: Publish
    count: Callable[[str], None]
    """Called with `sent`, `retried` or `undelivered`, for the metrics."""

    def sent(self, uow: UnitOfWork, delivery: Delivery, code: str | None) -> None:
        """Ends a delivery that has arrived. `code` can redraw its card once."""
        uow.outbox.sent(delivery, self.owner, code)
        self.count("sent")
        self.publish(uow, DeliverySent(delivery))

    def undelivered(self, uow: UnitOfWork, delivery: Delivery, why: str) -> None:
        """Ends a delivery that will never arrive; the event tells the people concerned."""
        log.warning("undelivered", delivery=delivery.id, channel=delivery.envelope.to.channel, why=why)
        uow.outbox.undelivered(delivery, self.owner, why)
        self.count("undelivered")
        self.publish(uow, DeliveryFailed(delivery))

    def put_off(self, uow: UnitOfWork, delivery: Delivery, wait: timedelta, why: str) -> None:
        """Delays the delivery without counting the try, because the cause lies in the channel."""
        uow.outbox.put_off(delivery, self.owner, uow.now + wait, why)

    def refused(self, uow: UnitOfWork, delivery: Delivery, why: str) -> None:
        if delivery.attempts >= REFUSED_TRIES:
            self.undelivered(uow, delivery, why)
        else:
            self.retry(uow, delivery, why)

    def retry(self, uow: UnitOfWork, delivery: Delivery, why: str) -> None:
        """Has the delivery tried again after a growing pause, or ends it when it has become too old."""
        if uow.now - delivery.made_at > GIVE_UP_AFTER and delivery.attempts > LATE_TRIES:
            self.undelivered(uow, delivery, why)
            return
        # The inner bound keeps the power small, however many attempts there were.
        pause = timedelta(seconds=min(2 ** min(delivery.attempts, 10), MOST_PAUSE))
        uow.outbox.retry(delivery, self.owner, uow.now + pause, why)
        self.count("retried")

    # endings of cards only

    def as_fresh_card(self, uow: UnitOfWork, delivery: Delivery) -> None:
        """Turns the delivery into the same card under another task id."""
        # WeCom takes at most 128 bytes; delivery and attempt make the id one that was never used before.
        fresh = f"{delivery.envelope.task_id[:100]}-{delivery.id}-{delivery.attempts}"
        uow.outbox.replace_card(delivery, self.owner, fresh)

    def code_spent(self, uow: UnitOfWork, delivery: Delivery) -> None:
        """Tries the redraw again with the next code, because this one was used by another or is too old."""
        uow.cards.code_failed(delivery.id, delivery.envelope.task_id)
        uow.outbox.retry(delivery, self.owner, uow.now, "code spent")

    def without_code(self, uow: UnitOfWork, delivery: Delivery) -> None:
        """Ends a redraw for which no code is left; a card that can still be tapped is sent afresh instead."""
        if delivery.envelope.open:
            self.as_fresh_card(uow, delivery)
        else:  # a tap on the old card gets a clear answer, so nobody needs a new one
            uow.outbox.sent(delivery, self.owner, None)
