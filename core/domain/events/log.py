"""Events about the log itself."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.domain.audit import Head, NewEntry, Tag
from core.domain.events.event import Event


@dataclass(frozen=True, slots=True)
class HeadPosted(Event):
    """Today's head goes into the approvers' chats as an anchor, so that a log that was cut off is noticed."""

    head: Head

    def entries(self) -> Iterable[NewEntry]:
        yield NewEntry(Tag.ANCHOR_POSTED, detail={"seq": self.head.seq, "hash": self.head.hash})


@dataclass(frozen=True, slots=True)
class LogBroken(Event):
    """The log does not hold, so no operation is carried out until it does."""

    def entries(self) -> Iterable[NewEntry]:
        """Returns no entry, because nothing can be added to a broken chain."""
        return ()
