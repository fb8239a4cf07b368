"""Stores the copies of cards that people have, and the one-use codes that redraw them."""

from dataclasses import dataclass
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
    or_,
    select,
    update,
)

from core.domain.address import Address, Channel
from core.domain.operation.life import CARRIED_OUT, UNSETTLED
from core.domain.outbox import CardCopy, CardName, DeliveryKind, DeliveryState, Envelope, ReservedCode, Showing
from core.domain.people import PersonId
from core.storage.tables import card_codes, card_copies, deliveries, operations
from core.storage.upsert import insert_new

CODE_LIFE = timedelta(hours=71)
"""How long a code is used. WeCom takes it for 72 h (path/94888); one hour is left for slow clocks and queues."""


@dataclass
class SqlCards:
    _connection: Connection
    _now: datetime

    def remember(self, envelope: Envelope) -> bool:
        """Stores a card that is to be sent. Returns False when this card is out already."""
        return insert_new(
            self._connection,
            card_copies,
            {
                "task_id": envelope.task_id,
                "channel": envelope.to.channel,
                "person": envelope.to.person,
                "conversation": envelope.to.conversation,
                "operation": envelope.operation,
                "card": envelope.card,
                "open": envelope.open,
                "card_hash": envelope.body_hash,
                "shown_at": None,
                "changed_at": self._now,
            },
        )

    def redrawn(self, envelope: Envelope) -> None:
        self._change(envelope.task_id, open=envelope.open, card_hash=envelope.body_hash)

    def shown(self, task_id: str, response_code: str | None) -> None:
        """Notes that the card has reached its person, and keeps the code that can redraw it."""
        if response_code:
            self._keep_code(task_id, response_code, self._now)
        self._change(task_id, shown_at=self._now)

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
            deliveries.c.state == DeliveryState.WAITING,
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
        self._change(task_id, open=False)

    def _change(self, task_id: str, **values: object) -> None:
        copy = card_copies.c.task_id == task_id
        self._connection.execute(update(card_copies).where(copy).values(changed_at=self._now, **values))

    # codes

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
        if reserved is not None:
            # A code past its life may have ended unused, so the earlier try is no proof that the redraw arrived.
            return ReservedCode(reserved.code, tried=reserved.got_at > self._now - CODE_LIFE)
        free = self._connection.execute(
            select(card_codes.c.id, card_codes.c.code)
            .where(self._free_codes(task_id))
            .order_by(card_codes.c.got_at.desc(), card_codes.c.id.desc())
            .limit(1)
            .with_for_update()  # two redraws of one card must not take the same code
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
        """Marks the reserved code as used by another, so that the next one is tried."""
        self._connection.execute(
            update(card_codes)
            .where(card_codes.c.task_id == task_id, card_codes.c.spent_by == delivery)
            .values(spent_by=-delivery)  # neither free nor reserved: no delivery has a negative number
        )

    def forget_codes(self, before: datetime) -> None:
        self._connection.execute(delete(card_codes).where(card_codes.c.got_at < before))

    def forget_copies(self, before: datetime) -> None:
        """Deletes copies that have not changed since and that no later event would redraw."""
        o = operations.c
        may_be_undone = and_(o.state.in_(CARRIED_OUT), o.undo_until >= before)
        goes_on = exists().where(o.number == card_copies.c.operation, or_(o.state.in_(UNSETTLED), may_be_undone))
        on_its_way = exists().where(
            deliveries.c.task_id == card_copies.c.task_id, deliveries.c.state == DeliveryState.WAITING
        )
        self._connection.execute(
            delete(card_copies).where(card_copies.c.changed_at < before, ~goes_on, ~on_its_way)
        )


def _is_or_replaces(column: Column[str], task_id: str) -> ColumnElement[bool]:
    # A fresh card in place of another one has that one's task id as the beginning of its own.
    return or_(column == task_id, column.startswith(f"{task_id}-", autoescape=True))


def _copy(row: Row[Any]) -> CardCopy:
    return CardCopy(
        task_id=row.task_id,
        address=Address(Channel(row.channel), PersonId(row.person), row.conversation),
        operation=row.operation,
        card=CardName(row.card),
        open=bool(row.open),
        card_hash=row.card_hash,
    )
