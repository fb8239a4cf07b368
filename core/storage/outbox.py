"""Stores deliveries before they are sent, and hands them out in order for each person and channel."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    delete,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from core.domain.address import Address, Channel, home_of
from core.domain.errors import LeaseLost
from core.domain.outbox import (
    CardName,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Envelope,
)
from core.domain.people import PersonId
from core.storage.cards import SqlCards
from core.storage.seals import RowSeals
from core.storage.tables import deliveries

_WAITING: ColumnElement[str] = literal_column(f"'{DeliveryState.WAITING}'")
"""The state as text: with a bound value, PostgreSQL's prepared plans could not use the partial index."""


@dataclass
class SqlOutbox:
    _connection: Connection
    _now: datetime
    _cards: SqlCards
    _seals: RowSeals
    stirred: bool = False
    """True once this transaction has left something to send: a new delivery, or the next to a person."""
    _answers_go: Address | None = None
    """Where the message being answered came from."""

    def answer_at(self, address: Address) -> None:
        self._answers_go = address

    def send(self, *envelopes: Envelope) -> None:
        for envelope in map(self._routed, envelopes):
            if envelope.kind is DeliveryKind.CARD and not self._cards.remember(envelope):
                continue  # the same card is out already; sending is idempotent
            if envelope.kind is DeliveryKind.UPDATE:
                self._cards.redrawn(envelope)
            row = self._seals.sealed(deliveries, _row(envelope, self._now))
            self._connection.execute(insert(deliveries), row)
            self.stirred = True

    def _routed(self, envelope: Envelope) -> Envelope:
        """Sends a message for the sender's home chat to the chat they wrote from. A redraw stays with its card."""
        there = self._answers_go
        if there is None or envelope.kind is DeliveryKind.UPDATE or envelope.to != home_of(there.person):
            return envelope
        return replace(envelope, to=there)

    def claim(self, owner: str, lease: timedelta, limit: int, without: Collection[Channel] = ()) -> list[Delivery]:
        # Only the oldest waiting delivery of a person and channel may go, even while another process sends it.
        older = deliveries.alias("older")
        first_of_person = ~exists().where(
            older.c.person == deliveries.c.person,
            older.c.channel == deliveries.c.channel,
            older.c.state == _WAITING,
            older.c.id < deliveries.c.id,
        )
        due = and_(deliveries.c.state == _WAITING, deliveries.c.due_at <= self._now, self._free())
        if without:
            due = and_(due, deliveries.c.channel.not_in(without))
        choosing = (
            select(deliveries.c.id)
            .where(due, first_of_person)
            .order_by(deliveries.c.due_at, deliveries.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        # A statement of its own: as a subquery of the UPDATE, PostgreSQL may run it again for each row, and so
        # take more than the limit.
        chosen = self._connection.execute(choosing).scalars().all()
        if not chosen:
            return []
        rows = self._connection.execute(
            update(deliveries)
            .where(deliveries.c.id.in_(chosen))
            .values(lease_owner=owner, lease_until=self._now + lease, attempts=deliveries.c.attempts + 1)
            .returning(*deliveries.c)
        ).all()
        sound = self._seals.sound(deliveries, sorted(rows, key=lambda row: row.id))
        if len(sound) < len(rows):  # they end here; the next deliveries to their people are not held up
            forged = {row.id for row in rows} - {row.id for row in sound}
            ended = update(deliveries).where(deliveries.c.id.in_(forged))
            self._connection.execute(ended.values(state=DeliveryState.UNDELIVERED, error="seal"))
            self.stirred = True
        return [_delivery(row) for row in sound]

    def seal_all(self) -> int:
        return self._seals.seal_all(deliveries, deliveries.c.state == _WAITING)

    def _free(self) -> ColumnElement[bool]:
        return or_(deliveries.c.lease_until.is_(None), deliveries.c.lease_until <= self._now)

    def sent(self, delivery: Delivery, owner: str, response_code: str | None) -> None:
        # The body may hold customers' names, and is not needed any more.
        self._end(delivery, owner, state=DeliveryState.SENT, sent_at=self._now, body="")
        self._let_next(delivery)
        if task_id := delivery.envelope.task_id:
            self._cards.shown(task_id, response_code)

    def undelivered(self, delivery: Delivery, owner: str, error: str) -> None:
        self._end(delivery, owner, state=DeliveryState.UNDELIVERED, error=error)
        self._let_next(delivery)

    def retry(self, delivery: Delivery, owner: str, at: datetime, error: str) -> None:
        self._end(delivery, owner, due_at=at, lease_owner=None, lease_until=None, error=error)
        self.stirred |= at <= self._now

    def put_off(self, delivery: Delivery, owner: str, at: datetime, why: str) -> None:
        untried = deliveries.c.attempts - 1  # the claim has counted an attempt that was not made
        self._end(delivery, owner, due_at=at, lease_owner=None, lease_until=None, error=why, attempts=untried)

    def replace_card(self, delivery: Delivery, owner: str, task_id: str) -> None:
        # No pause: it is the oldest of this person and channel, and the others wait for it.
        fresh = delivery.as_fresh_card(task_id)
        seal = self._seals.seal(deliveries, _row(fresh, delivery.made_at))
        again = {"kind": fresh.kind, "task_id": task_id, "seal": seal}
        self._end(delivery, owner, lease_owner=None, lease_until=None, **again)
        self.stirred = True
        self._cards.close(delivery.envelope.task_id)
        self._cards.remember(fresh)

    def _let_next(self, delivery: Delivery) -> None:
        """Notes whether another delivery waits for this one, because it goes to the same person and channel."""
        to = delivery.envelope.to
        waits = exists().where(
            deliveries.c.state == _WAITING, deliveries.c.person == to.person, deliveries.c.channel == to.channel
        )
        self.stirred |= bool(self._connection.execute(select(waits)).scalar_one())

    def _end(self, delivery: Delivery, owner: str, **values: object) -> None:
        """Changes a delivery as this owner has claimed it. Raises LeaseLost when it was claimed again since."""
        # The owner alone would not do: a process whose try outlives the lease may claim the delivery once more.
        mine = and_(
            deliveries.c.id == delivery.id,
            deliveries.c.state == DeliveryState.WAITING,
            deliveries.c.lease_owner == owner,
            deliveries.c.attempts == delivery.attempts,
        )
        if self._connection.execute(update(deliveries).where(mine).values(**values)).rowcount != 1:
            raise LeaseLost(f"delivery {delivery.id} was claimed again")

    def forget(self, before: datetime) -> int:
        self._cards.forget_codes(before)
        self._cards.forget_copies(before)
        return self._connection.execute(
            delete(deliveries).where(deliveries.c.state == DeliveryState.SENT, deliveries.c.sent_at < before)
        ).rowcount

    def empty_undelivered(self, before: datetime) -> int:
        undelivered = deliveries.c.state == DeliveryState.UNDELIVERED
        old = and_(undelivered, deliveries.c.created_at < before, deliveries.c.body != "")
        return self._connection.execute(update(deliveries).where(old).values(body="")).rowcount

    def sent_since(self, channel: Channel, person: PersonId, since: datetime) -> list[datetime]:
        query = (
            select(deliveries.c.sent_at)
            .where(
                deliveries.c.person == person,
                deliveries.c.channel == channel,
                deliveries.c.sent_at > since,
                deliveries.c.kind != DeliveryKind.UPDATE,
            )
            .order_by(deliveries.c.sent_at)
        )
        return list(self._connection.execute(query).scalars())

    def sent_by_all(self, channel: Channel, since: Sequence[datetime]) -> list[int]:
        # One query counts all windows, since it is asked before every turn.
        counts = [func.count().filter(deliveries.c.sent_at > moment) for moment in since]
        query = (
            select(*counts)
            .select_from(deliveries)
            .where(deliveries.c.sent_at > min(since), deliveries.c.channel == channel)
        )
        return list(self._connection.execute(query).one())


def _row(envelope: Envelope, now: datetime) -> dict[str, object]:
    return {
        "channel": envelope.to.channel,
        "person": envelope.to.person,
        "conversation": envelope.to.conversation,
        "kind": envelope.kind,
        "body": envelope.body,
        "operation": envelope.operation,
        "card": envelope.card,
        "task_id": envelope.task_id,
        "leaves_open": envelope.open,
        "state": DeliveryState.WAITING,
        "due_at": now,
        "created_at": now,
    }


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        envelope=Envelope(
            to=Address(Channel(row.channel), PersonId(row.person), row.conversation),
            kind=DeliveryKind(row.kind),
            body=row.body,
            operation=row.operation,
            card=CardName(row.card) if row.card else None,
            task_id=row.task_id,
            open=bool(row.leaves_open),
        ),
        attempts=row.attempts,
        due_at=row.due_at,
        made_at=row.created_at,
        state=DeliveryState(row.state),
    )
