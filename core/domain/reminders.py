"""Who has not been spoken to, and what their reps answered."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.domain.people import Person, PersonId, Right, RoleRights
from core.domain.records import Medium, RecordRef


class FactKind(StrEnum):
    CONTACTED = "contacted"
    """已联系: the rep says so; counts as contact from then on."""
    SNOOZED = "snoozed"
    """下周再提醒: silent until `until`."""


@dataclass(frozen=True, slots=True)
class ReminderFact:
    ref: RecordRef
    person: PersonId
    kind: FactKind
    at: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class SilentCustomer:
    ref: RecordRef
    label: str
    silent_since: datetime
    """Last contact, or when the record was made if there never was one."""
    never: bool = False
    last_medium: Medium | None = None
    level: str = ""


@dataclass(frozen=True, slots=True)
class Digest:
    """What one rep is told."""

    person: Person
    customers: tuple[SilentCustomer, ...]
    """As many as fit on the card."""
    total: int


def may_be_told(person: Person, rights: RoleRights) -> bool:
    """A digest shows customers without being asked: only to those who could look them up themselves."""
    return rights.allows(person, Right.VIEW)
