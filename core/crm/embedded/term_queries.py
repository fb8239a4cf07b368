"""Asks the inverted index, in the query language of each database.

A question joins several *ways* with OR; a way joins its *steps* with AND; a step is one term, or any of several.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Integer,
    Row,
    Select,
    String,
    Subquery,
    and_,
    bindparam,
    column,
    literal_column,
    or_,
    select,
    table,
)

from core.crm.embedded.indexing import as_words
from core.crm.embedded.tables import customers, search_rows
from core.crm.embedded.terms import OWNER, term
from core.domain.actions import LifeStatus
from core.domain.people import Sight

Terms = frozenset[int]
Way = tuple[Terms, ...]
_Shape = tuple[bool, int]
"""The shape of a way: whether it has steps of a single term, and how many steps of several. A statement is built
once for each shape and then only given values.
"""

_fts = table("search_terms", column("rowid"), column("search_terms", String))
_TERMS = ARRAY(Integer)
ALL_STATUSES = frozenset(LifeStatus)


def one(*terms: int) -> Way:
    """Returns the way that needs all of these terms."""
    return tuple(frozenset({value}) for value in dict.fromkeys(terms))


def candidates(
    connection: Connection, ways: Iterable[Way], sight: Sight, statuses: frozenset[LifeStatus], limit: int
) -> Sequence[Row[int, str, str, str]]:
    """Returns id, name, short name and pinyin of the customers found by these ways, within sight and statuses.

    The owner is a term of the index, so that the 200 customers of a rep are found among 1,000,000 without reading
    the others. The condition stands on the customer's row as well, so that an outdated index never shows too much.
    """
    asked = [way for way in ways if way]
    of_owners, of_statuses = not sight.everything, statuses != ALL_STATUSES
    if connection.dialect.name == "sqlite":
        statement = _sqlite_statement(of_owners=of_owners, of_statuses=of_statuses)
        values: dict[str, object] = {"asked": _words(asked, sight)}
    else:
        shapes = tuple(map(_shape, asked))
        statement = _postgresql_statement(shapes, of_owners=of_owners, of_statuses=of_statuses)
        values = _arrays(asked, sight)
    return connection.execute(statement, {**values, **seen(sight, statuses), "limit": limit}).all()


@lru_cache
def _sqlite_statement(*, of_owners: bool, of_statuses: bool) -> Select[int, str, str, str]:
    rows = search_rows.c
    found = (
        select(rows.customer_id, rows.pinyin)
        .join(_fts, _fts.c.rowid == rows.slot)
        .where(_fts.c.search_terms.op("MATCH")(bindparam("asked", type_=String)))
        .subquery()
    )
    return _of_customers(found, visible(of_owners=of_owners, of_statuses=of_statuses, through_index=True))


@lru_cache(maxsize=256)
def _postgresql_statement(
    shapes: tuple[_Shape, ...], *, of_owners: bool, of_statuses: bool
) -> Select[int, str, str, str]:
    # OFFSET 0 keeps PostgreSQL from merging the subquery with the LIMIT outside: it would read row after row in
    # the hope of soon having enough (measured: 460 ms instead of 10).
    rows = search_rows.c
    conditions = [or_(*(_way_array(place, shape) for place, shape in enumerate(shapes)))]
    if of_owners:
        conditions.append(rows.terms.overlap(bindparam("owner_terms", type_=_TERMS)))
    matching = select(rows.customer_id, rows.pinyin).where(*conditions)
    found = matching.offset(literal_column("0")).subquery()
    return _of_customers(found, visible(of_owners=of_owners, of_statuses=of_statuses))


def _of_customers(found: Subquery, conditions: list[ColumnElement[bool]]) -> Select[int, str, str, str]:
    c = customers.c
    return (
        select(c.id, c.name, c.short_name, found.c.pinyin)
        .select_from(found)
        .join(customers, c.id == found.c.customer_id)
        .where(*conditions)
        .limit(bindparam("limit", type_=Integer))
    )


def visible(*, of_owners: bool, of_statuses: bool, through_index: bool = False) -> list[ColumnElement[bool]]:
    """Returns the conditions on the customer's row for what a person may see; `seen` returns their values.

    `through_index` is for queries that begin in the full-text index of SQLite.
    """
    # SQLite would begin at the owner's rows and ask the full-text index once for each (measured: 133 ms instead of
    # 3). A unary plus before a column keeps it from using an index on that column.
    owner: ColumnElement[str] = literal_column("+customers.owner") if through_index else customers.c.owner
    status: ColumnElement[str] = literal_column("+customers.status") if through_index else customers.c.status
    conditions: list[ColumnElement[bool]] = []
    if of_owners:
        conditions.append(owner.in_(bindparam("owners", expanding=True)))
    if of_statuses:
        conditions.append(status.in_(bindparam("statuses", expanding=True)))
    return conditions


def seen(sight: Sight, statuses: frozenset[LifeStatus]) -> dict[str, list[str]]:
    """Returns the values for `visible`. A customer without an owner is visible to those who see everything."""
    return {"owners": sorted(sight.owners - {""}), "statuses": sorted(statuses)}


def _owner_terms(sight: Sight) -> Terms:
    return frozenset(term(OWNER, owner) for owner in sight.owners)


def _words(ways: Sequence[Way], sight: Sight) -> str:
    """Returns the question in the query language of FTS5."""
    owners = _owner_terms(sight)
    word = as_words(chain(owners, *chain(*ways)))

    def any_of(step: Terms) -> str:
        return '("' + '" OR "'.join([word[term] for term in sorted(step)]) + '")'

    asked = " OR ".join("(" + " AND ".join(map(any_of, way)) + ")" for way in ways)
    # Every customer has its owner as a term (a customer without one has the empty text).
    return asked if sight.everything else f"({asked}) AND {any_of(owners)}"


def _shape(way: Way) -> _Shape:
    return any(len(step) == 1 for step in way), sum(len(step) > 1 for step in way)


def _way_array(place: int, shape: _Shape) -> ColumnElement[bool]:
    """Returns one way as conditions on PostgreSQL's array of terms; `_arrays` returns their values."""
    needs, choices = shape
    terms = search_rows.c.terms
    conditions = [terms.overlap(bindparam(f"any_{place}_{n}", type_=_TERMS)) for n in range(choices)]
    if needs:  # all single terms together are one condition: terms @> ARRAY[…]
        conditions.append(terms.contains(bindparam(f"all_{place}", type_=_TERMS)))
    return and_(*conditions)


def _arrays(ways: Sequence[Way], sight: Sight) -> dict[str, object]:
    values: dict[str, object] = {"owner_terms": sorted(_owner_terms(sight))}
    for place, way in enumerate(ways):
        values[f"all_{place}"] = sorted(value for step in way if len(step) == 1 for value in step)
        for n, step in enumerate(step for step in way if len(step) > 1):
            values[f"any_{place}_{n}"] = sorted(step)
    return values
