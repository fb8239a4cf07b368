"""The port of a CRM: what it can look up, and how it acts on records."""

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
    """What a CRM can do with one action on one kind of record."""

    supported: bool
    undo: timedelta | None = None
    """How long the CRM itself can take the action back; None when it sets no limit."""
    max_batch: int = 1000
    """The number of records that one call may act on."""


@dataclass(frozen=True, slots=True)
class SearchQuery:
    text: str
    kind: Kind
    sight: Sight
    """Whose records may be among the hits."""
    statuses: frozenset[LifeStatus]
    limit: int = 20


@dataclass(frozen=True, slots=True)
class Chunk:
    """A part of an approved operation, as a connector gets it to act on."""

    operation: int
    action: Action
    targets: tuple[Target, ...]
    actor: PersonId
    reason: str
    at: datetime
    undo_of: int | None = None
    """For an undo, the operation that is undone: only records that it changed last are put back."""


class Reader(Protocol):
    """The side of a CRM that is only read. What it returns may change before anybody acts on it."""

    name: str
    """The name of the connector in the settings."""

    def capability(self, action: Action, kind: Kind) -> Capability: ...
    async def search(self, query: SearchQuery) -> Hits: ...
    async def read(self, refs: Sequence[RecordRef]) -> list[RecordState]:
        """Returns the records as they are now; one that does not exist is left out."""

    async def impact(self, ref: RecordRef) -> Impact: ...
    async def snapshots(self, refs: Sequence[RecordRef]) -> list[Snapshot]: ...
    async def silent(
        self, owner: PersonId, before: datetime, limit: int, quiet: frozenset[RecordRef]
    ) -> list[SilentCustomer]:
        """Returns active customers of `owner` nobody has spoken to since `before`, the longest silent first.

        Customers in `quiet` are left out.
        """

    async def of_owner(self, owner: PersonId, limit: int) -> tuple[list[RecordState], int]:
        """Returns active customers of `owner`, the longest silent first, and how many there are in all."""

    async def silent_owners(self, before: datetime) -> dict[PersonId, int]:
        """Returns how many customers silent since `before` each owner has; one scan counts them for all owners."""


class LocalConnector(Reader, Protocol):
    """A CRM in the bot's own database: it acts in the transaction that stores the outcome."""

    def apply_within(self, uow: UnitOfWork, work: Chunk) -> dict[RecordRef, Outcome]:
        """Acts on the targets that still have the version voted on, and returns the outcome of each target."""

    # The methods of `Reader` again, in a transaction of the caller.
    def snapshots_within(self, uow: UnitOfWork, refs: Sequence[RecordRef]) -> list[Snapshot]: ...
    def read_within(self, uow: UnitOfWork, refs: Sequence[RecordRef]) -> list[RecordState]: ...
    def impact_within(self, uow: UnitOfWork, ref: RecordRef) -> Impact: ...
    def restore_within(self, uow: UnitOfWork, snapshot: Snapshot, operation: int) -> Outcome:
        """Puts a record set back from a backup: its status where it still exists, all of it where it is gone.

        Returns CONFLICT, and writes nothing, when something else has taken its place.
        """
