"""Sends stored deliveries, each through the channel of its address.

It keeps within the channel's limits, may send again without harm, and never loses a delivery silently.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.endings import ALARM_PAUSE, Endings
from bot.pace import Pace
from core.domain.address import Channel
from core.domain.errors import (
    Busy,
    CardRefused,
    CodeSpent,
    LeaseLost,
    NotDelivered,
    PlatformError,
    PlatformMisconfigured,
    PlatformUnreachable,
    RateLimited,
    StoreUnavailable,
    TaskIdUsed,
)
from core.domain.outbox import Delivery, DeliveryKind, ReservedCode
from core.ports.events import Publish
from core.ports.messages import Attempt, Messenger
from core.ports.store import Transactions, UnitOfWork
from core.services.audit import report_unsound

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class _Line:
    """A channel that this process serves."""

    messenger: Messenger
    pace: Pace


@dataclass(frozen=True, slots=True)
class _Try:
    """A claimed delivery that is ready to be sent."""

    line: _Line | None
    """The channel of the delivery; None when it is not served here, or no longer."""
    delivery: Delivery
    attempt: Attempt
    code: ReservedCode | None = None
    """The code that a redraw uses."""


class Courier:
    def __init__(
        self,
        db: Transactions,
        messengers: Mapping[Channel, Messenger],
        owner: str,
        publish: Publish,
        count: Callable[[str], None] = lambda _outcome: None,
    ) -> None:
        self._db = db
        self._owner = owner
        self._ends = Endings(owner, publish, count)
        self._lines = {
            channel: _Line(messenger, Pace(channel, messenger.channel_limits))
            for channel, messenger in messengers.items()
        }

    async def run_once(self, most: int) -> int:
        """Sends up to `most` due deliveries side by side and returns their number. Raises StoreUnavailable."""
        tries = await self._db.run(lambda uow: self._claim(uow, most))
        await asyncio.gather(*map(self._deliver, tries))
        return len(tries)

    # choosing what may be sent now

    def _claim(self, uow: UnitOfWork, most: int) -> list[_Try]:
        """Claims due deliveries. Returns those that may be sent now, and puts off those over a limit.

        A redraw has its code reserved, which is committed before the call: two redraws must never use one code.
        """
        room: Counter[Channel] = Counter()
        full: list[Channel] = []
        for channel, served in self._lines.items():
            room[channel] = served.pace.room(uow, most)
            # A full channel is left out of the claim, or its deliveries would fill it and hold up the others.
            if not room[channel]:
                full.append(channel)
        free = min(most, room.total())
        ready: list[_Try] = []
        for delivery in uow.outbox.claim(self._owner, LEASE, free, without=full) if free else ():
            line = self._lines.get(delivery.envelope.to.channel)
            later = self._not_before(uow, line, delivery, room) if line else None
            if later is not None:
                uow.outbox.put_off(delivery, self._owner, later, "limit")
                continue
            code = None
            if line is not None and delivery.envelope.kind is DeliveryKind.UPDATE:
                code = uow.cards.use_code(delivery.id, delivery.envelope.task_id)
                if code is None:
                    self._ends.without_code(uow, delivery)
                    continue
            room[delivery.envelope.to.channel] -= 1
            ready.append(_Try(line, delivery, _attempt(uow, delivery), code))
        # The claim ends forged deliveries, which nobody meets again: the alarm commits with it.
        self._ends.publish(uow, *report_unsound(uow, uow.unsound))
        return ready

    def _not_before(
        self, uow: UnitOfWork, line: _Line, delivery: Delivery, room: Mapping[Channel, int]
    ) -> datetime | None:
        """Returns the moment before which the delivery must wait, or None when it may be sent now."""
        to = delivery.envelope.to
        if not room[to.channel]:
            return delivery.due_at  # the channel is full for this turn only: the delivery keeps its place
        if delivery.envelope.kind is DeliveryKind.UPDATE:  # redraws do not count towards a person's limit
            return None
        limits = line.messenger.person_limits
        sent = uow.outbox.sent_since(to.channel, to.person, uow.now - limits.memory)
        earliest = limits.earliest(sent, uow.now)
        return earliest if earliest > uow.now else None

    # sending

    async def _deliver(self, one: _Try) -> None:
        delivery = one.delivery
        try:
            if one.line is None:
                why = f"nobody serves the channel {delivery.envelope.to.channel!r} here"
                await self._db.run(lambda uow: self._ends.undelivered(uow, delivery, why))
            else:
                await self._try(one.line, one)
        except (LeaseLost, StoreUnavailable) as error:
            # When its lease ends it is sent again, which is safe.
            log.warning("delivery_unsettled", delivery=delivery.id, why=str(error))
        except Exception:  # the outermost edge: one odd delivery must not stop the others
            log.exception("delivery_failed", delivery=delivery.id)
            await self._db.run(lambda uow: self._ends.refused(uow, delivery, "defect"))

    async def _try(self, line: _Line, one: _Try) -> None:
        delivery, ends = one.delivery, self._ends
        try:
            code = await self._send(line.messenger, one)
        except TaskIdUsed:
            await self._db.run(lambda uow: ends.as_fresh_card(uow, delivery))
        except CodeSpent:
            await self._db.run(lambda uow: ends.code_spent(uow, delivery))
        except PlatformError as error:
            why = error
            await self._db.run(lambda uow: self._failed(uow, line, one, why))
        except ValueError:  # a defect that was found before the call, so the code was not used
            await self._db.run(lambda uow: uow.cards.free_code(delivery.id, delivery.envelope.task_id))
            raise
        else:
            line.pace.blocked_until = None  # the channel takes deliveries
            await self._db.run(lambda uow: ends.sent(uow, delivery, code))

    async def _send(self, messenger: Messenger, one: _Try) -> str | None:
        """Sends one delivery and returns the code that can redraw a new card once. Raises PlatformError."""
        envelope = one.delivery.envelope
        match envelope.kind:
            case DeliveryKind.TEXT:
                await messenger.send_text(one.attempt, envelope.body)
            case DeliveryKind.MARKDOWN:
                await messenger.send_markdown(one.attempt, envelope.body)
            case DeliveryKind.CARD:
                return await messenger.send_card(one.attempt, envelope.body, envelope.task_id)
            case DeliveryKind.UPDATE if one.code is not None:
                try:
                    await messenger.redraw(one.attempt, envelope.body, one.code.code)
                except CodeSpent:
                    # Only this delivery may use the code, so an earlier try has arrived and its answer was lost.
                    if not one.code.tried:
                        raise
        return None

    def _failed(self, uow: UnitOfWork, line: _Line, one: _Try, error: PlatformError) -> None:
        """Stores what becomes of a delivery after an error: it waits, is tried again, or ends as undelivered."""
        delivery, ends, why = one.delivery, self._ends, str(error)
        # A call that may have arrived may have used the code, which then stays reserved for the next try.
        if one.code is not None and not (isinstance(error, PlatformUnreachable) and error.sent):
            uow.cards.free_code(delivery.id, delivery.envelope.task_id)
        match error:
            case NotDelivered() | CardRefused():
                ends.undelivered(uow, delivery, why)
            case RateLimited(wait=wait):  # the whole channel waits as long
                line.pace.blocked_until = uow.now + wait
                ends.put_off(uow, delivery, wait, why)
            case PlatformMisconfigured():
                log.error("platform_refuses_us", channel=delivery.envelope.to.channel, why=why)
                ends.put_off(uow, delivery, ALARM_PAUSE, why)
            case PlatformUnreachable() | Busy():
                ends.retry(uow, delivery, why)
            case _:
                ends.refused(uow, delivery, why)


def _attempt(uow: UnitOfWork, delivery: Delivery) -> Attempt:
    to = delivery.envelope.to
    person = uow.people.get(to.person)
    return Attempt(to, person.userid if person else to.person, delivery.id, again=delivery.attempts > 1)
