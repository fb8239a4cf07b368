"""The port through which a service that runs several transactions hands on the events of each."""

from typing import Protocol

from core.domain.events.domain_event import DomainEvent
from core.ports.store import UnitOfWork


class Publish(Protocol):
    """Logs events and tells people of them, inside the transaction in which they happened."""

    def __call__(self, uow: UnitOfWork, *events: DomainEvent) -> None: ...
