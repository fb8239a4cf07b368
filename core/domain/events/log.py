"""What happened to the log itself."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.domain.audit import Head, NewEntry, Tag
from core.domain.events.event import Event


@dataclass(frozen=True, slots=True)
class HeadPosted(Event):
    """Today's head goes into the approvers' chats, so that a cut tail shows."""

    head: Head

    def entries(self) -> Iterable[NewEntry]:
        yield NewEntry(Tag.ANCHOR_POSTED, detail={"seq": self.head.seq, "hash": self.head.hash})


@dataclass(frozen=True, slots=True)
class LogBroken(Event):
    """The log does not hold: nothing is done until it does."""

    def entries(self) -> Iterable[NewEntry]:
        """None: the log is what broke, and a broken chain takes no entry."""
        return ()
