"""Own counters: no gaps, unlike a database's sequences, because a rolled-back number was never given."""

from sqlalchemy import Connection, update

from core.storage.tables import counters
from core.storage.upsert import insert_new


def next_value(connection: Connection, name: str) -> int:
    insert_new(connection, counters, {"name": name, "value": 0})
    statement = (
        update(counters)
        .where(counters.c.name == name)
        .values(value=counters.c.value + 1)
        .returning(counters.c.value)
    )
    return int(connection.execute(statement).scalar_one())
