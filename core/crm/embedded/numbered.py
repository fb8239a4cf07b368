"""Finds segments and communications. There are few segments; communications are named by number or by customer."""

from rapidfuzz.distance import OSA
from sqlalchemy import Connection, Select, bindparam, select

from core.crm.embedded.looking import Looked
from core.crm.embedded.records import records_by_id
from core.crm.embedded.search import search_customers
from core.crm.embedded.tables import communications, customers, segments
from core.crm.embedded.term_queries import seen, visible
from core.domain.actions import LifeStatus
from core.domain.names import allowed_edits, asked_name, name_key
from core.domain.records import FoundBy, Hit, Hits, Kind
from core.ports.crm import SearchQuery

NOBODY = ""
"""The owner of a segment that everybody shares. A customer without an owner is seen by those who see all."""


def search_others(connection: Connection, query: SearchQuery) -> Hits:
    text = asked_name(query.text)
    if not text or (not query.sight.everything and not query.sight.owners):
        return Hits()
    if query.kind is Kind.SEGMENT:
        return _segments(connection, query, text)
    return _communications(connection, query, text)


def _segments(connection: Connection, query: SearchQuery, text: str) -> Hits:
    s = segments.c
    rows: Select[int, str, str] = select(s.id, s.number, s.name).where(s.status.in_(sorted(query.statuses)))
    if not query.sight.everything:
        rows = rows.where(s.owner.in_(sorted({*query.sight.owners, NOBODY})))
    looked: dict[int, Looked] = {}
    # Every segment is compared in Python: there are few, so they need no index.
    for key, number, name in connection.execute(rows):
        if found := _look(text, number, name):
            looked[key] = found
    # As with customers, a typo is assumed only when nothing else fits.
    if any(found.found_by is not FoundBy.TYPO for found in looked.values()):
        looked = {key: found for key, found in looked.items() if found.found_by is not FoundBy.TYPO}
    return _hits(connection, query, looked)


def _look(text: str, number: str, name: str) -> Looked | None:
    if text.casefold() == number.casefold():
        return Looked(FoundBy.NUMBER)
    asked, mine = name_key(text), name_key(name)
    if not asked:
        return None
    if asked == mine:
        return Looked(FoundBy.NAME)
    if asked in mine:
        return Looked(FoundBy.PARTIAL, len(asked) / len(mine))
    distance = OSA.distance(asked, mine, score_cutoff=allowed_edits(len(asked)))
    if distance <= allowed_edits(len(asked)):
        return Looked(FoundBy.TYPO, 1 - distance / max(len(asked), len(mine)))
    return None


def _communications(connection: Connection, query: SearchQuery, text: str) -> Hits:
    """Finds communications by number, or else the newest of the customers that the text finds."""
    c = communications.c
    rows = (
        select(c.id)
        .join(customers, customers.c.id == c.customer_id)
        .where(*visible(of_owners=not query.sight.everything, of_statuses=False))
        .where(c.status.in_(bindparam("statuses", expanding=True)))
    )
    values = seen(query.sight, query.statuses)
    spellings = {text, text.upper(), text.lower()}
    numbered = connection.execute(rows.where(c.number.in_(spellings)), values).scalars().all()
    if numbered:
        return _hits(connection, query, dict.fromkeys(numbered, Looked(FoundBy.NUMBER)))
    # A customer in any status: a communication can be looked for although its customer is voided.
    found = search_customers(
        connection, SearchQuery(text, Kind.CUSTOMER, query.sight, frozenset(LifeStatus), query.limit)
    )
    by_number = {hit.record.ref.number: hit for hit in found.items}
    theirs = rows.add_columns(customers.c.number).where(customers.c.number.in_(sorted(by_number)))
    looked = {
        key: Looked(FoundBy.PARTIAL, by_number[number].score)
        for key, number in connection.execute(theirs.order_by(c.at.desc()).limit(1000), values)
    }
    return _hits(connection, query, looked)


def _hits(connection: Connection, query: SearchQuery, looked: dict[int, Looked]) -> Hits:
    # Sorting is stable, so that communications of equal score stay newest first.
    best = sorted(looked, key=lambda key: looked[key].order)[: query.limit]
    records = records_by_id(connection, query.kind, best)
    items = tuple(Hit(records[key], looked[key].found_by, looked[key].score) for key in best)
    return Hits(items, total=len(looked))
