"""Deliveries, the open copies of cards, and the one-use codes that redraw them."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
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

from core.domain.errors import LeaseLost
from core.domain.outbox import (
    CardCopy,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Envelope,
    ReservedCode,
    Showing,
    Step,
)
from core.domain.people import PersonId
from core.storage.tables import card_codes, card_copies, deliveries
from core.storage.upsert import insert_new

CODE_LIFE = timedelta(hours=71)
"""WeCom takes a code for 72 h (path/94888); one hour is left for slow clocks and queues."""

_WAITING: ColumnElement[str] = literal_column(f"'{DeliveryState.WAITING}'")
"""As text: a bound value would keep PostgreSQL's prepared plans from the partial index."""


class SqlOutbox:
    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now
        self.stirred = False
        """True once something was stored that a worker should look at."""

    def send(self, *envelopes: Envelope) -> None:
        for envelope in envelopes:
            if envelope.kind is DeliveryKind.CARD and not self._remember_card(envelope):
                continue  # this very card is out already: asked for twice, sent once
            if envelope.kind is DeliveryKind.UPDATE:
                self._redrawn(envelope)
            self._connection.execute(insert(deliveries), _row(envelope, self._now))
            self.stirred = True

    def _remember_card(self, envelope: Envelope) -> bool:
        return insert_new(
            self._connection,
            card_copies,
            {
                "task_id": envelope.task_id,
                "person": envelope.to,
                "operation": envelope.operation,
                "step": envelope.step,
                "open": envelope.open,
                "card_hash": hashlib.sha256(envelope.body.encode()).hexdigest(),
                "shown_at": None,
            },
        )

    def _redrawn(self, envelope: Envelope) -> None:
        self._connection.execute(
            update(card_copies)
            .where(card_copies.c.task_id == envelope.task_id)
            .values(open=envelope.open, card_hash=hashlib.sha256(envelope.body.encode()).hexdigest())
        )

    # copies and codes

    def copies(self, operation: int) -> list[CardCopy]:
        rows = self._connection.execute(
            select(card_copies)
            .where(card_copies.c.operation == operation, card_copies.c.open.is_(True))
            .order_by(card_copies.c.task_id)
        )
        return [_copy(row) for row in rows]

    def copy(self, task_id: str) -> CardCopy | None:
        row = self._connection.execute(select(card_copies).where(card_copies.c.task_id == task_id)).one_or_none()
        return None if row is None else _copy(row)

    def showing(self, task_id: str) -> Showing:
        waits = exists().where(
            _is_or_replaces(deliveries.c.task_id, task_id),
            deliveries.c.state == _WAITING,
            deliveries.c.kind == DeliveryKind.CARD,
        )
        if self.shown_copy(task_id) is not None:
            return Showing.SHOWN
        return Showing.ON_ITS_WAY if self._connection.execute(select(waits)).scalar_one() else Showing.MISSED

    def shown_copy(self, task_id: str) -> CardCopy | None:
        row = self._connection.execute(
            select(card_copies)
            .where(_is_or_replaces(card_copies.c.task_id, task_id), card_copies.c.shown_at.is_not(None))
            .order_by(card_copies.c.shown_at.desc(), card_copies.c.task_id)
            .limit(1)
        ).one_or_none()
        return None if row is None else _copy(row)

    def tapped(self, task_id: str, response_code: str, at: datetime) -> CardCopy | None:
        copy = self.copy(task_id)
        if copy is not None and response_code:
            self._keep_code(task_id, response_code, at)
        return copy

    def _keep_code(self, task_id: str, code: str, at: datetime) -> None:
        insert_new(self._connection, card_codes, {"task_id": task_id, "code": code, "got_at": at})

    def close(self, task_id: str) -> None:
        self._connection.execute(update(card_copies).where(card_copies.c.task_id == task_id).values(open=False))

    def codes(self, task_id: str) -> int:
        query = select(func.count()).where(self._free_codes(task_id))
        return int(self._connection.execute(query).scalar_one())

    def _free_codes(self, task_id: str) -> ColumnElement[bool]:
        return and_(
            card_codes.c.task_id == task_id,
            card_codes.c.spent_by.is_(None),
            card_codes.c.got_at > self._now - CODE_LIFE,
        )

    def use_code(self, delivery: int, task_id: str) -> ReservedCode | None:
        mine = select(card_codes.c.code, card_codes.c.got_at).where(
            card_codes.c.task_id == task_id, card_codes.c.spent_by == delivery
        )
        reserved = self._connection.execute(mine).first()
        if reserved is not None:  # past its life it may have died unused
            return ReservedCode(reserved.code, tried=reserved.got_at > self._now - CODE_LIFE)
        free = self._connection.execute(
            select(card_codes.c.id, card_codes.c.code)
            .where(self._free_codes(task_id))
            .order_by(card_codes.c.got_at.desc(), card_codes.c.id.desc())
            .limit(1)
            .with_for_update()
        ).one_or_none()
        if free is None:
            return None
        self._connection.execute(update(card_codes).where(card_codes.c.id == free.id).values(spent_by=delivery))
        return ReservedCode(free.code, tried=False)

    def free_code(self, delivery: int, task_id: str) -> None:
        self._connection.execute(
            update(card_codes)
            .where(card_codes.c.task_id == task_id, card_codes.c.spent_by == delivery)
            .values(spent_by=None)
        )

    def code_failed(self, delivery: int, task_id: str) -> None:
        """The reserved code is spent or foreign: let the next one be tried."""
        self._connection.execute(
            update(card_codes)
            .where(card_codes.c.task_id == task_id, card_codes.c.spent_by == delivery)
            .values(spent_by=-delivery)
        )

    # deliveries

    def claim(self, owner: str, lease: timedelta, limit: int) -> list[Delivery]:
        older = deliveries.alias("older")
        first_of_person = ~exists().where(
            older.c.person == deliveries.c.person,
            older.c.state == _WAITING,
            older.c.id < deliveries.c.id,
        )
        due = and_(deliveries.c.state == _WAITING, deliveries.c.due_at <= self._now, self._free())
        choosing = (
            select(deliveries.c.id)
            .where(due, first_of_person)
            .order_by(deliveries.c.due_at, deliveries.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        # Chosen first: inside the UPDATE, PostgreSQL may ask for them row by row, and take more than the limit.
        chosen = self._connection.execute(choosing).scalars().all()
        if not chosen:
            return []
        rows = self._connection.execute(
            update(deliveries)
            .where(deliveries.c.id.in_(chosen))
            .values(lease_owner=owner, lease_until=self._now + lease, attempts=deliveries.c.attempts + 1)
            .returning(*deliveries.c)
        ).all()
        return [_delivery(row) for row in sorted(rows, key=lambda row: row.id)]

    def _free(self) -> ColumnElement[bool]:
        return or_(deliveries.c.lease_until.is_(None), deliveries.c.lease_until <= self._now)

    def sent(self, delivery: int, owner: str, response_code: str | None) -> None:
        self._end(delivery, owner, state=DeliveryState.SENT, sent_at=self._now, body="")
        task_id = self._connection.execute(
            select(deliveries.c.task_id).where(deliveries.c.id == delivery)
        ).scalar_one()
        if response_code and task_id:
            self._keep_code(task_id, response_code, self._now)
        if task_id:
            self._connection.execute(
                update(card_copies).where(card_copies.c.task_id == task_id).values(shown_at=self._now)
            )

    def undelivered(self, delivery: int, owner: str, error: str) -> None:
        self._end(delivery, owner, state=DeliveryState.UNDELIVERED, error=error)

    def retry(self, delivery: int, owner: str, at: datetime, error: str) -> None:
        self._end(delivery, owner, due_at=at, lease_owner=None, lease_until=None, error=error)

    def put_off(self, delivery: int, owner: str, at: datetime, why: str) -> None:
        untried = deliveries.c.attempts - 1
        self._end(delivery, owner, due_at=at, lease_owner=None, lease_until=None, error=why, attempts=untried)

    def replace_card(self, delivery: int, owner: str, task_id: str) -> None:
        row = self._connection.execute(select(deliveries).where(deliveries.c.id == delivery)).one()
        # free again at once: it is the person's oldest, and the others wait for it
        self._end(delivery, owner, kind=DeliveryKind.CARD, task_id=task_id, lease_owner=None, lease_until=None)
        self.close(row.task_id)
        self._remember_card(_delivery(row).as_fresh_card(task_id))

    def _end(self, delivery: int, owner: str, **values: object) -> None:
        mine = and_(
            deliveries.c.id == delivery,
            deliveries.c.state == DeliveryState.WAITING,
            deliveries.c.lease_owner == owner,
        )
        if self._connection.execute(update(deliveries).where(mine).values(**values)).rowcount != 1:
            raise LeaseLost(f"delivery {delivery} was taken over")

    def forget(self, before: datetime) -> int:
        self._connection.execute(delete(card_codes).where(card_codes.c.got_at < before))
        return self._connection.execute(
            delete(deliveries).where(deliveries.c.state == DeliveryState.SENT, deliveries.c.sent_at < before)
        ).rowcount

    def empty_undelivered(self, before: datetime) -> int:
        undelivered = deliveries.c.state == DeliveryState.UNDELIVERED
        old = and_(undelivered, deliveries.c.created_at < before, deliveries.c.body != "")
        return self._connection.execute(update(deliveries).where(old).values(body="")).rowcount

    def sent_since(self, person: PersonId, since: datetime) -> list[datetime]:
        query = (
            select(deliveries.c.sent_at)
            .where(
                deliveries.c.person == person,
                deliveries.c.sent_at > since,
                deliveries.c.kind != DeliveryKind.UPDATE,
            )
            .order_by(deliveries.c.sent_at)
        )
        return list(self._connection.execute(query).scalars())

    def sent_by_all(self, since: datetime) -> int:
        query = select(func.count()).select_from(deliveries).where(deliveries.c.sent_at > since)
        return self._connection.execute(query).scalar_one()

    def next_due(self) -> datetime | None:
        query = select(func.min(deliveries.c.due_at)).where(deliveries.c.state == DeliveryState.WAITING)
        due: datetime | None = self._connection.execute(query).scalar_one()
        return due


def _is_or_replaces(column: Column[str], task_id: str) -> ColumnElement[bool]:
    return or_(column == task_id, column.startswith(f"{task_id}-", autoescape=True))


def _row(envelope: Envelope, now: datetime) -> dict[str, object]:
    return {
        "person": envelope.to,
        "kind": envelope.kind,
        "body": envelope.body,
        "operation": envelope.operation,
        "step": envelope.step,
        "task_id": envelope.task_id,
        "leaves_open": envelope.open,
        "state": DeliveryState.WAITING,
        "due_at": envelope.not_before or now,
        "created_at": now,
    }


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        envelope=Envelope(
            to=PersonId(row.person),
            kind=DeliveryKind(row.kind),
            body=row.body,
            operation=row.operation,
            step=Step(row.step) if row.step else None,
            task_id=row.task_id,
            open=bool(row.leaves_open),
        ),
        attempts=row.attempts,
        due_at=row.due_at,
        made_at=row.created_at,
        state=DeliveryState(row.state),
    )


def _copy(row: Row[Any]) -> CardCopy:
    return CardCopy(
        task_id=row.task_id,
        person=PersonId(row.person),
        operation=row.operation,
        step=Step(row.step),
        open=bool(row.open),
        card_hash=row.card_hash,
    )
