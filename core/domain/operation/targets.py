"""The closed list of records that an operation is about, and the outcome of each."""

from dataclasses import dataclass, field
from enum import StrEnum

from core.domain.actions import LifeStatus
from core.domain.facts import Facts
from core.domain.fingerprint import Fingerprint
from core.domain.operation.life import State
from core.domain.records import RecordRef


class Outcome(StrEnum):
    """The outcome of one target, as every connector reports it: a closed set."""

    DONE = "done"
    ALREADY = "already"
    """The record was in the wished state before; nothing was written."""
    PENDING_APPROVAL = "pending_approval"
    """The CRM has started an approval of its own; nothing is done yet."""
    SCHEDULED = "scheduled"
    """The CRM has accepted the work as a job that still has to run."""
    NOT_FOUND = "not_found"
    WRONG_STATE = "wrong_state"
    """The status of the record does not allow the action."""
    BLOCKED = "blocked"
    """The record is held back: locked in the CRM, or not reached before the operation ended."""
    DENIED = "denied"
    """The CRM says that the acting user lacks the permission."""
    UNSUPPORTED = "unsupported"
    """The connector cannot do it; nothing was sent."""
    CONFLICT = "conflict"
    """The record has changed since it was voted on."""
    UNKNOWN = "unknown"
    """No answer came after the request was sent: the record must be read before anything else is done to it."""

    @property
    def good(self) -> bool:
        """True when the record is in the wished state."""
        return self in {Outcome.DONE, Outcome.ALREADY}


@dataclass(frozen=True, slots=True)
class Target:
    """One record of an operation, with the version it had when the operation was asked for."""

    ref: RecordRef
    name: str
    version: int
    status: LifeStatus
    outcome: Outcome | None = None
    facts: Facts = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Targets:
    """The closed list as an operation carries it: the first few targets, and the count and fingerprint of all."""

    count: int
    first: tuple[Target, ...]
    """The first few targets, in the order of the fingerprint."""
    fingerprint: Fingerprint


@dataclass(frozen=True, slots=True)
class Tally:
    """The outcomes of an operation, counted."""

    done: int = 0
    failed: int = 0
    conflicts: int = 0
    unknown: int = 0

    def end_state(self) -> State:
        """Returns the state in which an operation with these outcomes ends."""
        if self.unknown:  # first, so that an operation with an unknown outcome is never called done
            return State.NEEDS_HUMAN
        if self.done and not (self.failed or self.conflicts):
            return State.DONE
        if self.done:
            return State.PARTLY_DONE
        # Stale only where nothing but changed records stood in the way: asking again can help then.
        return State.STALE if self.conflicts and not self.failed else State.FAILED
