"""Stores messages before they are answered, and hands each out once, in order for each sender."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import Connection, and_, bindparam, delete, exists, literal_column, or_, select, update

from core.domain.errors import LeaseLost
from core.domain.incoming import Incoming
from core.ports.messages import Claimed
from core.storage import incoming_json
from core.storage.seals import RowSeals
from core.storage.tables import inbox
from core.storage.types import to_micros

NEW, DONE, FAILED = "new", "done", "failed"

WINDOW = 64
"""How many rows are looked at in one step of a claim."""
_IS_NEW = inbox.c.state == literal_column(f"'{NEW}'")
"""The state as text: with a bound value, PostgreSQL's prepared plans could not use the partial indexes."""
# The two statements of a claim are built once, and not for each claim.
_WINDOW = (
    select(inbox.c.id, inbox.c.sender)
    .where(_IS_NEW, or_(inbox.c.lease_until.is_(None), inbox.c.lease_until <= bindparam("now")))
    .where(inbox.c.sender.not_in(bindparam("seen", expanding=True)))
    .order_by(inbox.c.id)
    .limit(WINDOW)
    .with_for_update(skip_locked=True)
)
_older = inbox.alias("older")
_OLDEST = select(inbox.c.id).where(
    inbox.c.id.in_(bindparam("ids", expanding=True)),
    ~exists().where(
        _older.c.state == literal_column(f"'{NEW}'"),
        _older.c.sender == inbox.c.sender,
        _older.c.id < inbox.c.id,
    ),
)
_STORED = ("key", "signature", "channel", "conversation", "sender", "received_at", "body", "state", "seal")


@lru_cache(maxsize=512)
def _insert(count: int, style: str) -> str:
    """Returns the INSERT for `count` rows as text, with parameters in the driver's `style`.

    It is cached, because building it anew for each batch would cost more than storing the batch.
    """
    mark = {"qmark": "?", "pyformat": "%s"}[style]
    row = f"({', '.join([mark] * len(_STORED))})"
    rows = ", ".join([row] * count)
    return f"INSERT INTO inbox ({', '.join(_STORED)}) VALUES {rows} ON CONFLICT DO NOTHING RETURNING key"  # noqa: S608  # nothing of a callback's


@dataclass
class SqlInbox:
    _connection: Connection
    _now: datetime
    _seals: RowSeals
    stirred: bool = False
    """True once this transaction has left a message to be handled: a new one, or the next of a sender."""

    def add(self, arrivals: Sequence[tuple[Incoming, str]]) -> list[bool]:
        now = to_micros(self._now)
        values = [value for incoming, signature in arrivals for value in self._row(incoming, signature, now)]
        statement = _insert(len(arrivals), self._connection.dialect.paramstyle)
        fresh = set(self._connection.exec_driver_sql(statement, tuple(values)).scalars())
        self.stirred |= bool(fresh)
        answers: list[bool] = []
        for incoming, _ in arrivals:
            answers.append(incoming.key in fresh)
            fresh.discard(incoming.key)  # a batch may hold a callback twice: only the first one is new
        return answers

    def _row(self, incoming: Incoming, signature: str, now: int) -> tuple[str | int, ...]:
        """Returns the values of a row in the order of `_STORED`."""
        where = incoming.address
        row: dict[str, str | int] = {
            "key": incoming.key,
            "signature": signature,
            "channel": where.channel,
            "conversation": where.conversation,
            "sender": where.person,
            "received_at": now,
            "body": incoming_json.dump(incoming),
        }
        return (*row.values(), NEW, self._seals.seal(inbox, row))

    def seal_all(self) -> int:
        return self._seals.seal_all(inbox, _IS_NEW)

    def claim(self, owner: str, lease: timedelta, limit: int) -> list[Claimed]:
        chosen = self._first_of_senders(limit)
        if not chosen:
            return []
        rows = self._connection.execute(
            update(inbox)
            .where(inbox.c.id.in_(chosen))
            .values(lease_owner=owner, lease_until=self._now + lease, attempts=inbox.c.attempts + 1)
            .returning(*inbox.c)
        ).all()
        sound = self._seals.sound(inbox, sorted(rows, key=lambda row: row.id))
        if len(sound) < len(rows):  # kept for a human; the next messages of their senders are not held up
            forged = {row.id for row in rows} - {row.id for row in sound}
            self._connection.execute(update(inbox).where(inbox.c.id.in_(forged)).values(state=FAILED))
            self.stirred = True
        return [
            Claimed(incoming_json.load(row.body, row.channel, row.conversation), row.attempts) for row in sound
        ]

    def _first_of_senders(self, limit: int) -> list[int]:
        """Locks the oldest unfinished message of each sender, unless it has a lease, and returns the ids.

        Rows are read in windows, each without the senders seen before. So neither a flood of messages nor the long
        queue of one person makes a claim slow.
        """
        chosen: list[int] = []
        seen: set[str] = set()
        while len(chosen) < limit:
            window = self._connection.execute(_WINDOW, {"seen": sorted(seen), "now": self._now}).all()
            first = {row.sender: row.id for row in reversed(window)}  # reversed: the oldest of each sender stays
            if first:
                # A row is skipped when an older one of its sender is under way in another process.
                chosen += self._connection.execute(_OLDEST, {"ids": sorted(first.values())}).scalars()
            if len(window) < WINDOW:
                break
            seen |= set(first)
        return sorted(chosen)[:limit]

    def finish(self, key: str, owner: str) -> None:
        # The words are no longer needed; the key recognises repeats.
        self._let_next(self._end(key, owner, state=DONE, body=""))

    def give_up(self, key: str, owner: str) -> None:
        self._let_next(self._end(key, owner, state=FAILED))

    def _let_next(self, sender: str) -> None:
        """Notes whether another message of this sender waits, which could not be handled before this one."""
        waits = exists().where(_IS_NEW, inbox.c.sender == sender)
        self.stirred |= bool(self._connection.execute(select(waits)).scalar_one())

    def release(self, key: str, owner: str, until: datetime) -> None:
        self._end(key, owner, lease_owner=None, lease_until=until)

    def _end(self, key: str, owner: str, **values: object) -> str:
        """Changes a message that this owner has claimed, and returns its sender.

        Raises LeaseLost when another process has claimed it.
        """
        mine = and_(inbox.c.key == key, inbox.c.state == NEW, inbox.c.lease_owner == owner)
        ended = update(inbox).where(mine).values(**values).returning(inbox.c.sender)
        sender: str | None = self._connection.execute(ended).scalar_one_or_none()
        if sender is None:
            raise LeaseLost(f"message {key} was taken over")
        return sender

    def empty_given_up(self, before: datetime) -> int:
        old = and_(inbox.c.state == FAILED, inbox.c.received_at < before, inbox.c.body != "")
        return self._connection.execute(update(inbox).where(old).values(body="")).rowcount

    def forget(self, before: datetime) -> int:
        return self._connection.execute(
            delete(inbox).where(inbox.c.state == DONE, inbox.c.received_at < before)
        ).rowcount
