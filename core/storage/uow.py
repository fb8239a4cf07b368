"""One transaction, as services see it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import Connection

from core.domain.audit import AuditEntry, Head, NewEntry, Pseudonyms, Tag, Verdict
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
from core.storage.wakes import notify


@dataclass(frozen=True, slots=True)
class ChainKeys:
    """What the log needs to be keyed and pseudonymous; derived from SEAL_KEY."""

    chain: bytes
    pseudonyms: Pseudonyms


class AuditAtCommit:
    """Gathers a transaction's entries and chains them last of all: the head row is locked for as short as can be,
    and always after everything else, so that two transactions cannot wait for each other.
    """

    def __init__(self, log: SqlAuditLog, pseudonyms: Pseudonyms) -> None:
        self._log = log
        self._pseudonyms = pseudonyms
        self._events: list[NewEntry] = []

    def append(self, *events: NewEntry) -> None:
        self._events += events

    def flush(self) -> None:
        if self._events:
            self._log.append(*self._events)
            self._events = []

    def head(self) -> Head:
        """Of what is committed."""
        return self._log.head()

    def entries(self, *, after: int | None = None) -> Iterator[AuditEntry]:
        return self._log.entries(after=after)

    def verify(self, anchors: Iterable[Head] = ()) -> Verdict:
        """Of what is committed; in a reading, so that entries and head are of one moment."""
        return self._log.verify(anchors)

    def about(self, subject: str, limit: int) -> list[AuditEntry]:
        return self._log.about(subject, limit)

    def names(self, people: Iterable[str]) -> dict[str, str]:
        return {self._pseudonyms.of(person): person for person in people}

    def of_operation(self, operation: int, limit: int, tag: Tag | None = None) -> list[AuditEntry]:
        return self._log.of_operation(operation, limit, tag)


class SqlUnitOfWork:
    def __init__(self, connection: Connection, now: datetime, keys: ChainKeys) -> None:
        self.connection = connection
        self._now = now
        self._keys = keys

    def waiting(self) -> dict[str, int]:
        return waiting(self.connection)

    def now(self) -> datetime:
        return self._now

    @cached_property
    def people(self) -> SqlPeople:
        return SqlPeople(self.connection)

    @cached_property
    def operations(self) -> SqlOperations:
        return SqlOperations(self.connection, self._now)

    @cached_property
    def backups(self) -> SqlBackups:
        return SqlBackups(self.connection)

    @cached_property
    def audit(self) -> AuditAtCommit:
        chain, pseudonyms = self._keys.chain, self._keys.pseudonyms
        return AuditAtCommit(SqlAuditLog(self.connection, self._now, chain, pseudonyms), pseudonyms)

    def before_commit(self) -> None:
        """Chain the log's entries, and wake the other processes when there is something for them to look at."""
        if "audit" in self.__dict__:
            self.audit.flush()
        if any(getattr(self.__dict__.get(name), "stirred", False) for name in ("inbox", "operations", "outbox")):
            notify(self.connection)

    @cached_property
    def inbox(self) -> SqlInbox:
        return SqlInbox(self.connection, self._now)

    @cached_property
    def outbox(self) -> SqlOutbox:
        return SqlOutbox(self.connection, self._now, self.cards)

    @cached_property
    def cards(self) -> SqlCards:
        return SqlCards(self.connection, self._now)

    @cached_property
    def prompts(self) -> SqlPrompts:
        return SqlPrompts(self.connection, self._now)

    @cached_property
    def reminders(self) -> SqlReminders:
        return SqlReminders(self.connection, self._now)
