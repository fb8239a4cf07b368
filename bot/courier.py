"""Delivers what is stored, through whichever channel it is addressed to: within the channel's limits, safe to
repeat, and never silently lost.
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
from core.domain.outbox import Delivery, DeliveryKind
from core.ports.events import Publish
from core.ports.messages import Attempt, Messenger
from core.ports.store import Transactions, UnitOfWork

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class _Line:
    """A channel that is served here."""

    messenger: Messenger
    pace: Pace


@dataclass(frozen=True, slots=True)
class _Try:
    """A claimed delivery, ready to go."""

    line: _Line | None
    """None: nobody serves its channel here, or any more."""
    delivery: Delivery
    attempt: Attempt


@dataclass(frozen=True, slots=True)
class _Arrived:
    code: str | None = None
    """Redraws the card once."""


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
        """Deliver what is due, `most` side by side; how many deliveries were tried. Raises StoreUnavailable."""
        tries = await self._db.run(lambda uow: self._claim(uow, most))
        await asyncio.gather(*map(self._deliver, tries))
        return len(tries)

    # what may go now

    def _claim(self, uow: UnitOfWork, most: int) -> list[_Try]:
        """Due deliveries that may go now; those over a limit are put off instead."""
        room = Counter({channel: line.pace.room(uow, most) for channel, line in self._lines.items()})
        full = [channel for channel, left in room.items() if not left]
        free = min(most, room.total())
        ready: list[_Try] = []
        for delivery in uow.outbox.claim(self._owner, LEASE, free, without=full) if free else ():
            line = self._lines.get(delivery.envelope.to.channel)
            later = self._not_before(uow, line, delivery, room) if line else None
            if later is not None:
                uow.outbox.put_off(delivery.id, self._owner, later, "limit")
                continue
            room[delivery.envelope.to.channel] -= 1
            ready.append(_Try(line, delivery, _attempt(uow, delivery)))
        return ready

    def _not_before(
        self, uow: UnitOfWork, line: _Line, delivery: Delivery, room: Mapping[Channel, int]
    ) -> datetime | None:
        """When it may be looked at again; None: it may go."""
        to = delivery.envelope.to
        if not room[to.channel]:
            return delivery.due_at  # at once, but the channel is full for this turn; its place in the row stays
        if delivery.envelope.kind is DeliveryKind.UPDATE:
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
            log.warning("delivery_unsettled", delivery=delivery.id, why=str(error))  # the lease ends; tried again
        except Exception:  # the outermost edge: one odd delivery must not stop the others
            log.exception("delivery_failed", delivery=delivery.id)
            await self._db.run(lambda uow: self._ends.refused(uow, delivery, "defect"))

    async def _try(self, line: _Line, one: _Try) -> None:
        delivery, settle, ends = one.delivery, self._db.run, self._ends
        try:
            arrived = await self._send(line.messenger, one)
        except TaskIdUsed:
            await settle(lambda uow: ends.as_fresh_card(uow, delivery))
        except (NotDelivered, CardRefused) as error:
            why = str(error)
            await settle(lambda uow: ends.undelivered(uow, delivery, why))
        except RateLimited as error:
            why, wait = str(error), error.wait
            await settle(lambda uow: self._blocked(uow, line, delivery, wait, why))
        except PlatformMisconfigured as error:
            why, channel = str(error), delivery.envelope.to.channel
            log.error("platform_refuses_us", channel=channel, why=why)  # noqa: TRY400  # the remedy is the message
            await settle(lambda uow: ends.put_off(uow, delivery, ALARM_PAUSE, why))
        except (PlatformUnreachable, Busy) as error:
            why = str(error)
            await settle(lambda uow: ends.retry(uow, delivery, why))
        except PlatformError as error:
            why = str(error)
            await settle(lambda uow: ends.refused(uow, delivery, why))
        else:
            if arrived is not None:
                line.pace.answered()
                await settle(lambda uow: ends.sent(uow, delivery, arrived.code))

    def _blocked(self, uow: UnitOfWork, line: _Line, delivery: Delivery, wait: timedelta, why: str) -> None:
        """The others of this channel wait as well."""
        line.pace.blocked(uow.now + wait)
        self._ends.put_off(uow, delivery, wait, why)

    async def _send(self, messenger: Messenger, one: _Try) -> _Arrived | None:
        """None: nothing was sent, the delivery has become another one."""
        envelope = one.delivery.envelope
        match envelope.kind:
            case DeliveryKind.TEXT:
                await messenger.send_text(one.attempt, envelope.body)
                return _Arrived()
            case DeliveryKind.MARKDOWN:
                await messenger.send_markdown(one.attempt, envelope.body)
                return _Arrived()
            case DeliveryKind.CARD:
                return _Arrived(await messenger.send_card(one.attempt, envelope.body, envelope.task_id))
            case DeliveryKind.UPDATE:
                return await self._redraw(messenger, one)

    async def _redraw(self, messenger: Messenger, one: _Try) -> _Arrived | None:
        delivery, task_id = one.delivery, one.delivery.envelope.task_id
        reserved = await self._db.run(lambda uow: uow.cards.use_code(delivery.id, task_id))
        if reserved is None:
            await self._db.run(lambda uow: self._ends.without_code(uow, delivery))
            return None
        try:
            await messenger.redraw(one.attempt, delivery.envelope.body, reserved.code)
        except CodeSpent:
            if reserved.tried:  # nobody else may use it: our try arrived, and only its answer was lost
                return _Arrived()
            await self._db.run(lambda uow: self._ends.code_spent(uow, delivery))
            return None
        except (PlatformError, ValueError) as error:
            if not (isinstance(error, PlatformUnreachable) and error.sent):
                await self._db.run(lambda uow: uow.cards.free_code(delivery.id, task_id))
            raise
        return _Arrived()


def _attempt(uow: UnitOfWork, delivery: Delivery) -> Attempt:
    to = delivery.envelope.to
    person = uow.people.get(to.person)
    return Attempt(to, person.userid if person else to.person, delivery.id, again=delivery.attempts > 1)
