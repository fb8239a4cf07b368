"""The port of the bot's own database: one transaction, and the parts of the store that a service sees in it."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, TypeVar

from core.domain.actions import Action
from core.domain.operation.life import State
from core.domain.operation.operation import Operation
from core.domain.operation.targets import Outcome, Tally, Target
from core.domain.people import Language, Person, PersonId, Right, Role, RoleRights
from core.domain.prompts import IN_WORDS, Asking, Prompt
from core.domain.records import RecordRef
from core.domain.reminders import ReminderFact
from core.domain.seals import Unsound
from core.ports.audit import AuditLog
from core.ports.messages import Cards, Inbox, Outbox
from core.ports.vault import BackupReceipt

T = TypeVar("T")


class People(Protocol):
    def get(self, person: PersonId) -> Person | None: ...
    def get_all(self, ids: Iterable[PersonId]) -> dict[PersonId, Person]:
        """Returns the people with these ids; unknown ids are missing."""

    def everybody(self) -> tuple[Person, ...]:
        """Returns all people, of whom a company may have thousands: only for work that concerns all of them."""

    def names(self, ids: Iterable[PersonId | None]) -> dict[PersonId, str]:
        """Returns the names of those people whom the bot knows."""

    def with_role(self, *roles: Role) -> tuple[Person, ...]:
        """Returns the active people who have at least one of these roles."""

    def who_may(self, right: Right) -> tuple[Person, ...]:
        """Returns the active people to whom one of their roles grants the right."""

    def put(self, person: Person) -> None: ...
    def speak(self, person: PersonId, language: Language) -> None:
        """Changes only the language. `put` would undo what somebody else changed since the person was read."""

    def lock_all(self) -> None:
        """Keeps everybody else from changing people or rights and from locking an operation, until the transaction
        ends. Call it before any other lock.
        """

    def rights(self) -> RoleRights: ...
    def seal_all(self) -> int:
        """Seals people and rights as they are, and returns the number of people."""

    def put_rights(self, rights: RoleRights) -> None: ...


class Operations(Protocol):
    """The operations with their targets and votes.

    Every transaction locks in one order, so that two of them cannot deadlock: people, operations by number,
    records by kind and number, the log's head.
    """

    def next_number(self) -> int: ...
    def seal_all(self) -> int:
        """Seals all operations with their targets and votes, and returns the number of operations."""

    def add(self, operation: Operation, targets: Iterable[Target]) -> None: ...
    def get(self, number: int) -> Operation | None: ...
    def lock(self, number: int) -> Operation | None:
        """Returns the operation, locked. Until the transaction ends nobody changes it, leaves or loses a right."""

    def save(self, operation: Operation) -> Operation:
        """Stores the operation by compare-and-set on `revision`, and returns it with its new one.

        Votes are only ever added. In a state `ON_ITS_WAY` the operation holds its records alone: raises BadInput
        (asked already) when another operation holds one of them, and LeaseLost when somebody else saved first.
        """

    # the list of targets
    def replace_targets(self, number: int, targets: Iterable[Target]) -> None: ...
    def targets(self, number: int, *, after: RecordRef | None = None, limit: int = 1000) -> list[Target]: ...
    def unfinished_targets(self, number: int, limit: int) -> list[Target]:
        """Returns targets that have no outcome yet."""

    def record_outcomes(self, number: int, outcomes: Mapping[RecordRef, Outcome]) -> None: ...
    def tally(self, number: int) -> Tally: ...
    def owners(self, number: int) -> dict[PersonId, int]:
        """Returns the owners of the records that the operation has changed, and how many each of them owns."""

    # finding operations
    def numbers_of(self, requester: PersonId, states: frozenset[State]) -> list[int]: ...
    def of_requester(self, person: PersonId, limit: int) -> list[Operation]:
        """Returns the person's operations without drafts, the newest first."""

    def drafts_of(self, person: PersonId, limit: int) -> list[Operation]:
        """Returns the person's drafts, which wait for their confirm card, the newest first."""

    def waiting_for(self, approver: PersonId, limit: int) -> list[Operation]:
        """Returns pending requests that wait for the vote of this person, the oldest first."""

    def touching(self, ref: RecordRef, states: frozenset[State] | None = None, limit: int = 20) -> list[Operation]:
        """Returns operations that have the record among their targets, the newest first."""

    def confirmed_since(self, person: PersonId, since: datetime) -> int:
        """Returns how many confirmed operations count towards the daily limit; undoing and restoring do not."""

    def confirmed_and_undone(self, person: PersonId, since: datetime, besides: int) -> tuple[int, int]:
        """Returns how many changes the person confirmed since then, and how many of these were undone.

        The operation `besides` and undos do not count.
        """

    def by_state(self) -> dict[tuple[Action, State], int]:
        """Returns the number of operations by action and state, for metrics."""

    # Operations that somebody else has locked are left out here: they are being dealt with.
    def due_to_expire(self, now: datetime, limit: int) -> list[Operation]:
        """Returns operations whose term is over, locked."""

    def due_to_nudge(self, now: datetime, limit: int, ending_before: datetime | None) -> list[Operation]:
        """Returns pending requests, locked, that are past half of their term or expire before `ending_before`."""

    # for workers; a worker holds an operation by its fencing number
    def claim(self, owner: str, now: datetime, lease: timedelta) -> Operation | None:
        """Claims and locks one approved operation, or one whose worker's lease has ended, and raises its fence."""

    def waits(self, now: datetime) -> bool:
        """Returns whether an operation waits to be claimed."""

    def extend_lease(self, number: int, fence: int, until: datetime) -> None:
        """Raises LeaseLost when another worker has claimed the operation since."""

    def put_off(self, number: int, fence: int, until: datetime, why: str, *, failed: bool = False) -> None:
        """Lets the operation be claimed again after `until`. Raises LeaseLost.

        `failed` says that a fault has stopped it, which counts as a try.
        """


