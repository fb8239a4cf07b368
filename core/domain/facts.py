"""What a record was like when somebody asked for a change of it: kept with the target.

So it can be said later what has changed since (K12), whose customer it was, and what came back with it (K13).
Values are plain text; amounts are `48000.00 CNY`, joined by commas; a phone number is masked, since requests
outlive customers.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum

from core.domain.impact import Impact
from core.domain.people import PersonId
from core.domain.records import Kind, Money, RecordState

Facts = Mapping[str, str]
"""By `Fact`; a fact that was not looked at is left out."""


class Fact(StrEnum):
    NAME = "name"
    SHORT_NAME = "short_name"
    STATUS = "status"
    OWNER = "owner"
    PHONE = "phone"
    LEVEL = "level"
    LAST_CONTACT = "last_contact"
    """ISO 8601, or empty."""
    DEALS = "deals"
    DEAL_AMOUNTS = "deal_amounts"
    UNPAID = "unpaid"
    UNPAID_AMOUNTS = "unpaid_amounts"
    CONTACTS = "contacts"
    RECORDS = "records"
    SEGMENTS = "segments"
    MEMBERS = "members"


def facts_of(record: RecordState, impact: Impact | None) -> Facts:
    """`impact` None: what hangs on it was not looked at."""
    facts = {
        Fact.NAME: record.name,
        Fact.SHORT_NAME: record.short_name,
        Fact.STATUS: record.status.value,
        Fact.OWNER: record.owner or "",
    }
    if record.ref.kind is Kind.CUSTOMER:
        facts |= {
            Fact.PHONE: masked(record.phone),
            Fact.LEVEL: record.level,
            Fact.LAST_CONTACT: record.last_contact_at.isoformat() if record.last_contact_at else "",
        }
    if impact is not None:
        facts |= _hanging(record.ref.kind, impact)
    return {fact.value: value for fact, value in facts.items()}


def _hanging(kind: Kind, impact: Impact) -> dict[Fact, str]:
    if kind is Kind.SEGMENT:
        return {Fact.MEMBERS: str(impact.members)}
    if kind is not Kind.CUSTOMER:
        return {}
    return {
        Fact.DEALS: str(impact.open_deals),
        Fact.DEAL_AMOUNTS: _written(impact.open_amounts),
        Fact.UNPAID: str(impact.unpaid_invoices),
        Fact.UNPAID_AMOUNTS: _written(impact.unpaid_amounts),
        Fact.CONTACTS: str(impact.contacts),
        Fact.RECORDS: str(impact.communications),
        Fact.SEGMENTS: str(impact.segments),
    }


def owner_in(facts: Facts) -> PersonId | None:
    """Whose it was."""
    owner = facts.get(Fact.OWNER)
    return PersonId(owner) if owner else None


def changed_facts(before: Facts, after: Facts) -> tuple[Fact, ...]:
    """Which of the facts known both times differ, weightiest first."""
    return tuple(fact for fact in Fact if fact in before and fact in after and before[fact] != after[fact])


def masked(phone: str) -> str:
    """138····5678: enough to recognise, too little to call."""
    if len(phone) < 8:
        return phone and "····" + phone[-2:]
    return f"{phone[:3]}····{phone[-4:]}"


def amounts_in(written: str) -> tuple[Money, ...]:
    """The amounts of a fact, as money again."""
    pairs = (part.split(" ") for part in written.split(",") if part)
    return tuple(Money(Decimal(amount), currency) for amount, currency in pairs)


def _written(amounts: Iterable[Money]) -> str:
    return ",".join(f"{money.amount} {money.currency}" for money in amounts)
