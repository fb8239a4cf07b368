"""The facts of a record at the time of a request; they are kept with the target.

With them the bot can say later what has changed since the request, whose customer it was, and what an undo brought
back. Values are plain text; amounts are written `48000.00 CNY` and joined by commas. A phone number is masked,
because requests outlive customers.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum

from core.domain.impact import Impact
from core.domain.people import PersonId
from core.domain.records import Kind, Money, RecordState

Facts = Mapping[str, str]
"""Values by `Fact`. A fact that was not looked up is left out."""


class Fact(StrEnum):
    """The facts that are kept. Their order counts: `changed_facts` lists them in it."""

    NAME = "name"
    SHORT_NAME = "short_name"
    STATUS = "status"
    OWNER = "owner"
    PHONE = "phone"
    LEVEL = "level"
    LAST_CONTACT = "last_contact"
    """The moment in ISO 8601, or empty when there was no contact."""
    DEALS = "deals"
    DEAL_AMOUNTS = "deal_amounts"
    UNPAID = "unpaid"
    UNPAID_AMOUNTS = "unpaid_amounts"
    CONTACTS = "contacts"
    RECORDS = "records"
    SEGMENTS = "segments"
    MEMBERS = "members"


def facts_of(record: RecordState, impact: Impact | None) -> Facts:
    """Returns the facts of a record; `impact` is None when what hangs on it was not looked up."""
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
    return {fact.value: value for fact, value in facts.items()}  # plain strings: facts are stored as JSON


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
    """Returns the owner that the record had, or None."""
    owner = facts.get(Fact.OWNER)
    return PersonId(owner) if owner else None


def changed_facts(before: Facts, after: Facts) -> tuple[Fact, ...]:
    """Returns the facts that are known both times and differ, the most important first."""
    return tuple(fact for fact in Fact if fact in before and fact in after and before[fact] != after[fact])


def masked(phone: str) -> str:
    """Returns a phone number like 138····5678: enough to recognise it, too little to call it."""
    # Of a short number, seven digits would be nearly all; an empty one stays empty.
    if len(phone) < 8:
        return phone and "····" + phone[-2:]
    return f"{phone[:3]}····{phone[-4:]}"


def amounts_in(written: str) -> tuple[Money, ...]:
    """Returns the amounts that the text of a fact holds."""
    pairs = (part.split(" ") for part in written.split(",") if part)
    return tuple(Money(Decimal(amount), currency) for amount, currency in pairs)


def _written(amounts: Iterable[Money]) -> str:
    return ",".join(f"{money.amount} {money.currency}" for money in amounts)
