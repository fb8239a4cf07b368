"""Events of a worker that carries out an approved operation."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from core.domain.audit import Detail, NewEntry, Tag
from core.domain.events.event import Event
from core.domain.facts import Facts
from core.domain.operation.operation import Operation
from core.domain.operation.targets import Outcome, Tally
from core.domain.records import RecordRef

MOST_WORDS = 300
"""The number of characters of an error text that the log keeps."""


@dataclass(frozen=True, slots=True)
class ExecutionBegun(Event):
    """A worker has claimed the operation and the votes hold: from here on records may change."""

    operation: Operation

    def entries(self) -> Iterable[NewEntry]:
        operation = self.operation
        yield NewEntry(
            Tag.OPERATION_INTENT,
            operation=operation.number,
            detail={
                "action": operation.action,
                "mode": operation.mode,
                "fingerprint": operation.fingerprint,
                "fence": operation.fence,
                "targets": operation.targets.count,
            },
        )


@dataclass(frozen=True, slots=True)
class OperationReopened(Event):
    """Votes or roles no longer satisfy the policy, so others are asked."""

    operation: Operation
    why: str

    def entries(self) -> Iterable[NewEntry]:
        detail: Detail = {"state": self.operation.state, "why": self.why}
        yield NewEntry(Tag.OPERATION_REOPENED, operation=self.operation.number, detail=detail)


@dataclass(frozen=True, slots=True)
class BackupWritten(Event):
    """The records that are about to change lie in the vault; the backup was read back and compared."""

    operation: int
    file: str
    records: int
    file_hash: str
    content_hash: str

    def entries(self) -> Iterable[NewEntry]:
        yield NewEntry(
            Tag.BACKUP_WRITTEN,
            operation=self.operation,
            detail={
                "file": self.file,
                "records": self.records,
                "file_hash": self.file_hash,
                "content_hash": self.content_hash,
            },
        )


@dataclass(frozen=True, slots=True)
class BackupFailed(Event):
    """No backup could be proven: nothing is changed, or an undo cannot be compared with the earlier records."""

    operation: int | None
    why: str
    fence: int | None = None
    """The fencing number of the worker that failed; None when an old backup could not be read for an undo."""

    def entries(self) -> Iterable[NewEntry]:
        detail: Detail = {"why": self.why[:MOST_WORDS]}
        if self.fence is not None:
            detail = {**detail, "fence": self.fence}
        yield NewEntry(Tag.BACKUP_FAILED, operation=self.operation, detail=detail)


@dataclass(frozen=True, slots=True)
class TargetsEnded(Event):
    """Some of the operation's records have an outcome."""

    operation: int
    fence: int
    outcomes: Mapping[RecordRef, Outcome] = field(hash=False)  # a mapping has no hash, here and below

    def entries(self) -> Iterable[NewEntry]:
        # Sorted, so that the same outcomes always give the same entries.
        for ref, outcome in sorted(self.outcomes.items()):
            detail: Detail = {"outcome": outcome, "fence": self.fence}
            yield NewEntry(Tag.TARGET_OUTCOME, subject=str(ref), operation=self.operation, detail=detail)


@dataclass(frozen=True, slots=True)
class OperationFinished(Event):
    """The operation has ended: done, partly done, failed, or stale because its records had changed."""

    operation: Operation
    tally: Tally | None = None
    """The outcomes, counted; None when the operation ended before a record was looked at."""
    why: str = ""
    undone: Operation | None = None
    """The operation that was undone, when this one is an undo."""
    changed_since: tuple[str, ...] | None = ()
    """The fields that differ from the backup after an undo: empty when none does, None when no backup is there."""
    now: Mapping[RecordRef, Facts] = field(default_factory=dict, hash=False)
    """The records as they are now, when the operation is stale."""

    def entries(self) -> Iterable[NewEntry]:
        detail: dict[str, str | int | bool | list[str] | None] = {"state": self.operation.state}
        if self.tally is not None:
            detail |= {
                "done": self.tally.done,
                "failed": self.tally.failed,
                "conflicts": self.tally.conflicts,
                "unknown": self.tally.unknown,
            }
        # An operation that ended before its records were looked at always has a reason, even an empty one.
        if self.why or self.tally is None:
            detail["why"] = self.why
        yield NewEntry(Tag.OPERATION_FINISHED, operation=self.operation.number, detail=detail)


@dataclass(frozen=True, slots=True)
class OperationUndone(Event):
    """What an operation had changed was taken back."""

    operation: Operation
    by: int | str
    """The number of the operation that undid it, or "backup" for a restore on the command line."""
    records: int

    def entries(self) -> Iterable[NewEntry]:
        detail: Detail = {"by": self.by, "records": self.records}
        yield NewEntry(Tag.OPERATION_UNDONE, operation=self.operation.number, detail=detail)


@dataclass(frozen=True, slots=True)
class BackupRestored(Event):
    """An administrator has put records back from the vault on the command line."""

    number: int
    operation: Operation | None
    """None when the database does not know the operation, because it was created anew."""
    files: tuple[str, ...]
    counts: Mapping[Outcome, int] = field(hash=False)

    @property
    def records(self) -> int:
        return sum(self.counts.values())

    def entries(self) -> Iterable[NewEntry]:
        counts = {outcome.value: count for outcome, count in self.counts.items()}
        detail: Detail = {"files": list(self.files), "records": self.records, **counts}
        yield NewEntry(Tag.BACKUP_RESTORED, operation=self.number, detail=detail)
