"""Asking the inverted index, in the words of each database.

A question is an *or* of ways; a way is an *and* of steps; a step is one term, or any of several.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, Select, String, and_, column, or_, select, table

from core.crm.embedded.indexing import as_word
from core.crm.embedded.tables import customers, search_rows
from core.crm.embedded.terms import OWNER, term
from core.domain.actions import LifeStatus
from core.domain.people import Sight

Step = frozenset[int]
Way = tuple[Step, ...]

_fts = table("search_terms", column("rowid"), column("search_terms", String))
ALL_STATUSES = frozenset(LifeStatus)


def one(*terms: int) -> Way:
    """All of these."""
    return tuple(frozenset({value}) for value in dict.fromkeys(terms))


def candidates(
    connection: Connection, ways: Iterable[Way], sight: Sight, statuses: frozenset[LifeStatus], limit: int
) -> Select[int, str, str, str]:
    """Id, name, short name and pinyin of customers these ways lead to, within sight and statuses.

    Whose records they are is part of the index's own question: a rep's 200 are met among 1,000,000 without
    looking at the rest. The customer's row is asked as well, so that an outdated index never shows too much.
    """
    c = customers.c
    query = (
        select(c.id, c.name, c.short_name, search_rows.c.pinyin)
        .select_from(search_rows)
        .join(customers, c.id == search_rows.c.customer_id)
        .where(*visible(sight, statuses))
        .limit(limit)
    )
    steps = [way for way in ways if way]
    if connection.dialect.name == "sqlite":
        match = _fts.c.search_terms.op("MATCH")(_words(steps, sight))
        return query.join(_fts, _fts.c.rowid == search_rows.c.slot).where(match)
    return query.where(_arrays(steps, sight))


def visible(sight: Sight, statuses: frozenset[LifeStatus]) -> list[ColumnElement[bool]]:
    """Conditions on the customer's row."""
    c = customers.c
    conditions: list[ColumnElement[bool]] = []
    if not sight.everything:
        conditions.append(c.owner.in_(sorted(sight.owners - {""})))
    if statuses != ALL_STATUSES:
        conditions.append(c.status.in_(sorted(statuses)))
    return conditions


def _owner_step(sight: Sight) -> list[Step]:
    return [] if sight.everything else [frozenset(term(OWNER, owner) for owner in sight.owners)]


def _words(ways: Sequence[Way], sight: Sight) -> str:
    asked = " OR ".join(_and_words(way) for way in ways)
    owners = _owner_step(sight)
    return f"({asked}) AND {_or_words(owners[0])}" if owners else asked


def _and_words(way: Way) -> str:
    return "(" + " AND ".join(map(_or_words, way)) + ")"


def _or_words(step: Step) -> str:
    return "(" + " OR ".join(f'"{as_word(value)}"' for value in sorted(step)) + ")"


def _arrays(ways: Sequence[Way], sight: Sight) -> ColumnElement[bool]:
    return and_(or_(*map(_way_array, ways)), *map(_any_array, _owner_step(sight)))


def _way_array(way: Way) -> ColumnElement[bool]:
    needed = sorted(value for step in way if len(step) == 1 for value in step)
    conditions = [_any_array(step) for step in way if len(step) > 1]
    if needed:
        conditions.append(search_rows.c.terms.contains(needed))
    return and_(*conditions)


def _any_array(step: Step) -> ColumnElement[bool]:
    found: ColumnElement[bool] = search_rows.c.terms.overlap(sorted(step))
    return found
