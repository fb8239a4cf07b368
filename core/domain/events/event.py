"""The base class of all events, which knows the log entries of each."""

from abc import ABC, abstractmethod
from collections.abc import Iterable

from core.domain.audit import NewEntry


class Event(ABC):
    """Something that happened, as one value. Services return events; only `notify/publisher.py` acts on them."""

    # Empty, so that the events, dataclasses with slots, get no dictionary from their base class.
    __slots__ = ()

    @abstractmethod
    def entries(self) -> Iterable[NewEntry]:
        """The entries that the log keeps of the event, in order. A class without this method has no instances."""
