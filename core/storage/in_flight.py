"""Lets one request at a time hold a record: a row for each record of a running request, unique by the record."""

from sqlalchemy import Connection, and_, delete, or_, select

from core.domain.errors import BadInput
from core.domain.operation.labels import operation_label
from core.storage.tables import in_flight, targets
from core.storage.upsert import insert_missing


def take(connection: Connection, number: int) -> None:
    """Takes all records of the operation. Raises BadInput naming one that another request holds.

    On PostgreSQL a second transaction that wants one of them waits here until the first has ended. Rows are
    inserted in the order of the records, so that two transactions with several in common cannot deadlock.
    """
    t, f = targets.c, in_flight.c
    mine = select(t.kind, t.number, t.operation).where(t.operation == number).order_by(t.kind, t.number)
    not_mine = (
        select(t.name, f.operation.label("holder"))
        .outerjoin_from(targets, in_flight, and_(f.kind == t.kind, f.number == t.number))
        .where(t.operation == number, or_(f.operation.is_(None), f.operation != number))
        .order_by(t.kind, t.number)
        .limit(1)
    )
    # The insert skips records that are taken; the query then shows one of them, if any. The two are repeated when
    # the other request has let go in between.
    while True:
        insert_missing(connection, in_flight, mine)
        other = connection.execute(not_mine).one_or_none()
        if other is None:
            return
        if other.holder is not None:  # None: the other request has ended between the two statements
            raise BadInput("already_asked", what=other.name, operation=operation_label(other.holder))


def has_taken(connection: Connection, number: int) -> bool:
    held = select(in_flight.c.number).where(in_flight.c.operation == number).limit(1)
    return connection.execute(held).first() is not None


def release(connection: Connection, number: int) -> None:
    connection.execute(delete(in_flight).where(in_flight.c.operation == number))
