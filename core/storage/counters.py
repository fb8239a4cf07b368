"""Own counters: no gaps, unlike a database's sequences, because a rolled-back number was never given."""

import secrets

from sqlalchemy import Connection, select, update

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


def instance(connection: Connection) -> int:
    """A number of this installation alone: WeCom refuses a task id that any earlier installation has used."""
    insert_new(connection, counters, {"name": "instance", "value": secrets.randbits(40)})
    return int(connection.execute(select(counters.c.value).where(counters.c.name == "instance")).scalar_one())
