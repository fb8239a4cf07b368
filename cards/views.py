"""The input of the cards: domain values and display names, without any words of WeCom.

`notify` and the handlers build these values; times in them are UTC. K1 to K18 are the short names of the cards
(`CardName` in `core/domain/outbox.py`).
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
    """The reader of a text: the language, the company's time zone, and the moment of reading."""

    language: Language
    zone: tzinfo
    now: datetime


Names = Mapping[PersonId, str]
"""The display names of people."""


@dataclass(frozen=True, slots=True)
class HitsView:
    """The hits of a search, for the pick card (K1) and for 查."""

    said: str
    """What the person searched for."""
    hits: Hits
    owners: Names = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ConfirmView:
    """A drafted operation before its requester confirms it, for the confirm card (K2)."""

    operation: Operation
    impact: Impact = field(default_factory=Impact)
    owner: str = ""
    level: str = ""
    approvers: tuple[str, ...] = ()
    """The display names of the people who would be asked; empty when nobody needs to approve."""
    votes_needed: int = 0
    undo_until: datetime | None = None
    """Until when the action could be undone; None when it has no term of its own."""
    took_delete_as_void: bool = False


@dataclass(frozen=True, slots=True)
class RequestView:
    """A submitted operation as its requester follows it (K5)."""

    operation: Operation
    approvers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DecideView:
    """A submitted operation as an approver judges it (K6)."""

    operation: Operation
    requester: str
    head: Head
    impact: Impact = field(default_factory=Impact)
    owners: tuple[str, ...] = ()
    """The names of those who own the records."""
    recent_changes: int | None = None
    """The number of changes that the requester asked for in the last 30 days; None when they were not counted."""
    recent_undone: int = 0
    """The number of these changes that were undone."""


@dataclass(frozen=True, slots=True)
class FinalView:
    """An approved operation that waits for the requester's final confirmation (K8)."""

    operation: Operation
    approver: str
    approved_at: datetime


@dataclass(frozen=True, slots=True)
class DoneView:
    """An operation that has been carried out, wholly (K9) or in part (K10)."""

    operation: Operation
    tally: Tally
    failures: Mapping[Outcome, int] = field(default_factory=dict)
    kept_until: datetime | None = None
    """When the data leaves the recycle bin, if that is later than the end of the undo term."""


@dataclass(frozen=True, slots=True)
class Changed:
    """One record as it was voted on and as it is now, for the card of changed records (K12)."""

    before: Target
    after: Facts | None
    """The facts of now; None when the record is gone."""


@dataclass(frozen=True, slots=True)
class ChangedView:
    operation: Operation
    changes: tuple[Changed, ...]
    owners: Names = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Deed:
    """One line of the log, with the names for which the log itself keeps pseudonyms."""

    at: datetime
    tag: Tag
    who: str
    what: str = ""
    operation: int | None = None
    action: Action | None = None
    reason: str = ""
    """The reason in the viewer's language, as `reason_words` gives it."""
    state: State | None = None
    """The end state of the operation, for the entry that ended it."""
