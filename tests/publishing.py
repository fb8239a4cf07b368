"""Makes publishers for tests that call services and loops directly."""

from datetime import tzinfo
from typing import Any, TypeVar

from cards.keys import KeyRing
from core.domain.events.domain_event import DomainEvent
from core.domain.outbox import Envelope
from core.ports.crm import LocalConnector
from notify.audience import Audience
from notify.publisher import Publisher
from notify.telling import Teller

T = TypeVar("T")


def publisher(keys: KeyRing, zone: tzinfo, crm: LocalConnector) -> Publisher:
    """Returns a publisher that logs and tells as the bot's does."""
    return Publisher(Teller(Audience(keys, zone), crm))


def log_only(uow: Any, *happened: DomainEvent | Envelope) -> None:
    """Logs events without telling anybody."""
    for event in happened:
        if not isinstance(event, Envelope):
            uow.audit.append(*event.entries())


def of_kind(kind: type[T], events: Any) -> list[T]:
    """Returns the events of one class, in order."""
    return [event for event in events if isinstance(event, kind)]
