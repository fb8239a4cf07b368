"""Delivers what is stored: within WeCom's limits, safe to repeat, and never silently lost."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.channels.wecom_app.client import Sent, WeComClient
from bot.channels.wecom_app.errors import (
    Busy,
    CardRefused,
    CodeSpent,
    NotDelivered,
    PlatformMisconfigured,
    PlatformRefused,
    PlatformUnreachable,
    RateLimited,
    TaskIdUsed,
    TokenRejected,
)
from bot.channels.wecom_app.limits import MEMBER_LIMITS
from bot.channels.wecom_app.pace import Pace
from core.domain.errors import LeaseLost, PlatformError, StoreUnavailable
from core.domain.events.messages import DeliveryFailed, DeliverySent
from core.domain.outbox import Delivery, DeliveryKind
from core.ports.events import Publish
from core.ports.store import Transactions, UnitOfWork

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)
GIVE_UP_AFTER = timedelta(hours=24)
"""A platform that is away for longer has made the message old news."""
LATE_TRIES = 5
"""Old news is tried a few times all the same: it may be we who slept."""
REFUSED_TRIES = 3
"""For what WeCom refuses, or we cannot even put into words: asking on changes nothing and holds up the rest."""
ALARM_PAUSE = timedelta(seconds=60)
MOST_PAUSE = 60


@dataclass(frozen=True, slots=True)
class Courier:
    db: Transactions
    client: WeComClient
    owner: str
    publish: Publish
    count: Callable[[str], None] = lambda _outcome: None
    pace: Pace = field(default_factory=Pace)

    async def run_once(self, most: int) -> int:
        """Deliver what is due, `most` side by side; how many deliveries were tried. Raises StoreUnavailable."""
        claimed = await self.db.run(lambda uow: self._claim(uow, most))
        await asyncio.gather(*(self._deliver(userid, delivery) for userid, delivery in claimed))
        return len(claimed)

    def _claim(self, uow: UnitOfWork, most: int) -> list[tuple[str, Delivery]]:
        """Due deliveries with the addressee's user id; those over a member's limit are put off instead."""
        ready: list[tuple[str, Delivery]] = []
        room = self.pace.room(uow, most)
        for delivery in uow.outbox.claim(self.owner, LEASE, room) if room else ():
            earliest = self._earliest(uow, delivery)
            if earliest > uow.now:
                uow.outbox.put_off(delivery.id, self.owner, earliest, "member limit")
                continue
            person = uow.people.get(delivery.envelope.to)
            ready.append((person.userid if person else delivery.envelope.to, delivery))
        return ready

    def _earliest(self, uow: UnitOfWork, delivery: Delivery) -> datetime:
        if delivery.envelope.kind is DeliveryKind.UPDATE:
            return uow.now
        sent = uow.outbox.sent_since(delivery.envelope.to, uow.now - MEMBER_LIMITS.memory)
        return MEMBER_LIMITS.earliest(sent, uow.now)

    async def _deliver(self, userid: str, delivery: Delivery) -> None:
        try:
            await self._try(userid, delivery)
        except (LeaseLost, StoreUnavailable) as error:
            log.warning("delivery_unsettled", delivery=delivery.id, why=str(error))  # the lease ends; tried again
        except Exception:  # the outermost edge: one odd delivery must not stop the others
            log.exception("delivery_failed", delivery=delivery.id)
            await self._settle(lambda uow: self._refused(uow, delivery, "defect"))

    async def _try(self, userid: str, delivery: Delivery) -> None:
        try:
            sent = await self._send(userid, delivery)
        except TaskIdUsed:
            await self._settle(lambda uow: uow.outbox.replace_card(delivery.id, self.owner, _fresh_id(delivery)))
        except (NotDelivered, CardRefused) as error:
            why = str(error)
            await self._settle(lambda uow: self._undelivered(uow, delivery, why))
        except RateLimited as error:
            why, wait = str(error), error.wait
            await self._settle(lambda uow: self._blocked(uow, delivery, wait, why))
        except (PlatformMisconfigured, TokenRejected) as error:
            log.error("platform_refuses_us", why=str(error))  # noqa: TRY400  # the remedy is the message
            why = str(error)
            await self._settle(lambda uow: uow.outbox.put_off(delivery.id, self.owner, uow.now + ALARM_PAUSE, why))
        except (PlatformUnreachable, Busy) as error:
            why = str(error)
            await self._settle(lambda uow: self._retry(uow, delivery, why))
        except (PlatformRefused, PlatformError) as error:
            why = str(error)
            await self._settle(lambda uow: self._refused(uow, delivery, why))
        else:
            if sent is not None:
                self.pace.answered()
                code = sent.response_code
                await self._settle(lambda uow: self._sent(uow, delivery, code))

    async def _send(self, userid: str, delivery: Delivery) -> Sent | None:
        """None: nothing was sent, the delivery has become another one."""
        envelope = delivery.envelope
        match envelope.kind:
            case DeliveryKind.TEXT:
                return await self.client.send_text(userid, envelope.body, number=delivery.id)
            case DeliveryKind.MARKDOWN:
                return await self.client.send_markdown(userid, envelope.body, number=delivery.id)
            case DeliveryKind.CARD:
                body = {**fresh_card(envelope.body), "task_id": envelope.task_id}
                return await self.client.send_card(userid, body, resend=delivery.attempts > 1)
            case DeliveryKind.UPDATE:
                return await self._redraw(userid, delivery)

    async def _redraw(self, userid: str, delivery: Delivery) -> Sent | None:
        envelope = delivery.envelope
        reserved = await self.db.run(lambda uow: uow.cards.use_code(delivery.id, envelope.task_id))
        if reserved is None:
            await self._settle(lambda uow: self._without_code(uow, delivery))
            return None
        try:
            await self._update(reserved.code, userid, json.loads(envelope.body))
        except CodeSpent:
            if reserved.tried:  # nobody else may use it: our try arrived, and only its answer was lost
                return Sent(msgid="", repeated=True)
            await self._settle(lambda uow: self._code_spent(uow, delivery))
            return None
        except (PlatformError, ValueError) as error:
            if not (isinstance(error, PlatformUnreachable) and error.sent):
                await self._settle(lambda uow: uow.cards.free_code(delivery.id, envelope.task_id))
            raise
        return Sent(msgid="")

    async def _update(self, code: str, userid: str, body: dict[str, Any]) -> None:
        if set(body) == {"replace_name"}:
            await self.client.update_button(code, (userid,), body["replace_name"])
        else:
            await self.client.update_card(code, (userid,), body)

    # how it ends

    async def _settle(self, work: Callable[[UnitOfWork], None]) -> None:
        await self.db.run(work)

    def _sent(self, uow: UnitOfWork, delivery: Delivery, code: str | None) -> None:
        uow.outbox.sent(delivery.id, self.owner, code)
        self.count("sent")
        self.publish(uow, DeliverySent(delivery))

    def _code_spent(self, uow: UnitOfWork, delivery: Delivery) -> None:
        """Spent, but not by us, or too old: nothing of ours was shown. The next code, or a fresh card."""
        uow.cards.code_failed(delivery.id, delivery.envelope.task_id)
        uow.outbox.retry(delivery.id, self.owner, uow.now, "code spent")

    def _without_code(self, uow: UnitOfWork, delivery: Delivery) -> None:
        """The card can no longer be redrawn: one that is still needed comes again, a dead one gives a clear
        answer when it is tapped.
        """
        if delivery.envelope.open:
            uow.outbox.replace_card(delivery.id, self.owner, _fresh_id(delivery))
        else:
            uow.outbox.sent(delivery.id, self.owner, None)

    def _undelivered(self, uow: UnitOfWork, delivery: Delivery, why: str) -> None:
        log.warning("undelivered", delivery=delivery.id, why=why)
        uow.outbox.undelivered(delivery.id, self.owner, why)
        self.count("undelivered")
        self.publish(uow, DeliveryFailed(delivery))

    def _blocked(self, uow: UnitOfWork, delivery: Delivery, wait: timedelta, why: str) -> None:
        """Not this one's fault, so no try of its own; the others wait as well."""
        until = uow.now + wait
        self.pace.blocked(until)
        uow.outbox.put_off(delivery.id, self.owner, until, why)

    def _refused(self, uow: UnitOfWork, delivery: Delivery, why: str) -> None:
        if delivery.attempts >= REFUSED_TRIES:
            self._undelivered(uow, delivery, why)
        else:
            self._retry(uow, delivery, why)

    def _retry(self, uow: UnitOfWork, delivery: Delivery, why: str) -> None:
        if uow.now - delivery.made_at > GIVE_UP_AFTER and delivery.attempts > LATE_TRIES:
            self._undelivered(uow, delivery, why)
            return
        pause = timedelta(seconds=min(2 ** min(delivery.attempts, 10), MOST_PAUSE))
        uow.outbox.retry(delivery.id, self.owner, uow.now + pause, why)
        self.count("retried")


def fresh_card(body: str) -> dict[str, Any]:
    """What an update may hold and a new card may not, taken out (path/90236, 94888)."""
    card: dict[str, Any] = json.loads(body)
    card.pop("replace_text", None)
    for holder in [card.get("button_selection"), card.get("checkbox"), *card.get("select_list", [])]:
        if holder:
            holder.pop("disable", None)
    return card


def _fresh_id(delivery: Delivery) -> str:
    return f"{delivery.envelope.task_id[:100]}-{delivery.id}-{delivery.attempts}"
