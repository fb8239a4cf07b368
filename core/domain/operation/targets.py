"""The closed list of records an operation is about, and what became of each."""

from dataclasses import dataclass, field
from enum import StrEnum

from core.domain.actions import LifeStatus
from core.domain.facts import Facts
from core.domain.fingerprint import Fingerprint
from core.domain.operation.life import State
from core.domain.records import RecordRef


class Outcome(StrEnum):
    """What became of one target (crm-apis §6)."""

    DONE = "done"
    ALREADY = "already"
    PENDING_APPROVAL = "pending_approval"
    SCHEDULED = "scheduled"
    NOT_FOUND = "not_found"
    WRONG_STATE = "wrong_state"
    BLOCKED = "blocked"
    DENIED = "denied"
    UNSUPPORTED = "unsupported"
    CONFLICT = "conflict"
    UNKNOWN = "unknown"

    @property
    def good(self) -> bool:
        return self in {Outcome.DONE, Outcome.ALREADY}


@dataclass(frozen=True, slots=True)
class Target:
    """One record of an operation, with its version as seen when it was asked."""

    ref: RecordRef
    name: str
    version: int
    status: LifeStatus
    outcome: Outcome | None = None
    facts: Facts = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Targets:
    """The closed list, as an operation carries it: a few to name, and what stands for all."""

    count: int
    first: tuple[Target, ...]
    """The first few, in fingerprint order."""
    fingerprint: Fingerprint


@dataclass(frozen=True, slots=True)
class Tally:
    """Outcomes counted."""

    done: int = 0
    failed: int = 0
    conflicts: int = 0
    unknown: int = 0

    def end_state(self) -> State:
        if self.unknown:
            return State.NEEDS_HUMAN
        if self.done and not (self.failed or self.conflicts):
            return State.DONE
        if self.done:
            return State.PARTLY_DONE
        return State.STALE if self.conflicts and not self.failed else State.FAILED
