"""Counts what depends on one record, for its confirm card."""

from sqlalchemy import ColumnElement, Connection, func, select

from core.crm.embedded.records import ACTIVE, last_contacts
from core.crm.embedded.tables import communications, contacts, customers, deals, invoices, memberships, segments
from core.domain.actions import LifeStatus
from core.domain.impact import Impact, LastContact
from core.domain.records import DealStage, Kind, Medium, Money, RecordRef, sum_by_currency


def impact_of(connection: Connection, ref: RecordRef) -> Impact:
    """Returns the impact of an action on the record; it is empty for a record that does not exist."""
    match ref.kind:
        case Kind.CUSTOMER:
            return _of_customer(connection, ref.number)
        case Kind.SEGMENT:
            return _of_segment(connection, ref.number)
        case Kind.COMMUNICATION:
            return Impact()


def _of_customer(connection: Connection, number: str) -> Impact:
    c = customers.c
    found = connection.execute(select(c.id, c.last_contact_at).where(c.number == number)).one_or_none()
    if found is None:
        return Impact()
    key = found.id
    open_deals = _amounts(connection, key)
    unpaid = _unpaid(connection, key)
    newest = last_contacts(connection, [key]).get(key)
    # An imported customer may have a last contact without a communication on record; its channel is unknown.
    if newest is None and found.last_contact_at is not None:
        newest = (found.last_contact_at, Medium.OTHER)
    return Impact(
        contacts=_count(connection, contacts.c.customer_id == key),
        open_deals=len(open_deals),
        open_amounts=sum_by_currency(open_deals),
        unpaid_invoices=len(unpaid),
        unpaid_amounts=sum_by_currency(unpaid),
        communications=_count(connection, communications.c.customer_id == key, communications.c.status == ACTIVE),
        segments=_segments(connection, key),
        last_contact=LastContact(*newest) if newest else None,
    )


def _of_segment(connection: Connection, number: str) -> Impact:
    members = connection.execute(
        select(func.count())
        .select_from(memberships)
        .join(segments, segments.c.id == memberships.c.segment_id)
        .where(segments.c.number == number)
    ).scalar_one()
    return Impact(members=members)


def _amounts(connection: Connection, customer: int) -> list[Money]:
    d = deals.c
    rows = connection.execute(
        select(d.amount, d.currency).where(d.customer_id == customer, d.stage == DealStage.OPEN.value)
    )
    return [Money(amount, currency) for amount, currency in rows]


def _unpaid(connection: Connection, customer: int) -> list[Money]:
    i = invoices.c
    rows = connection.execute(select(i.amount, i.currency).where(i.customer_id == customer, i.paid == 0))
    return [Money(amount, currency) for amount, currency in rows]


def _count(connection: Connection, *conditions: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count()).where(*conditions)).scalar_one()


def _segments(connection: Connection, customer: int) -> int:
    """Counts the segments the customer is in, without those in the recycle bin, where nobody sees them."""
    m, s = memberships.c, segments.c
    return connection.execute(
        select(func.count())
        .select_from(memberships)
        .join(segments, s.id == m.segment_id)
        .where(m.customer_id == customer, s.status != LifeStatus.DELETED.value)
    ).scalar_one()
