"""The one place that logs what happened and tells people of it."""

from dataclasses import dataclass

from core.domain.events.domain_event import DomainEvent
from core.domain.outbox import Envelope
from core.ports.store import UnitOfWork
from notify.telling import Teller


@dataclass(frozen=True, slots=True)
class Publisher:
    """Called inside the transaction in which it happened: state, log entries and deliveries commit together."""

    teller: Teller

    def __call__(self, uow: UnitOfWork, *happened: DomainEvent | Envelope) -> None:
        """In the order given. An envelope is an answer to whoever wrote: only sent, since nothing happened."""
        events = [each for each in happened if not isinstance(each, Envelope)]
        uow.audit.append(*(entry for event in events for entry in event.entries()))
        for each in happened:
            if isinstance(each, Envelope):
                uow.outbox.send(each)
            else:
                self.teller.tell(uow, each)
