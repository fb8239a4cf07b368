"""One person's decision."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.domain.fingerprint import Fingerprint
from core.domain.people import PersonId


class Decision(StrEnum):
    APPROVE = "approve"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Vote:
    """One person's decision, bound to what that person saw."""

    person: PersonId
    decision: Decision
    at: datetime
    fingerprint: Fingerprint
    round: int
    generation: int = 1
    """Of the voter's user id: a reused id does not inherit votes."""
    words: str = ""
