"""Gives the store the database connection of a unit of work; nothing else here reaches for it."""

from typing import Protocol, cast

from sqlalchemy import Connection

from core.ports.store import UnitOfWork


class _Carrier(Protocol):
    connection: Connection


def connection_of(uow: UnitOfWork) -> Connection:
    """Returns the connection of a unit of work. The port hides it from services; the real class has it."""
    return cast("_Carrier", uow).connection
