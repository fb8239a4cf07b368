"""The one place where the store reaches the connection that its unit of work carries."""

from typing import Protocol, cast

from sqlalchemy import Connection

from core.ports.store import UnitOfWork


class _Carrier(Protocol):
    connection: Connection


def connection_of(uow: UnitOfWork) -> Connection:
    """Services know a unit of work by its port, which has no SQL in it; the store's own one has."""
    return cast("_Carrier", uow).connection
