"""What every event has: the entries it puts into the log."""

from abc import ABC, abstractmethod
from collections.abc import Iterable

from core.domain.audit import NewEntry


class Event(ABC):
    """Something that happened, as one value. Services return events; only `notify/publisher.py` acts on them."""

    __slots__ = ()

    @abstractmethod
    def entries(self) -> Iterable[NewEntry]:
        """What the log keeps of it, in order. An event without this rule cannot be made."""
