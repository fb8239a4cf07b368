"""Messages stored before they are answered, handled once each, in order for each sender."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, or_, select, update

from core.domain.errors import LeaseLost
from core.domain.incoming import Incoming
from core.ports import Claimed
from core.storage import incoming_json
from core.storage.tables import inbox
from core.storage.upsert import insert_new_many

NEW, DONE, FAILED = "new", "done", "failed"


class SqlInbox:
    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now
        self.stirred = False
        """True once a message was stored."""

    def add(self, arrivals: Sequence[tuple[Incoming, str]]) -> list[bool]:
        rows = [
            {
                "key": incoming.key,
                "signature": signature,
                "sender": incoming.sender,
                "received_at": self._now,
                "body": incoming_json.dump(incoming),
                "state": NEW,
            }
            for incoming, signature in arrivals
        ]
        fresh = insert_new_many(self._connection, inbox, rows, key="key")
        self.stirred |= bool(fresh)
        answers: list[bool] = []
        for incoming, _ in arrivals:
            answers.append(incoming.key in fresh)
            fresh.discard(incoming.key)
        return answers

    def claim(self, owner: str, lease: timedelta, limit: int) -> list[Claimed]:
        older = inbox.alias("older")
        first_of_sender = ~exists().where(
            older.c.sender == inbox.c.sender, older.c.state == NEW, older.c.id < inbox.c.id
        )
        chosen = (
            select(inbox.c.id)
            .where(inbox.c.state == NEW, self._free(), first_of_sender)
            .order_by(inbox.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        rows = self._connection.execute(
            update(inbox)
            .where(inbox.c.id.in_(chosen), inbox.c.state == NEW, self._free())
            .values(lease_owner=owner, lease_until=self._now + lease, attempts=inbox.c.attempts + 1)
            .returning(inbox.c.id, inbox.c.body, inbox.c.attempts)
        ).all()
        return [Claimed(incoming_json.load(row.body), row.attempts) for row in sorted(rows)]

    def _free(self) -> ColumnElement[bool]:
        return or_(inbox.c.lease_until.is_(None), inbox.c.lease_until <= self._now)

    def finish(self, key: str, owner: str) -> None:
        self._end(key, owner, state=DONE, body="")

    def give_up(self, key: str, owner: str) -> None:
        self._end(key, owner, state=FAILED)

    def release(self, key: str, owner: str, until: datetime) -> None:
        self._end(key, owner, lease_owner=None, lease_until=until)

    def _end(self, key: str, owner: str, **values: object) -> None:
        mine = and_(inbox.c.key == key, inbox.c.state == NEW, inbox.c.lease_owner == owner)
        if self._connection.execute(update(inbox).where(mine).values(**values)).rowcount != 1:
            raise LeaseLost(f"message {key} was taken over")

    def forget(self, before: datetime) -> int:
        return self._connection.execute(
            delete(inbox).where(inbox.c.state == DONE, inbox.c.received_at < before)
        ).rowcount
