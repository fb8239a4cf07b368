"""Stores operations with their targets and votes, and hands out the leases under which workers execute them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)

from core.domain.actions import Action
from core.domain.errors import LeaseLost
from core.domain.operation.labels import operation_label
from core.domain.operation.life import EXPIRING, FOR_WORKERS, ON_ITS_WAY, State
from core.domain.operation.operation import Mode, Operation
from core.domain.operation.targets import Outcome, Tally, Target
from core.domain.people import PersonId
from core.domain.records import RecordRef
from core.storage import in_flight
from core.storage.counters import next_value
from core.storage.operation_rows import (
    operation_of,
    row_of,
    target_of,
    target_row,
    vote_row,
)
from core.storage.people import HOLD_PEOPLE
from core.storage.seals import RowSeals
from core.storage.tables import operations, targets, votes

NAMED_TARGETS = 20
"""The number of targets that are loaded together with an operation; the others are read in pages."""
ASIDE = timedelta(days=1)
"""How long a worker does not look again at an operation whose seal does not hold."""
_CHUNK = 1000
"""Rows per statement, so that memory stays flat for sets of any size."""


@dataclass
class SqlOperations:
    _connection: Connection
    _now: datetime
    _seals: RowSeals
    stirred: bool = False
    """True once an operation that waits for a worker was stored; the unit of work then wakes the others."""

    def seal_all(self) -> int:
        self._seals.seal_all(targets)
        self._seals.seal_all(votes)
        return self._seals.seal_all(operations)

    def next_number(self) -> int:
        return next_value(self._connection, "operation")

    def add(self, operation: Operation, targets: Iterable[Target]) -> None:
        row = {**row_of(operation), "number": operation.number, "revision": 0}
        self._connection.execute(insert(operations), self._seals.sealed(operations, row))
        self._add_targets(operation.number, targets)
        self._hold_records(operation)

    def get(self, number: int) -> Operation | None:
        return self._one(select(operations).where(operations.c.number == number))

    def lock(self, number: int) -> Operation | None:
        # People before operations: every transaction locks in the order of the port's docstring.
        if self._connection.dialect.name == "postgresql":  # SQLite has one writer anyway
            self._connection.execute(HOLD_PEOPLE)
        return self._one(select(operations).where(operations.c.number == number).with_for_update())

    def save(self, operation: Operation) -> Operation:
        row = {**row_of(operation), "number": operation.number, "revision": operation.revision + 1}
        values = self._seals.sealed(operations, row)
        # A lease belongs to an execution; one that was left over would hide the operation from workers.
        if operation.state is not State.EXECUTING:
            values |= {"lease_owner": None, "lease_until": None}
        changed = self._connection.execute(
            update(operations)
            .where(operations.c.number == operation.number, operations.c.revision == operation.revision)
            .values(values)
        )
        if changed.rowcount != 1:
            raise LeaseLost(f"{operation.label} was changed by somebody else")
        self._hold_records(operation)
        self._add_votes(operation)
        self.stirred |= operation.state is State.APPROVED
        return replace(operation, revision=operation.revision + 1)

    def _hold_records(self, operation: Operation) -> None:
        """Takes the records of a running operation for itself, and releases those of one that has ended."""
        number = operation.number
        if operation.state not in ON_ITS_WAY:
            if operation.state is not State.DRAFT:  # a draft has taken none yet
                in_flight.release(self._connection, number)
        elif not in_flight.has_taken(self._connection, number):
            in_flight.take(self._connection, number)

    def _add_votes(self, operation: Operation) -> None:
        # A stored vote is never changed or removed, not even when a new round begins without it.
        known = set(
            self._connection.execute(
                select(votes.c.round, votes.c.person).where(votes.c.operation == operation.number)
            )
        )
        fresh = [vote for vote in operation.votes if (vote.round, vote.person) not in known]
        if fresh:
            rows = [self._seals.sealed(votes, vote_row(operation.number, vote)) for vote in fresh]
            self._connection.execute(insert(votes), rows)

    def replace_targets(self, number: int, targets_now: Iterable[Target]) -> None:
        self._connection.execute(delete(targets).where(targets.c.operation == number))
        self._add_targets(number, targets_now)
        in_flight.release(self._connection, number)  # the next `save` takes the records listed now

    def _add_targets(self, number: int, listed: Iterable[Target]) -> None:
        chunk: list[dict[str, object]] = []
        for target in listed:
            chunk.append(self._seals.sealed(targets, target_row(number, target)))
            if len(chunk) == _CHUNK:
                self._connection.execute(insert(targets), chunk)
                chunk = []
        if chunk:
            self._connection.execute(insert(targets), chunk)

    def targets(self, number: int, *, after: RecordRef | None = None, limit: int = 1000) -> list[Target]:
        query = select(targets).where(targets.c.operation == number)
        # Paging by key, not by OFFSET: each page begins in the index where the last one ended.
        if after is not None:
            query = query.where(tuple_(targets.c.kind, targets.c.number) > (after.kind.value, after.number))
        rows = self._connection.execute(query.order_by(targets.c.kind, targets.c.number).limit(limit))
        return [target_of(row) for row in self._seals.sound(targets, rows)]

    def unfinished_targets(self, number: int, limit: int) -> list[Target]:
        query = select(targets).where(targets.c.operation == number, targets.c.outcome.is_(None))
        rows = self._connection.execute(query.order_by(targets.c.kind, targets.c.number).limit(limit))
        return [target_of(row) for row in self._seals.sound(targets, rows)]

    def record_outcomes(self, number: int, outcomes: Mapping[RecordRef, Outcome]) -> None:
        # Most targets of a chunk end alike, so there are few statements.
        grouped: dict[Outcome, list[tuple[str, str]]] = {}
        for ref, outcome in outcomes.items():
            grouped.setdefault(outcome, []).append((ref.kind.value, ref.number))
        for outcome, keys in grouped.items():
            # SQLite limits the number of values in a statement, and each key is two of them.
            for start in range(0, len(keys), _CHUNK // 2):
                self._connection.execute(
                    update(targets)
                    .where(
                        targets.c.operation == number,
                        tuple_(targets.c.kind, targets.c.number).in_(keys[start : start + _CHUNK // 2]),
                    )
                    .values(outcome=outcome)
                )

    def tally(self, number: int) -> Tally:
        rows = self._connection.execute(
            select(targets.c.outcome, func.count())
            .where(targets.c.operation == number)
            .group_by(targets.c.outcome)
        )
        counted: dict[str, int] = {}
        for outcome, count in rows:
            name = _counted_as(Outcome(outcome) if outcome else None)
            counted[name] = counted.get(name, 0) + count
        return Tally(**counted)

    def owners(self, number: int) -> dict[PersonId, int]:
        owner = targets.c.owner
        good = [outcome.value for outcome in Outcome if outcome.good]
        query = select(owner, func.count()).where(targets.c.operation == number, targets.c.outcome.in_(good))
        rows = self._connection.execute(query.where(owner.is_not(None)).group_by(owner).order_by(owner))
        return {PersonId(person): count for person, count in rows}

    def numbers_of(self, requester: PersonId, states: frozenset[State]) -> list[int]:
        return list(
            self._connection.execute(
                select(operations.c.number)
                .where(operations.c.requester == requester, operations.c.state.in_(sorted(states)))
                .order_by(operations.c.number)
            ).scalars()
        )

    def of_requester(self, person: PersonId, limit: int) -> list[Operation]:
        return self._many(
            select(operations)
            .where(operations.c.requester == person, operations.c.state != State.DRAFT)
            .order_by(operations.c.number.desc())
            .limit(limit)
        )

    def drafts_of(self, person: PersonId, limit: int) -> list[Operation]:
        return self._many(
            select(operations)
            .where(operations.c.requester == person, operations.c.state == State.DRAFT)
            .order_by(operations.c.number.desc())
            .limit(limit)
        )

    def waiting_for(self, approver: PersonId, limit: int) -> list[Operation]:
        # Asked in SQL, so that `limit` counts only requests this person has not voted on.
        voted = exists().where(
            votes.c.operation == operations.c.number,
            votes.c.round == operations.c.round,
            votes.c.person == approver,
        )
        return self._many(
            select(operations)
            .where(
                operations.c.state == State.PENDING,
                # With a separator on both sides, `li` is not found inside `liming`.
                ("|" + operations.c.approvers + "|").contains(f"|{approver}|", autoescape=True),
                ~voted,
            )
            .order_by(operations.c.number)
            .limit(limit)
        )

    def touching(self, ref: RecordRef, states: frozenset[State] | None = None, limit: int = 20) -> list[Operation]:
        query = (
            select(operations)
            .join(targets, targets.c.operation == operations.c.number)
            .where(targets.c.kind == ref.kind, targets.c.number == ref.number)
        )
        if states is not None:
            query = query.where(operations.c.state.in_(sorted(states)))
        return self._many(query.order_by(operations.c.number.desc()).limit(limit))

    def confirmed_since(self, person: PersonId, since: datetime) -> int:
        # Undoing and restoring bring data back, so neither counts towards the daily limit of changes.
        query = select(func.count()).where(
            operations.c.requester == person,
            operations.c.confirmed_at >= since,
            operations.c.mode == Mode.NORMAL,
            operations.c.action != Action.RESTORE,
        )
        return int(self._connection.execute(query).scalar_one())

    def confirmed_and_undone(self, person: PersonId, since: datetime, besides: int) -> tuple[int, int]:
        o = operations.c
        query = select(func.count(), func.count().filter(o.state == State.UNDONE)).where(
            o.requester == person, o.confirmed_at >= since, o.undo_of.is_(None), o.number != besides
        )
        confirmed, undone = self._connection.execute(query).one()
        return confirmed, undone

    def by_state(self) -> dict[tuple[Action, State], int]:
        o = operations.c
        rows = self._connection.execute(select(o.action, o.state, func.count()).group_by(o.action, o.state))
        return {(Action(action), State(state)): count for action, state, count in rows}

    def due_to_expire(self, now: datetime, limit: int) -> list[Operation]:
        # Locked rows are skipped here and below: another process is dealing with them, or a person is deciding.
        return self._many(
            select(operations)
            .where(operations.c.state.in_(EXPIRING), operations.c.expires_at <= now)
            .order_by(operations.c.number)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )

    def due_to_nudge(self, now: datetime, limit: int, ending_before: datetime | None = None) -> list[Operation]:
        o = operations.c
        # A reminder is also due when the request ends before the next working time (`ending_before`), as it would
        # come too late otherwise.
        due = or_(o.nudge_at <= now, and_(o.nudge_at.is_not(None), o.expires_at < (ending_before or now)))
        return self._many(
            select(operations)
            .where(o.state == State.PENDING, due, o.expires_at > now)
            .order_by(operations.c.number)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )

    # leases: the right of one worker to execute an operation for a limited time

    def claim(self, owner: str, now: datetime, lease: timedelta) -> Operation | None:
        if self._connection.dialect.name == "postgresql":  # SQLite has one writer anyway
            self._connection.execute(HOLD_PEOPLE)
        claimed = self._first_for_workers(now)
        if claimed is None:
            return None
        # `start` raises the fence, so that a worker whose lease has run out can write nothing more.
        started = self.save(claimed.start())
        self._connection.execute(
            update(operations)
            .where(operations.c.number == started.number)
            .values(lease_owner=owner, lease_until=now + lease)
        )
        return started

    def _first_for_workers(self, now: datetime) -> Operation | None:
        first = (
            select(operations)
            .where(_for_workers(now))
            .order_by(operations.c.number)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        while (row := self._connection.execute(first).one_or_none()) is not None:
            if sound := self._whole([row]):
                return sound[0]
            # One whose seal does not hold is never executed, and must not hold up the others.
            aside = update(operations).where(operations.c.number == row.number)
            self._connection.execute(aside.values(lease_until=now + ASIDE))
        return None

    def waits(self, now: datetime) -> bool:
        return bool(self._connection.execute(select(exists().where(_for_workers(now)))).scalar_one())

    def extend_lease(self, number: int, fence: int, until: datetime) -> None:
        self._under_fence(number, fence, lease_until=until)

    def put_off(self, number: int, fence: int, until: datetime, why: str, *, failed: bool = False) -> None:
        tries = operations.c.tries + int(failed)
        self._under_fence(number, fence, lease_until=until, lease_owner=None, note=why, tries=tries)

    def _under_fence(self, number: int, fence: int, **values: object) -> None:
        """Writes to an operation only while this worker still holds it. Raises LeaseLost otherwise."""
        changed = self._connection.execute(
            update(operations)
            .where(
                and_(
                    operations.c.number == number,
                    operations.c.fence == fence,
                    operations.c.state == State.EXECUTING,
                )
            )
            .values(**values)
        )
        if changed.rowcount != 1:
            raise LeaseLost(f"{operation_label(number)} was taken over")

    # converting rows to values

    def _one(self, query: Select[Any]) -> Operation | None:
        found = self._many(query)
        return found[0] if found else None

    def _many(self, query: Select[Any]) -> list[Operation]:
        return self._whole(self._connection.execute(query).all())

    def _whole(self, rows: Sequence[Row[Any]]) -> list[Operation]:
        """Returns the operations whose own seal and whose targets' seals hold, with the votes that are sound."""
        found: list[Operation] = []
        for row in rows:
            named, cast = self._named_targets(row.number), self._votes(row.number)
            whole, first, valid = self._seals.sound_each((operations, [row]), (targets, named), (votes, cast))
            if whole and len(first) == len(named):
                found.append(operation_of(row, first, valid))
        return found

    def _named_targets(self, number: int) -> Sequence[Row[Any]]:
        query = select(targets).where(targets.c.operation == number).order_by(targets.c.kind, targets.c.number)
        return self._connection.execute(query.limit(NAMED_TARGETS)).all()

    def _votes(self, number: int) -> Sequence[Row[Any]]:
        query = select(votes).where(votes.c.operation == number)
        return self._connection.execute(query.order_by(votes.c.round, votes.c.at, votes.c.person)).all()


def _for_workers(now: datetime) -> ColumnElement[bool]:
    free = or_(operations.c.lease_until.is_(None), operations.c.lease_until <= now)
    return and_(operations.c.state.in_(FOR_WORKERS), free)


def _counted_as(outcome: Outcome | None) -> str:
    """Returns the field of `Tally` that an outcome counts towards."""
    if outcome is None or outcome in {Outcome.UNKNOWN, Outcome.PENDING_APPROVAL, Outcome.SCHEDULED}:
        return "unknown"
    if outcome is Outcome.CONFLICT:
        return "conflicts"
    return "done" if outcome.good else "failed"
