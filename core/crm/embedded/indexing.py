"""Keeps record versions and the name index up to date.

Code that writes customers must call these functions in the same transaction.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, bindparam, delete, func, insert, select, text, update

from core.crm.embedded.tables import (
    contacts,
    create_extras,
    customers,
    search_rows,
    search_state,
    search_stops,
)
from core.crm.embedded.terms import GRAM, Entry, Findable, entry, term
from core.domain.names import grams, name_parts

T = TypeVar("T")
CHUNK = 500
SAMPLE = 5000
"""The number of names from which the stop bigrams are found."""
STOP_SHARE = 0.005
"""A bigram in more than this share of the names says too little to find a typo by it (docs/decisions/0009)."""


def chunks(items: Iterable[T], size: int = CHUNK) -> list[list[T]]:
    """Returns the items in lists of `size`, which keeps statements short."""
    every = list(items)
    return [every[start : start + size] for start in range(0, len(every), size)]


def touch_customers(connection: Connection, ids: Iterable[int]) -> None:
    """Raises the version of these customers, because they or records that belong to them have changed.

    Votes on their old versions no longer count. Call it once per change, in the transaction that made it.
    """
    for chunk in chunks(dict.fromkeys(ids), 5000):
        connection.execute(
            update(customers).where(customers.c.id.in_(chunk)).values(version=customers.c.version + 1)
        )


def index_customers(connection: Connection, ids: Sequence[int]) -> None:
    """Indexes these customers as they are now. Deleted ones leave the index; unchanged ones cost no write."""
    if not ids:
        return
    for chunk in chunks(dict.fromkeys(ids)):
        _index(connection, chunk)
    _refresh_stops_when_grown(connection)


def _index(connection: Connection, ids: list[int]) -> None:
    known = dict(
        connection.execute(
            select(search_rows.c.customer_id, search_rows.c.digest).where(search_rows.c.customer_id.in_(ids))
        ).all()
    )
    entries = {key: entry(customer) for key, customer in _findable(connection, ids)}
    changed = {key: made for key, made in entries.items() if known.get(key) != made.digest}
    outdated = [key for key in known if key in changed or key not in entries]
    if outdated:
        connection.execute(delete(search_rows).where(search_rows.c.customer_id.in_(outdated)))
    if changed:
        _write(connection, changed)


def _findable(connection: Connection, ids: list[int]) -> Iterator[tuple[int, Findable]]:
    people: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for owner, name, phone in connection.execute(
        select(contacts.c.customer_id, contacts.c.name, contacts.c.phone).where(contacts.c.customer_id.in_(ids))
    ):
        people[owner].append((name, phone))
    c = customers.c
    for row in connection.execute(select(c.id, c.name, c.short_name, c.owner, c.phone).where(c.id.in_(ids))):
        key, name, short_name, owner, phone = row
        known = people.get(key, ())
        yield key, Findable(name, short_name, owner, (phone, *(p for _, p in known)), tuple(n for n, _ in known))


def _write(connection: Connection, entries: dict[int, Entry]) -> None:
    # A slot is the row id in SQLite's full-text table, whose entries are never changed: a changed customer gets a
    # new slot. PostgreSQL uses the counter of slots only to see how much the index has grown.
    first = _take_slots(connection, len(entries))
    if connection.dialect.name == "postgresql":
        _copy(connection, entries)
        return
    slots = list(enumerate(entries.items(), first))
    connection.execute(
        insert(search_rows),
        [
            {"customer_id": key, "digest": made.digest, "slot": slot, "pinyin": made.pinyin}
            for slot, (key, made) in slots
        ],
    )
    postings = [(slot, " ".join(as_words(made.terms).values())) for slot, (_, made) in slots]
    connection.exec_driver_sql("INSERT INTO search_terms (rowid, terms) VALUES (?, ?)", postings)


def _copy(connection: Connection, entries: dict[int, Entry]) -> None:
    """Writes with PostgreSQL's COPY, which only the driver offers and SQLAlchemy does not."""
    rows = "COPY search_rows (customer_id, digest, pinyin, terms) FROM STDIN"
    cursor: Any = connection.connection.cursor()
    with cursor, cursor.copy(rows) as copy:
        for key, made in entries.items():
            copy.write_row((key, made.digest, made.pinyin, "{" + ",".join(map(str, made.terms)) + "}"))


def as_words(terms: Iterable[int]) -> dict[int, str]:
    """Returns each term as a word of the full-text index, in which it is unsigned and hexadecimal."""
    return {term: f"{term & 0xFFFFFFFF:x}" for term in terms}


def _take_slots(connection: Connection, count: int) -> int:
    """Returns the first of `count` numbers that were never used before."""
    taking = (
        update(search_state)
        .where(search_state.c.id == 1)
        .values(next_slot=search_state.c.next_slot + count)
        .returning(search_state.c.next_slot)
    )
    end = connection.execute(taking).scalar()
    if end is None:  # the very first customer
        connection.execute(insert(search_state).values(id=1, next_slot=1, sampled_at=0))
        end = connection.execute(taking).scalar_one()
    return int(end) - count


def _refresh_stops_when_grown(connection: Connection) -> None:
    # Finding the stop bigrams reads thousands of names, so it waits until the index has grown by half.
    state = connection.execute(select(search_state.c.next_slot, search_state.c.sampled_at)).one_or_none()
    if state is not None and state.next_slot > 2000 and state.next_slot > 1.5 * state.sampled_at:
        refresh_stops(connection)


def refresh_stops(connection: Connection) -> None:
    """Finds, in a sample, the bigrams that are in too many names to help with a typo."""
    top = connection.execute(select(func.max(customers.c.id))).scalar() or 0
    # Every n-th id, not a random choice: it needs no sorting, and the same data gives the same stop bigrams.
    step = max(1, top // SAMPLE)
    names = connection.execute(select(customers.c.name).where(customers.c.id % step == 0).limit(SAMPLE)).scalars()
    seen: dict[int, int] = defaultdict(int)
    count = 0
    for name in names:
        count += 1
        for gram in set(grams(name_parts(name).body)):
            seen[term(GRAM, gram)] += 1
    stops = [{"term": key} for key, times in seen.items() if times > STOP_SHARE * count and times > 1]
    connection.execute(delete(search_stops))
    if stops:
        connection.execute(insert(search_stops), stops)
    connection.execute(update(search_state).values(sampled_at=search_state.c.next_slot))


def rebuild_index(connection: Connection) -> None:
    """Indexes all customers again and drops the entries of earlier names. For maintenance: it takes minutes."""
    connection.execute(delete(search_rows))
    if connection.dialect.name == "sqlite":
        connection.execute(text("INSERT INTO search_terms (search_terms) VALUES ('delete-all')"))
    else:  # an index built in one go after the rows is ready sooner and smaller than one kept up with them
        connection.execute(text("DROP INDEX IF EXISTS ix_search_rows_terms"))
        connection.execute(text("SET LOCAL maintenance_work_mem = '256MB'"))
    for ids in _every_id(connection):
        for chunk in chunks(ids):
            _index(connection, chunk)
    create_extras(connection)
    if connection.dialect.name == "sqlite":
        connection.execute(text("INSERT INTO search_terms (search_terms) VALUES ('optimize')"))
    _refresh_stops_when_grown(connection)


def _every_id(connection: Connection) -> Iterator[list[int]]:
    last = -1
    following = select(customers.c.id).where(customers.c.id > bindparam("last")).order_by(customers.c.id)
    while ids := connection.execute(following.limit(10_000), {"last": last}).scalars().all():
        yield list(ids)
        last = ids[-1]
