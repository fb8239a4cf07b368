"""The customer store that comes with the bot, behind the same port as every other CRM."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, cast

from sqlalchemy import Connection

from core.crm.embedded import acting
from core.crm.embedded.impact import impact_of
from core.crm.embedded.numbered import search_others
from core.crm.embedded.records import read_records
from core.crm.embedded.restoring import restore
from core.crm.embedded.search import search_customers
from core.crm.embedded.silence import owned_customers, silent_customers, silent_owners
from core.crm.embedded.snapshots import take_snapshots
from core.domain.actions import Action
from core.domain.impact import Impact
from core.domain.operation.targets import Outcome
from core.domain.people import PersonId
from core.domain.records import Hits, Kind, RecordRef, RecordState
from core.domain.reminders import SilentCustomer
from core.domain.snapshots import Snapshot
from core.ports.crm import Capability, Chunk, SearchQuery
from core.ports.store import Transactions, UnitOfWork


class _Carrier(Protocol):
    connection: Connection


def _connection_of(uow: UnitOfWork) -> Connection:
    """Returns the connection of a unit of work. The port hides it from services; the real class has it."""
    return cast("_Carrier", uow).connection


class EmbeddedCrm:
    """Connects to the embedded store (ports `Reader` and `LocalConnector`).

    It reads in transactions of its own and acts in the caller's, so that record and outcome commit together.
    """

    name = "embedded"

    def __init__(self, db: Transactions) -> None:
        self._db = db

    def capability(self, action: Action, kind: Kind) -> Capability:
        return Capability(supported=action in acting.SUPPORTED)

    async def search(self, query: SearchQuery) -> Hits:
        return await self._db.read(lambda uow: self.search_within(uow, query))

    async def read(self, refs: Sequence[RecordRef]) -> list[RecordState]:
        return await self._db.read(lambda uow: self.read_within(uow, refs))

    async def impact(self, ref: RecordRef) -> Impact:
        return await self._db.read(lambda uow: self.impact_within(uow, ref))

    async def snapshots(self, refs: Sequence[RecordRef]) -> list[Snapshot]:
        return await self._db.read(lambda uow: self.snapshots_within(uow, refs))

    async def silent(
        self, owner: PersonId, before: datetime, limit: int, quiet: frozenset[RecordRef]
    ) -> list[SilentCustomer]:
        return await self._db.read(lambda uow: silent_customers(_connection_of(uow), owner, before, limit, quiet))

    async def silent_owners(self, before: datetime) -> dict[PersonId, int]:
        return await self._db.read(lambda uow: silent_owners(_connection_of(uow), before))

    async def of_owner(self, owner: PersonId, limit: int) -> tuple[list[RecordState], int]:
        return await self._db.read(lambda uow: owned_customers(_connection_of(uow), owner, limit))

    # in the caller's transaction

    def search_within(self, uow: UnitOfWork, query: SearchQuery) -> Hits:
        if query.kind is Kind.CUSTOMER:
            return search_customers(_connection_of(uow), query)
        return search_others(_connection_of(uow), query)

    def read_within(self, uow: UnitOfWork, refs: Sequence[RecordRef]) -> list[RecordState]:
        return read_records(_connection_of(uow), refs)

    def impact_within(self, uow: UnitOfWork, ref: RecordRef) -> Impact:
        return impact_of(_connection_of(uow), ref)

    def snapshots_within(self, uow: UnitOfWork, refs: Sequence[RecordRef]) -> list[Snapshot]:
        return take_snapshots(_connection_of(uow), refs)

    def apply_within(self, uow: UnitOfWork, work: Chunk) -> dict[RecordRef, Outcome]:
        return acting.apply(_connection_of(uow), work)

    def restore_within(self, uow: UnitOfWork, snapshot: Snapshot, operation: int) -> Outcome:
        return restore(_connection_of(uow), snapshot, operation)
