"""Reminders of customers nobody has spoken to lately, and the answers of their reps."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.domain.people import Person, PersonId, Right, RoleRights
from core.domain.records import Medium, RecordRef


class FactKind(StrEnum):
    CONTACTED = "contacted"
    """The rep says 已联系, which counts as a contact at that moment."""
    SNOOZED = "snoozed"
    """The rep says 下周再提醒: no reminder of this customer before `until`."""


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
    """The last contact, or the creation of the record if there never was one."""
    never: bool = False
    """True when there never was a contact."""
    last_medium: Medium | None = None
    level: str = ""


@dataclass(frozen=True, slots=True)
class Digest:
    """The reminder for one rep."""

    person: Person
    customers: tuple[SilentCustomer, ...]
    """The customers on the card, as many as fit."""
    total: int
    """The number of all such customers of the rep."""


def may_be_told(person: Person, rights: RoleRights) -> bool:
    """Returns whether a person may get a digest: only somebody who could look up the customers without it."""
    return rights.allows(person, Right.VIEW)