class Backups(Protocol):
    """The receipts of proven backups."""

    def add(self, receipt: BackupReceipt) -> None:
        """Stores a receipt. The newest one of an operation counts."""

    def get(self, operation: int) -> "BackupReceipt | None": ...
    def all(self) -> Iterator[BackupReceipt]: ...


class Prompts(Protocol):
    """The open questions of the bot: those answered by a line of text or by a choice from a list."""

    def put(self, prompt: Prompt) -> None: ...
    def get(self, person: PersonId, now: datetime, among: frozenset[Asking] = IN_WORDS) -> Prompt | None:
        """Returns the person's newest question of these kinds that is still open: words answer that one."""

    def by_id(self, prompt_id: str, now: datetime) -> Prompt | None:
        """Returns the question if it is still open; the caller checks whose it is."""

    def drop(self, prompt_id: str) -> None: ...
    def forget(self, before: datetime) -> int:
        """Deletes questions that closed before this moment."""


class Reminders(Protocol):
    """The answers of reps to reminders, the digests sent, and the slots of scheduled jobs that are taken."""

    def add(self, fact: ReminderFact) -> None: ...
    def quiet(self, person: PersonId, before: datetime, now: datetime) -> frozenset[RecordRef]:
        """Returns records that are snoozed until after `now`, or were reported as contacted after `before`."""

    def last_digest(self, person: PersonId) -> datetime | None: ...
    def claim_digest(self, person: PersonId, every: timedelta) -> bool:
        """Returns True to the one transaction that may send this person a digest now."""

    # A slot is one hour or one day of a job. A claim is kept, so that no other process does the same work.
    def claim_slot(self, job: str, slot: str) -> bool:
        """Returns True to the one process that takes this slot of this job."""

    def slot_taken(self, job: str, slot: str) -> bool: ...
    def forget_slots(self, before: datetime) -> int: ...


class Queue(StrEnum):
    """The queues that the bot's loops work on; each has the name of its part of the unit of work."""

    INBOX = "inbox"
    OPERATIONS = "operations"
    OUTBOX = "outbox"


class UnitOfWork(Protocol):
    """One transaction; an exception that leaves it rolls all of it back."""

    @property
    def people(self) -> People: ...
    @property
    def operations(self) -> Operations: ...
    @property
    def backups(self) -> Backups: ...
    @property
    def audit(self) -> AuditLog: ...
    @property
    def inbox(self) -> Inbox: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def cards(self) -> Cards: ...
    @property
    def prompts(self) -> Prompts: ...
    @property
    def reminders(self) -> Reminders: ...
    @property
    def unsound(self) -> Sequence[Unsound]:
        """The rows met in this transaction whose seal does not hold; they count as not there."""

    def waiting(self) -> dict[str, int]:
        """Returns the number of rows that wait, by queue: inbox, operations, deliveries."""

    @property
    def now(self) -> datetime:
        """The database's clock, UTC; the same moment for the whole transaction."""


class Transactions(Protocol):
    """Runs plain functions in threads, each in a transaction of its own (docs/decisions/0002)."""

    def run(self, work: Callable[[UnitOfWork], T]) -> Awaitable[T]:
        """Runs `work` in a transaction that may write.

        Raises StoreUnavailable when the database is away, locked or full.
        """

    def read(self, work: Callable[[UnitOfWork], T]) -> Awaitable[T]:
        """Runs `work` in a transaction that only reads and sees one moment. Raises StoreUnavailable."""
