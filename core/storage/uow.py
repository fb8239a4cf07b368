"""Implements the unit of work: one database transaction, as services see it (port `UnitOfWork`)."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from core.domain.audit import AuditEntry, Head, NewEntry, Pseudonyms, Tag, Verdict
from core.ports.store import Queue
from core.storage.audit import SqlAuditLog
from core.storage.backups import SqlBackups
from core.storage.cards import SqlCards
from core.storage.inbox import SqlInbox
from core.storage.operations import SqlOperations
from core.storage.outbox import SqlOutbox
from core.storage.people import SqlPeople
from core.storage.prompts import SqlPrompts
from core.storage.queues import waiting
from core.storage.reminders import SqlReminders
from core.storage.seals import RowSeals
from core.storage.wakes import notify


@dataclass(frozen=True, slots=True)
class StoreKeys:
    """The keys of the store, derived from SEAL_KEY: for the log's hash chain, its pseudonyms, and rows."""

    chain: bytes
    pseudonyms: Pseudonyms
    rows: bytes


@dataclass
class AuditAtCommit:
    """Gathers the audit entries of a transaction and chains them as its last step (docs/decisions/0007).

    So the head row is locked only briefly, and always after every other row: two transactions cannot deadlock.
    """

    _log: SqlAuditLog
    _pseudonyms: Pseudonyms
    _gathered: list[NewEntry] = field(default_factory=list)

    def append(self, *entries: NewEntry) -> None:
        if self._log.reading:  # nothing of a read transaction is written, so the entries would be lost
            raise TypeError("a read transaction adds nothing to the log")
        self._gathered += entries

    def flush(self) -> None:
        if self._gathered:
            self._log.append(*self._gathered)
            self._gathered = []

    def head(self) -> Head:
        """Returns the committed head of the log, without the entries of this transaction."""
        return self._log.head()

    def entries(self, *, after: int | None = None) -> Iterator[AuditEntry]:
        return self._log.entries(after=after)

    def verify(self, anchors: Iterable[Head] = ()) -> Verdict:
        """Verifies the committed log. Call it in a read transaction, which sees entries and head of one moment."""
        return self._log.verify(anchors)

    def about(self, subject: str, limit: int) -> list[AuditEntry]:
        return self._log.about(subject, limit)

    def names(self, people: Iterable[str]) -> dict[str, str]:
        return {self._pseudonyms.of(person): person for person in people}

    def of_operation(
        self, operation: int, limit: int, tags: Collection[Tag] = (), *, newest: bool = False
    ) -> list[AuditEntry]:
        return self._log.of_operation(operation, limit, tags, newest=newest)


@dataclass
class SqlUnitOfWork:
    """One open transaction, and each part of the store in it."""

    keys: StoreKeys
    connection: Connection
    now: datetime
    """The time by the database's clock, UTC: one moment for the whole transaction."""

    def __post_init__(self) -> None:
        connection, now = self.connection, self.now
        reading = bool(connection.get_execution_options().get("reading"))
        log = SqlAuditLog(connection, now, self.keys.chain, self.keys.pseudonyms, reading)
        self.audit = AuditAtCommit(log, self.keys.pseudonyms)
        seals = RowSeals(self.keys.rows, connection)
        self.unsound = seals.unsound
        """The rows met in this transaction whose seal does not hold."""
        self.people = SqlPeople(connection, seals)
        self.operations = SqlOperations(connection, now, seals)
        self.backups = SqlBackups(connection)
        self.inbox = SqlInbox(connection, now, seals)
        self.cards = SqlCards(connection, now)
        self.outbox = SqlOutbox(connection, now, self.cards, seals)
        self.prompts = SqlPrompts(connection, now)
        self.reminders = SqlReminders(connection, now)

    def waiting(self) -> dict[str, int]:
        return waiting(self.connection)

    def before_commit(self) -> frozenset[Queue]:
        """Writes the gathered audit entries, wakes other processes, and returns the queues that got work."""
        self.audit.flush()
        stirred: set[Queue] = set()
        if self.inbox.stirred:
            stirred.add(Queue.INBOX)
        if self.operations.stirred:
            stirred.add(Queue.OPERATIONS)
        if self.outbox.stirred:
            stirred.add(Queue.OUTBOX)
        if stirred:
            notify(self.connection)
        return frozenset(stirred)
