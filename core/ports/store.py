"""The one transaction, and what of our own tables a service sees in it."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
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
from core.ports.audit import AuditLog
from core.ports.messages import Cards, Inbox, Outbox
from core.ports.vault import BackupReceipt

T = TypeVar("T")


class People(Protocol):
    def get(self, person: PersonId) -> Person | None: ...
    def everybody(self) -> tuple[Person, ...]:
        """For what concerns all; a company may have thousands."""

    def names(self, ids: Iterable[PersonId | None]) -> dict[PersonId, str]:
        """Of those that are known."""

    def with_role(self, *roles: Role) -> tuple[Person, ...]:
        """Active people who have at least one of them."""

    def who_may(self, right: Right) -> tuple[Person, ...]:
        """Active people whom a role of theirs grants it."""

    def put(self, person: Person) -> None: ...
    def speak(self, person: PersonId, language: Language) -> None:
        """Only this; what else is known of the person stays as it is now, not as it was when it was read."""

    def lock_all(self) -> None:
        """First of all: nobody else changes people or rights, or locks an operation, until this is over."""

    def rights(self) -> RoleRights: ...
    def put_rights(self, rights: RoleRights) -> None: ...


class Operations(Protocol):
    """Locked in one order: people, operations by number, records by kind and number, the log's head."""

    def next_number(self) -> int: ...
    def add(self, operation: Operation, targets: Iterable[Target]) -> None: ...
    def get(self, number: int) -> Operation | None: ...
    def lock(self, number: int) -> Operation | None:
        """As `get`, and until this transaction ends nobody else changes it, leaves or loses a right."""

    def save(self, operation: Operation) -> Operation:
        """Compare-and-set on `revision`; raises LeaseLost when somebody else was first. Votes are only added.

        `ON_ITS_WAY` it has its records for itself: raises BadInput (asked already) when another has one.
        """

    def replace_targets(self, number: int, targets: Iterable[Target]) -> None: ...
    def targets(self, number: int, *, after: RecordRef | None = None, limit: int = 1000) -> list[Target]: ...
    def undone_targets(self, number: int, limit: int) -> list[Target]:
        """Those without an outcome yet."""

    def record_outcomes(self, number: int, outcomes: Mapping[RecordRef, Outcome]) -> None: ...
    def tally(self, number: int) -> Tally: ...
    def owners(self, number: int) -> dict[PersonId, int]:
        """Whose records an operation has changed, and how many of each."""

    def numbers_of(self, requester: PersonId, states: frozenset[State]) -> list[int]: ...
    def of_requester(self, person: PersonId, limit: int) -> list[Operation]:
        """The newest first; no drafts."""

    def drafts_of(self, person: PersonId, limit: int) -> list[Operation]:
        """Those whose confirm card is open, the newest first."""

    def waiting_for(self, approver: PersonId, limit: int) -> list[Operation]: ...
    def touching(
        self, ref: RecordRef, states: frozenset[State] | None = None, limit: int = 20
    ) -> list[Operation]: ...
    def confirmed_since(self, person: PersonId, since: datetime) -> int: ...
    def by_state(self) -> dict[tuple[Action, State], int]:
        """How many there are, for metrics."""

    def due_to_expire(self, now: datetime, limit: int) -> list[Operation]: ...
    def due_to_nudge(self, now: datetime, limit: int, ending_before: datetime | None) -> list[Operation]: ...
    def claim(self, owner: str, now: datetime, lease: timedelta) -> Operation | None:
        """Take and `lock` one approved operation, or one whose worker's lease has ended; fence grown."""

    def extend_lease(self, number: int, fence: int, until: datetime) -> None:
        """Raises LeaseLost when the fence is no longer ours."""

    def put_off(self, number: int, fence: int, until: datetime, why: str, *, failed: bool = False) -> None:
        """`failed`: it was tried, and counts as a try."""


class Backups(Protocol):
    def add(self, receipt: "BackupReceipt") -> None: ...
    def get(self, operation: int) -> "BackupReceipt | None": ...
    def all(self) -> Iterator["BackupReceipt"]: ...


class Prompts(Protocol):
    """What the bot last asked a person, when the answer comes as a line of text or a tick on a list."""

    def put(self, prompt: Prompt) -> None: ...
    def get(self, person: PersonId, now: datetime, among: frozenset[Asking] = IN_WORDS) -> Prompt | None:
        """What words may answer: the newest question of these kinds that is still open."""

    def by_id(self, prompt_id: str, now: datetime) -> Prompt | None: ...
    def drop(self, prompt_id: str) -> None: ...
    def forget(self, before: datetime) -> int: ...


class Reminders(Protocol):
    def add(self, fact: ReminderFact) -> None: ...
    def quiet(self, person: PersonId, before: datetime, now: datetime) -> frozenset[RecordRef]:
        """Records snoozed until after `now`, or reported as contacted after `before`."""

    def last_digest(self, person: PersonId) -> datetime | None: ...
    def claim_digest(self, person: PersonId, every: timedelta) -> bool:
        """True for the one transaction that may send it now."""

    def claim_slot(self, job: str, slot: str) -> bool:
        """True for the one process that takes this slot of this job."""

    def slot_taken(self, job: str, slot: str) -> bool: ...
    def forget_slots(self, before: datetime) -> int: ...


class Queue(StrEnum):
    """What the loops of the bot work on; each is named as its part of the unit of work."""

    INBOX = "inbox"
    OPERATIONS = "operations"
    OUTBOX = "outbox"


class UnitOfWork(Protocol):
    """One transaction. Leaving it by an exception undoes all of it."""

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
    def waiting(self) -> dict[str, int]:
        """How many rows wait: inbox, operations, deliveries."""

    @property
    def now(self) -> datetime:
        """The database's clock, UTC; the same moment for the whole transaction."""


class Transactions(Protocol):
    """Runs plain functions, one transaction each, in threads."""

    def run(self, work: Callable[[UnitOfWork], T]) -> Awaitable[T]:
        """May write. Raises StoreUnavailable when the database is away, locked or full."""

    def read(self, work: Callable[[UnitOfWork], T]) -> Awaitable[T]: ...
