"""The three kinds of record and what hangs on a customer."""

from collections import Counter
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
    """Which record, in any CRM: its kind and the number people quote (C1024, G12, R88)."""

    kind: Kind
    number: str

    def __str__(self) -> str:
        """How the log names it before it becomes a pseudonym: customer:C1024."""
        return f"{self.kind}:{self.number}"


@dataclass(frozen=True, slots=True)
class Money:
    amount: Decimal
    currency: str
    """ISO 4217, upper case."""


def sum_by_currency(amounts: Iterable[Money]) -> tuple[Money, ...]:
    """Currencies are never mixed."""
    totals: Counter[str] = Counter()
    sums: dict[str, Decimal] = {}
    for money in amounts:
        totals[money.currency] += 1
        sums[money.currency] = sums.get(money.currency, Decimal(0)) + money.amount
    return tuple(Money(sums[currency], currency) for currency in sorted(sums))


@dataclass(frozen=True, slots=True)
class RecordState:
    """A record as a card and a fingerprint need it, whatever CRM it lives in."""

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
    """Where a deleted record was."""
    changed_by: int | None = None
    """The operation that put it where it is."""
    created_at: datetime | None = None
    last_contact_at: datetime | None = None
    last_medium: Medium | None = None
    member_count: int = 0

    @property
    def label(self) -> str:
        return self.short_name or self.name

    def seen_by(self, sight: Sight) -> bool:
        """A group that belongs to nobody is shared by all; a customer without an owner is not."""
        shared = self.ref.kind is Kind.SEGMENT and self.owner is None
        return shared or sight.includes(self.owner)


class FoundBy(StrEnum):
    """How a hit was found, surest first."""

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
        """Only these may lead straight to a confirm card, and only when single."""
        return self in {FoundBy.NUMBER, FoundBy.NAME, FoundBy.SHORT_NAME}


@dataclass(frozen=True, slots=True)
class Hit:
    record: RecordState
    found_by: FoundBy
    score: float = 1.0
    """1.0 is certain; lower is less alike. Only for sorting among equals."""


@dataclass(frozen=True, slots=True)
class Hits:
    """An answer of a search: the best hits, and how many there are in all."""

    items: tuple[Hit, ...] = ()
    total: int = 0
    more: bool = field(default=False)
    """True when the total is a lower bound."""

    @property
    def sure(self) -> Hit | None:
        """The one exact hit; a number beats any name, and two exact names are a question, not an answer."""
        numbers = [hit for hit in self.items if hit.found_by is FoundBy.NUMBER]
        exact = numbers or [hit for hit in self.items if hit.found_by.exact]
        return exact[0] if len(exact) == 1 else None
