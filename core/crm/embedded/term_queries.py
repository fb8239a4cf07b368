"""Asking the inverted index, in the words of each database.

A question is an *or* of ways; a way is an *and* of steps; a step is one term, or any of several.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    String,
    Subquery,
    and_,
    column,
    literal_column,
    or_,
    select,
    table,
)

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
    asked = [way for way in ways if way]
    sqlite = connection.dialect.name == "sqlite"
    found = (_sqlite_found if sqlite else _postgresql_found)(asked, sight)
    c = customers.c
    return (
        select(c.id, c.name, c.short_name, found.c.pinyin)
        .select_from(found)
        .join(customers, c.id == found.c.customer_id)
        .where(*visible(sight, statuses, through_index=sqlite))
        .limit(limit)
    )


def _sqlite_found(ways: Sequence[Way], sight: Sight) -> Subquery:
    match = _fts.c.search_terms.op("MATCH")(_words(ways, sight))
    rows = search_rows.c
    return select(rows.customer_id, rows.pinyin).join(_fts, _fts.c.rowid == rows.slot).where(match).subquery()


def _postgresql_found(ways: Sequence[Way], sight: Sight) -> Subquery:
    """OFFSET 0 keeps the planner from reading row after row in the hope of soon having enough (460 ms, not 10)."""
    rows = search_rows.c
    matching = select(rows.customer_id, rows.pinyin).where(_arrays(ways, sight))
    return matching.offset(literal_column("0")).subquery()


def visible(
    sight: Sight, statuses: frozenset[LifeStatus], *, through_index: bool = False
) -> list[ColumnElement[bool]]:
    """Conditions on the customer's row.

    `through_index`: SQLite would rather begin at the owner's rows and ask the full-text index once for each
    (measured: 133 ms instead of 3); a plus sign before a column keeps it from that.
    """
    owner: ColumnElement[str] = literal_column("+customers.owner") if through_index else customers.c.owner
    status: ColumnElement[str] = literal_column("+customers.status") if through_index else customers.c.status
    conditions: list[ColumnElement[bool]] = []
    if not sight.everything:
        conditions.append(owner.in_(sorted(sight.owners - {""})))
    if statuses != ALL_STATUSES:
        conditions.append(status.in_(sorted(statuses)))
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
