"""One CRM behind the one port: what it can look up, and how it acts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from core.domain.actions import Action, LifeStatus
from core.domain.impact import Impact
from core.domain.operation.targets import Outcome, Target
from core.domain.people import PersonId, Sight
from core.domain.records import Hits, Kind, RecordRef, RecordState
from core.domain.reminders import SilentCustomer
from core.domain.snapshots import Snapshot
from core.ports.store import UnitOfWork


@dataclass(frozen=True, slots=True)
class Capability:
    """What a CRM can do with one action on one kind of record; shown to the user."""

    supported: bool
    undo: timedelta | None = None
    """How long the CRM itself keeps it restorable; None: no limit of its own."""
    max_batch: int = 1000


@dataclass(frozen=True, slots=True)
class SearchQuery:
    text: str
    kind: Kind
    sight: Sight
    statuses: frozenset[LifeStatus]
    limit: int = 20


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk of an approved operation, as a connector gets it."""

    operation: int
    action: Action
    targets: tuple[Target, ...]
    actor: PersonId
    reason: str
    at: datetime
    undo_of: int | None = None
    """For an undo: only what that operation changed goes back."""


class Reader(Protocol):
    """One CRM behind the one port."""

    name: str

    def capability(self, action: Action, kind: Kind) -> Capability: ...
    async def search(self, query: SearchQuery) -> Hits: ...
    async def read(self, refs: Sequence[RecordRef]) -> list[RecordState]:
        """What is there now; records that are not are left out."""

    async def impact(self, ref: RecordRef) -> Impact: ...
    async def snapshots(self, refs: Sequence[RecordRef]) -> list[Snapshot]: ...
    async def silent(
        self, owner: PersonId, before: datetime, limit: int, quiet: frozenset[RecordRef]
    ) -> list[SilentCustomer]:
        """Active customers of `owner` nobody has spoken to since `before`, longest first, without `quiet`."""

    async def of_owner(self, owner: PersonId, limit: int) -> tuple[list[RecordState], int]:
        """Active customers of `owner`, the longest silent first, and how many there are in all."""

    async def silent_owners(self, before: datetime) -> dict[PersonId, int]:
        """Who owns customers so silent, and how many: one scan for all."""


class LocalConnector(Reader, Protocol):
    """A CRM in our own database: it acts in the same transaction as its outcome."""

    def apply_within(self, uow: UnitOfWork, work: Chunk) -> dict[RecordRef, Outcome]: ...
    def snapshots_within(self, uow: UnitOfWork, refs: Sequence[RecordRef]) -> list[Snapshot]: ...
    def read_within(self, uow: UnitOfWork, refs: Sequence[RecordRef]) -> list[RecordState]: ...
    def impact_within(self, uow: UnitOfWork, ref: RecordRef) -> Impact: ...
    def restore_within(self, uow: UnitOfWork, snapshot: Snapshot, operation: int) -> Outcome:
        """Put a record set back from a backup: status where it still exists, everything where it is gone.

        CONFLICT, with nothing written, when something else has taken its place.
        """
