"""The row of each kind of sheet as a typed value. None means that the sheet does not say: what is stored stays."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from core.domain.people import PersonId
from core.domain.records import DealStage, Medium


class SheetKind(StrEnum):
    CUSTOMERS = "customers"
    CONTACTS = "contacts"
    DEALS = "deals"
    INVOICES = "invoices"
    COMMUNICATIONS = "communications"
    SEGMENTS = "segments"


@dataclass(frozen=True, slots=True)
class Whose:
    """The customer that a row belongs to. A number decides; a name counts only when a single customer has it."""

    number: str | None = None
    name: str | None = None
    either: str | None = None
    """A number or a name, from a column whose title is only "customer"."""

    @property
    def shown(self) -> str:
        """The text by which an answer names the customer."""
        return self.number or self.either or self.name or ""


@dataclass(frozen=True, slots=True)
class CustomerRow:
    number: str | None = None
    name: str | None = None
    short_name: str | None = None
    phone: str | None = None
    email: str | None = None
    owner: PersonId | None = None
    level: str | None = None
    source: str | None = None
    tags: tuple[str, ...] | None = None
    created_at: datetime | None = None
    last_contact_at: datetime | None = None
    last_order_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ContactRow:
    whose: Whose
    name: str
    title: str | None = None
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class DealRow:
    number: str
    whose: Whose | None = None
    name: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    stage: DealStage | None = None
    expected_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    number: str
    whose: Whose | None = None
    amount: Decimal | None = None
    currency: str | None = None
    paid: bool | None = None
    issued_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CommunicationRow:
    number: str
    whose: Whose | None = None
    at: datetime | None = None
    channel: Medium | None = None
    author: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class SegmentRow:
    number: str
    name: str | None = None
    description: str | None = None
    condition: str | None = None
    owner: PersonId | None = None
    members: tuple[str, ...] | None = None
    """The numbers of customers to add; an import takes no member out."""


Row = CustomerRow | ContactRow | DealRow | InvoiceRow | CommunicationRow | SegmentRow


NEEDED_WHEN_NEW: Mapping[SheetKind, tuple[str, ...]] = {
    SheetKind.CUSTOMERS: ("name",),
    SheetKind.CONTACTS: (),
    SheetKind.DEALS: ("whose", "amount"),
    SheetKind.INVOICES: ("whose", "amount"),
    SheetKind.COMMUNICATIONS: ("whose", "at"),
    SheetKind.SEGMENTS: ("name",),
}
"""The fields that a row must have when its record is new; a row for a stored record may leave them out."""


def given(row: Row) -> Iterator[tuple[str, object]]:
    """Yields the fields that the sheet gives of the record itself, with their values."""
    for field in fields(row):
        value = getattr(row, field.name)
        # `whose` and `members` are links to other records.
        if value is not None and field.name not in {"whose", "members"}:
            yield field.name, value
