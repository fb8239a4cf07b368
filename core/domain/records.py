"""The three kinds of records, and what hangs on a customer."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from core.domain.actions import LifeStatus
from core.domain.people import PersonId, Sight


class Kind(StrEnum):
    CUSTOMER = "customer"
    COMMUNICATION = "communication"
    SEGMENT = "segment"


class Medium(StrEnum):
    """How somebody spoke with a customer; a `Channel` is a door of the bot's own (`core/domain/address.py`)."""

    PHONE = "phone"
    WECHAT = "wechat"
    VISIT = "visit"
    EMAIL = "email"
    OTHER = "other"


class DealStage(StrEnum):
    OPEN = "open"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True, order=True)
class RecordRef:
    """A reference to one record in any CRM: its kind and the number that people quote (C1024, G12, R88)."""

    kind: Kind
    number: str

    def __str__(self) -> str:
        """Returns the name that the log turns into a pseudonym, such as customer:C1024."""
        return f"{self.kind}:{self.number}"


@dataclass(frozen=True, slots=True)
class Money:
    amount: Decimal
    currency: str
    """The ISO 4217 code in upper case."""


def sum_by_currency(amounts: Iterable[Money]) -> tuple[Money, ...]:
    """Returns one sum for each currency, sorted by code; amounts of different currencies are never added."""
    sums: dict[str, Decimal] = {}
    for money in amounts:
        sums[money.currency] = sums.get(money.currency, Decimal(0)) + money.amount
    return tuple(Money(sums[currency], currency) for currency in sorted(sums))


@dataclass(frozen=True, slots=True)
class RecordState:
    """The state of a record as cards and fingerprints need it, whatever CRM it lives in."""

    ref: RecordRef
    name: str
    owner: PersonId | None
    status: LifeStatus
    version: int
    """Grows with every change of the record or of anything that hangs on it."""
    short_name: str = ""
    phone: str = ""
    level: str = ""
    status_before: LifeStatus | None = None
    """The status that a deleted record had before."""
    changed_by: int | None = None
    """The number of the operation that gave the record its status."""
    created_at: datetime | None = None
    last_contact_at: datetime | None = None
    last_medium: Medium | None = None
    member_count: int = 0

    @property
    def label(self) -> str:
        return self.short_name or self.name

    def seen_by(self, sight: Sight) -> bool:
        """Returns whether somebody with this sight sees the record.

        A segment without an owner is shared by all; a customer without an owner is not.
        """
        shared = self.ref.kind is Kind.SEGMENT and self.owner is None
        return shared or sight.includes(self.owner)


class FoundBy(StrEnum):
    """The ways in which a search finds a record, the surest first. The order ranks the hits."""

    NUMBER = "number"
    NAME = "name"
    SHORT_NAME = "short_name"
    PHONE = "phone"
    CONTACT = "contact"
    PARTIAL = "partial"
    PINYIN = "pinyin"
    INITIALS = "initials"
    TYPO = "typo"

    @property
    def exact(self) -> bool:
        """True for the ways that may lead straight to a confirm card, and only for a single hit."""
        return self in {FoundBy.NUMBER, FoundBy.NAME, FoundBy.SHORT_NAME}


@dataclass(frozen=True, slots=True)
class Hit:
    record: RecordState
    found_by: FoundBy
    score: float = 1.0
    """1.0 is certain, less is less alike. It only sorts hits that were found in the same way."""


@dataclass(frozen=True, slots=True)
class Hits:
    """The answer of a search: the best hits, and the number of all hits."""

    items: tuple[Hit, ...] = ()
    total: int = 0
    more: bool = field(default=False)
    """True when `total` is a lower bound."""

    @property
    def sure(self) -> Hit | None:
        """The one exact hit, or None. A number wins over any name; of two exact names the person has to choose."""
        numbers = [hit for hit in self.items if hit.found_by is FoundBy.NUMBER]
        exact = numbers or [hit for hit in self.items if hit.found_by.exact]
        return exact[0] if len(exact) == 1 else None
