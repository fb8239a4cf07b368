"""The only place that logs events and tells people of them (docs/decisions/0011)."""

from dataclasses import dataclass

from core.domain.audit import NewEntry
from core.domain.events.domain_event import DomainEvent
from core.domain.outbox import Envelope
from core.ports.store import UnitOfWork
from notify.telling import Teller


@dataclass(frozen=True, slots=True)
class Publisher:
    """Publishes events inside the transaction in which they happened: state, log entries and deliveries commit
    together.
    """

    teller: Teller

    def __call__(self, uow: UnitOfWork, *happened: DomainEvent | Envelope) -> None:
        """Logs the events, then tells people in the order given. An envelope is an answer, which is only sent."""
        # Entries are only gathered here and chained at commit, so a card can still carry the head before them.
        entries: list[NewEntry] = []
        for each in happened:
            if not isinstance(each, Envelope):
                entries += each.entries()
        uow.audit.append(*entries)
        for each in happened:
            if isinstance(each, Envelope):
                uow.outbox.send(each)
            else:
                self.teller.tell(uow, each)
