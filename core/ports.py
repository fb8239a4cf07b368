"""What services need of the world: protocols, nothing else."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from core.domain.actions import Action, LifeStatus
from core.domain.audit import AuditEntry, Event, Head, Tag
from core.domain.impact import Impact
from core.domain.incoming import Incoming
from core.domain.operation import Operation, Outcome, State, Tally, Target
from core.domain.outbox import CardCopy, Delivery, Envelope, ReservedCode, Showing
from core.domain.people import Language, Person, PersonId, Right, Role, RoleRights, Sight
from core.domain.prompt import IN_WORDS, Asking, Prompt
from core.domain.records import Hits, Kind, RecordRef, RecordState
from core.domain.reminder import ReminderFact, SilentCustomer

T = TypeVar("T")


# the one transaction


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

        On its way (UNDECIDED) it has its records for itself: raises BadInput (asked already) when another has one.
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


class AuditLog(Protocol):
    def append(self, *events: Event) -> None:
        """They are chained when the transaction commits; if that fails, nothing is committed."""

    def head(self) -> Head:
        """The newest committed link."""

    def entries(self, *, after: int | None = None) -> Iterator[AuditEntry]: ...
    def about(self, subject: str, limit: int) -> list[AuditEntry]:
        """Of a record (`kind:number`). Raises AuditBroken when one of them is not as it was sealed."""

    def names(self, people: Iterable[str]) -> dict[str, str]:
        """Which pseudonym in the log stands for which of these people."""

    def of_operation(self, operation: int, limit: int, tag: Tag | None = None) -> list[AuditEntry]:
        """From its beginning. Raises AuditBroken as `about`."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A stored message this process may handle now."""

    incoming: Incoming
    attempts: int


class Inbox(Protocol):
    def add(self, arrivals: Sequence[tuple[Incoming, str]]) -> list[bool]:
        """Store (message, callback signature) pairs; False for each whose key or signature is there already."""

    def claim(self, owner: str, lease: timedelta, limit: int) -> list[Claimed]:
        """The oldest unhandled message of each sender, so that one person's messages keep their order."""

    def finish(self, key: str, owner: str) -> None:
        """Raises LeaseLost when another process took it over."""

    def give_up(self, key: str, owner: str) -> None:
        """It fails again and again: keep it for a human, let the sender's next message pass."""

    def release(self, key: str, owner: str, until: datetime) -> None:
        """Not now: try again after `until`."""

    def forget(self, before: datetime) -> int:
        """Drop handled rows; the freshness check refuses what is older."""

    def empty_given_up(self, before: datetime) -> int:
        """Take the words out of what was kept for a human; that it was there stays."""


class Cards(Protocol):
    """The copies of cards in people's chats, and the one-use codes that redraw them."""

    def copies(self, operation: int) -> list[CardCopy]:
        """Open ones only."""

    def copy(self, task_id: str) -> CardCopy | None: ...
    def showing(self, task_id: str) -> Showing:
        """Of this card, or of a fresh one that took its place: `task_id-…`."""

    def shown_copy(self, task_id: str) -> CardCopy | None:
        """The newest of those `showing` speaks of that has reached its person."""

    def tapped(self, task_id: str, response_code: str, at: datetime) -> CardCopy | None:
        """Keep the one-use code of a tap."""

    def close(self, task_id: str) -> None: ...

    def codes(self, task_id: str) -> int:
        """How often this card can still be redrawn."""

    def use_code(self, delivery: int, task_id: str) -> ReservedCode | None:
        """The newest code that can still redraw this card, reserved for this delivery."""

    def free_code(self, delivery: int, task_id: str) -> None:
        """The reserved code was certainly not used: nothing came of the try."""

    def code_failed(self, delivery: int, task_id: str) -> None:
        """The reserved code is spent or foreign: let the next one be tried."""


