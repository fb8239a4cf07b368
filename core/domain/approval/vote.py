"""One person's decision on an operation."""

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
    """One person's decision, bound by fingerprint and round to what that person saw."""

    person: PersonId
    decision: Decision
    at: datetime
    fingerprint: Fingerprint
    round: int
    generation: int = 1
    """The generation of the voter's user id: when an id is reused, its new holder does not inherit the vote."""
    words: str = ""
    """What the voter wrote, such as the reason of a rejection."""
