"""Events about the log itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.domain.audit import Head, NewEntry, Tag
from core.domain.events.event import Event
from core.domain.seals import Unsound

PEOPLE_SEALING, OPERATIONS_SEALING = "rows:1", "rows:2"
"""The subjects of the entries about the sealing at an upgrade: each kind of rows is sealed once."""


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


@dataclass(frozen=True, slots=True)
class RowsSealed(Event):
    """The rows that an older version wrote were sealed as they were: once, at the start after the upgrade."""

    subject: str
    """Which kind of rows: PEOPLE_SEALING or OPERATIONS_SEALING."""
    counts: Mapping[str, int]
    """The number of rows by table."""

    def entries(self) -> Iterable[NewEntry]:
        yield NewEntry(Tag.ROWS_SEALED, subject=self.subject, detail=dict(self.counts))


class Telling(StrEnum):
    """Whether people hear of an unsound row."""

    ONE = "one"
    LAST = "last"
    """They hear of it, and that further ones of this hour stand in the log only."""
    NONE = "none"


@dataclass(frozen=True, slots=True)
class RowUnsound(Event):
    """A row was met whose seal does not hold, and nothing was done by it."""

    found: Unsound
    telling: Telling = Telling.ONE

    def entries(self) -> Iterable[NewEntry]:
        yield NewEntry(Tag.ROW_UNSOUND, detail={"table": self.found.table, "row": self.found.row[:128]})
