"""What a card needs to know: domain values and display names, no platform words.

Services and handlers build these; times in them are UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from core.domain.actions import Action
from core.domain.audit import Head, Tag
from core.domain.facts import Facts
from core.domain.impact import Impact
from core.domain.operation.life import State
from core.domain.operation.operation import Operation
from core.domain.operation.targets import Outcome, Tally, Target
from core.domain.people import Language, PersonId
from core.domain.records import Hits


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who reads, in which language, at what moment; `zone` is the company's time zone."""

    language: Language
    zone: tzinfo
    now: datetime


Names = Mapping[PersonId, str]
"""Display names."""


@dataclass(frozen=True, slots=True)
class HitsView:
    """K1 and 查: what a search found."""

    said: str
    """What the person searched for."""
    hits: Hits
    owners: Names = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ConfirmView:
    """K2: a drafted operation, before its requester stands by it."""

    operation: Operation
    impact: Impact = field(default_factory=Impact)
    owner: str = ""
    level: str = ""
    approvers: tuple[str, ...] = ()
    """Display names of those who would be asked; empty: nobody needs to agree."""
    votes_needed: int = 0
    undo_until: datetime | None = None
    """None: no term of its own."""
    took_delete_as_void: bool = False


@dataclass(frozen=True, slots=True)
class RequestView:
    """K5: a submitted operation as its requester follows it."""

    operation: Operation
    approvers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DecideView:
    """K6: a submitted operation as an approver judges it."""

    operation: Operation
    requester: str
    head: Head
    impact: Impact = field(default_factory=Impact)
    owner: str = ""
    """Whose record it is; of several owners the first, and … ."""
    recent_changes: int | None = None
    """Of the requester in the last 30 days; None: not counted."""
    recent_undone: int = 0


@dataclass(frozen=True, slots=True)
class FinalView:
    """K8: approved, waits for the requester's last word."""

    operation: Operation
    approver: str
    approved_at: datetime


@dataclass(frozen=True, slots=True)
class DoneView:
    """K9 and K10: what became of it."""

    operation: Operation
    tally: Tally
    failures: Mapping[Outcome, int] = field(default_factory=dict)
    kept_until: datetime | None = None
    """When the data leaves the bin, where that is later than the end of undoing."""


@dataclass(frozen=True, slots=True)
class Changed:
    """K12: one record as it was voted on, and as it is now; None: gone."""

    before: Target
    after: Facts | None


@dataclass(frozen=True, slots=True)
class ChangedView:
    operation: Operation
    changes: tuple[Changed, ...]
    owners: Names = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Deed:
    """One line of the log, with names where the log itself keeps pseudonyms."""

    at: datetime
    tag: Tag
    who: str
    what: str = ""
    operation: int | None = None
    action: Action | None = None
    reason: str = ""
    """In the viewer's words: `reason_words()`."""
    state: State | None = None
    """How it ended, of the entry that ended it."""
