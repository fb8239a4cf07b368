"""Counts without gaps (docs/decisions/0008): a database sequence would lose the number of a rolled-back insert."""

from sqlalchemy import Connection, update

from core.storage.tables import counters
from core.storage.upsert import insert_new


def next_value(connection: Connection, name: str) -> int:
    """Returns the next number of this counter, from 1 on. Its row stays locked until the transaction ends."""
    insert_new(connection, counters, {"name": name, "value": 0})
    statement = (
        update(counters)
        .where(counters.c.name == name)
        .values(value=counters.c.value + 1)
        .returning(counters.c.value)
    )
    return int(connection.execute(statement).scalar_one())
