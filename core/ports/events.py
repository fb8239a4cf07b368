"""How a service that runs several transactions hands on what happened in each."""

from typing import Protocol

from core.domain.events.domain_event import DomainEvent
from core.ports.store import UnitOfWork


class Publish(Protocol):
    """Logs and tells, inside the transaction in which it happened."""

    def __call__(self, uow: UnitOfWork, *events: DomainEvent) -> None: ...
