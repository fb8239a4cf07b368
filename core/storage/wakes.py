"""Wakes the processes that share one PostgreSQL database, by LISTEN/NOTIFY.

A wake is only a hint to look for work now; what there is to do is decided by the rows.
"""

import asyncio
from collections.abc import Callable

import psycopg
import structlog
from sqlalchemy import Connection, text

from core.storage.engines import engine_url

CHANNEL = "voidbot_work"
RETRY_SECONDS = 2.0

log = structlog.get_logger(__name__)


def notify(connection: Connection) -> None:
    """Wakes all listeners when this transaction commits. It does nothing on SQLite, which serves one machine."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"NOTIFY {CHANNEL}"))


async def listen(url: str, wake: Callable[[], None]) -> None:
    """Calls `wake` for every notification, until cancelled. While the database is away, the workers still poll."""
    address = engine_url(url)
    if address.get_backend_name() != "postgresql":
        return
    # This connection listens for ever, so it is its own and takes none from SQLAlchemy's pool.
    conninfo = address.set(drivername="postgresql").render_as_string(hide_password=False)
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as connection:
                await connection.execute(f"LISTEN {CHANNEL}")
                async for _ in connection.notifies():
                    wake()
        except psycopg.Error as error:
            log.warning("listening_interrupted", why=type(error).__name__)
        await asyncio.sleep(RETRY_SECONDS)