class Outbox(Protocol):
    """Deliveries: what is to be sent, and what became of it."""

    def send(self, *envelopes: Envelope) -> None: ...
    def claim(self, owner: str, lease: timedelta, limit: int) -> list[Delivery]:
        """The oldest waiting delivery of each person that is due: one person's deliveries keep their order."""

    def sent(self, delivery: int, owner: str, response_code: str | None) -> None: ...
    def undelivered(self, delivery: int, owner: str, error: str) -> None: ...
    def retry(self, delivery: int, owner: str, at: datetime, error: str) -> None: ...
    def put_off(self, delivery: int, owner: str, at: datetime, why: str) -> None:
        """As `retry`, where nothing was tried, or nothing that says anything about this delivery."""

    def replace_card(self, delivery: int, owner: str, task_id: str) -> None:
        """No code is left: the delivery becomes a fresh card under a new task id."""

    def forget(self, before: datetime) -> int:
        """Drop what was sent, the codes of cards too old to be redrawn, and copies of no more use."""

    def empty_undelivered(self, before: datetime) -> int:
        """Take the words out of what never arrived; that it was there stays."""

    def sent_since(self, person: PersonId, since: datetime) -> list[datetime]: ...
    def sent_by_all(self, since: datetime) -> int:
        """Messages, cards and redraws, to whomever and by whichever process."""


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

    def now(self) -> datetime:
        """The database's clock, UTC; the same moment for the whole transaction."""


class Transactions(Protocol):
    """Runs plain functions, one transaction each, in threads."""

    async def run(self, work: Callable[[UnitOfWork], T]) -> T:
        """May write. Raises StoreUnavailable when the database is away, locked or full."""

    async def read(self, work: Callable[[UnitOfWork], T]) -> T: ...


# a CRM


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
class Work:
    """One chunk of an approved operation, as a connector gets it."""

    operation: int
    action: Action
    targets: tuple[Target, ...]
    actor: PersonId
    reason: str
    at: datetime
    undo_of: int | None = None
    """For an undo: only what that operation changed goes back."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The full record set of one target: itself and all that hangs on it."""

    ref: RecordRef
    version: int
    body: bytes
    """Canonical JSON, UTF-8, one line: equal records give equal bytes."""


class Crm(Protocol):
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


class LocalCrm(Crm, Protocol):
    """A CRM in our own database: it acts in the same transaction as its outcome."""

    def apply_within(self, uow: UnitOfWork, work: Work) -> dict[RecordRef, Outcome]: ...
    def snapshots_within(self, uow: UnitOfWork, refs: Sequence[RecordRef]) -> list[Snapshot]: ...
    def read_within(self, uow: UnitOfWork, refs: Sequence[RecordRef]) -> list[RecordState]: ...
    def impact_within(self, uow: UnitOfWork, ref: RecordRef) -> Impact: ...
    def restore_within(self, uow: UnitOfWork, snapshot: Snapshot, operation: int) -> Outcome:
        """Put a record set back from a backup: status where it still exists, everything where it is gone.

        CONFLICT, with nothing written, when something else has taken its place.
        """


# the vault


@dataclass(frozen=True, slots=True)
class BackupReceipt:
    """What is known of one proven backup file."""

    operation: int
    file: str
    """Its name inside the vault's folder."""
    records: int
    size: int
    """Bytes of the encrypted file."""
    file_hash: str
    """SHA-256 of the encrypted file, hex."""
    content_hash: str
    """SHA-256 over the plain record sets, hex."""
    head: Head
    """The audit chain's head when it was written."""
    made_at: datetime


class Vault(Protocol):
    """The encrypted, verified place backups lie in. Synchronous: call it in a thread."""

    def seal(self, operation: int, snapshots: Iterable[Snapshot], head: Head, at: datetime) -> BackupReceipt:
        """Encrypt, write, sync, rename, sync the folder, read back, decrypt, compare.

        Raises BackupNotProven; then nothing of it is left under its final name.
        """

    def open(self, receipt: BackupReceipt) -> Iterator[Snapshot]:
        """Decrypt and check while reading. Raises BackupNotProven at the first byte that is not as sealed."""

    def verify(self, receipt: BackupReceipt) -> None:
        """Raises BackupNotProven."""
