"""Finds customers in the ways people name them, and tells of each hit how it was found.

The ways, the surest first: number, name, short name, phone, contact, part of a name, pinyin, initials, typo. Each
asks the index for candidates that the person may see, and then checks every candidate. Typos are tried only when
nothing else was found.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from sqlalchemy import Connection, Select, bindparam, select

from core.crm.embedded import ways
from core.crm.embedded.looking import Candidate, Looked, likest
from core.crm.embedded.pinyin import sound_of
from core.crm.embedded.records import records_by_id
from core.crm.embedded.tables import contacts, customers
from core.crm.embedded.term_queries import Way, candidates, seen, visible
from core.domain.names import asked_name, name_key, name_parts, phone_digits
from core.domain.records import FoundBy, Hit, Hits, Kind
from core.ports.crm import SearchQuery

MOST_CANDIDATES = 300
"""With more candidates than this an answer says "more than": nobody picks from hundreds."""
MOST_TYPO_CANDIDATES = 2000
"""Candidates for a typo, as measured (docs/decisions/0009)."""
MOST_LOOKED_AT = 100
"""Of the candidates for a typo only the most similar are checked: splitting a name into its parts takes time."""
MOST_GUESSES = 50
"""A name of two characters with one wrong may mean a thousand customers; above this number none is returned."""
# A phone number may be given by its last digits: 宏远 尾号 5678, Hongyuan ending in 5678.
_TAIL = re.compile(
    r"^(?P<name>.*?)\s*(?:手机)?(?:尾号|末四位|后四位|\btail\b|ending(?: in)?)\s*(?P<tail>\d{4,})\s*$"
)
_PHONE = re.compile(r"^[+\d][\d\s\-()]{3,}$")


Look = Callable[[Candidate], Looked | None]
Choose = Callable[[list[Candidate]], Iterable[tuple[int, Looked]]]


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One way of finding: what to ask the index for, and which of its candidates count as hits."""

    asked: tuple[Way, ...]
    choose: Choose
    limit: int = MOST_CANDIDATES


def _each(look: Look) -> Choose:
    return lambda found: ((one.id, looked) for one in found if (looked := look(one)) is not None)


def search_customers(connection: Connection, query: SearchQuery) -> Hits:
    """Returns the best hits, at most `query.limit`, and how many there are in all."""
    found = _Found()
    text = asked_name(query.text)
    if not text or (not query.sight.everything and not query.sight.owners):
        return Hits()
    found.add(_by_number(connection, query, text))
    # A number names one customer; whatever else sounds like it is not meant.
    if found.looked:
        return _hits(connection, found, query.limit)
    for attempt in _attempts(connection, text):
        _try(connection, query, attempt, found)
    if not found.looked:
        _guess(connection, query, text, found)
    return _hits(connection, found, query.limit)


class _Found:
    """Collects the hits, and keeps of each customer the surest way in which it was found."""

    def __init__(self) -> None:
        self.looked: dict[int, Looked] = {}
        self.more = False

    def add(self, found: Iterable[tuple[int, Looked]]) -> None:
        for key, looked in found:
            known = self.looked.get(key)
            if known is None or looked.order < known.order:
                self.looked[key] = looked

    def forget(self) -> None:
        self.looked.clear()
        self.more = False


def _by_number(connection: Connection, query: SearchQuery, text: str) -> Iterator[tuple[int, Looked]]:
    # An exact match uses the index of numbers; `lower(number)` would read every row.
    spellings = {text, text.upper(), text.lower(), name_key(text).upper()}
    statement = _numbered(of_owners=not query.sight.everything)
    values = {"numbers": sorted(spellings)} | seen(query.sight, query.statuses)
    return ((key, Looked(FoundBy.NUMBER)) for key in connection.execute(statement, values).scalars())


@lru_cache
def _numbered(*, of_owners: bool) -> Select[int]:
    c = customers.c
    conditions = visible(of_owners=of_owners, of_statuses=True)
    return select(c.id).where(c.number.in_(bindparam("numbers", expanding=True)), *conditions)


def _attempts(connection: Connection, text: str) -> Iterator[_Attempt]:
    tail = _TAIL.match(text)
    name, digits = (tail["name"], tail["tail"]) if tail else (text, "")
    if not name:
        yield _phone_attempt(connection, digits)
        return
    needed = ways.phone(digits) if digits else ()
    # A name and the end of a phone number together: every way of finding the name must also find the digits.
    for attempt in _name_attempts(connection, name):
        yield replace(attempt, asked=tuple((*way, *needed) for way in attempt.asked))


def _phone_attempt(connection: Connection, digits: str) -> _Attempt:
    """Returns the way to find by phone. The index holds the last four digits; of longer ones the stored numbers
    are checked.
    """
    if len(digits) == 4:
        return _Attempt((ways.phone(digits),), _each(lambda _: Looked(FoundBy.PHONE)))

    def choose(found: list[Candidate]) -> Iterable[tuple[int, Looked]]:
        for customer, field in _phones(connection, [one.id for one in found]) if found else ():
            if any(number.endswith(digits) for number in phone_digits(field)):
                yield customer, Looked(FoundBy.PHONE)

    return _Attempt((ways.phone(digits),), choose)


def _phones(connection: Connection, ids: list[int]) -> Sequence[tuple[int, str]]:
    own = select(customers.c.id, customers.c.phone).where(customers.c.id.in_(ids))
    of_people = select(contacts.c.customer_id, contacts.c.phone).where(contacts.c.customer_id.in_(ids))
    return connection.execute(own.union_all(of_people)).all()


def _name_attempts(connection: Connection, text: str) -> Iterator[_Attempt]:
    if _PHONE.match(text) and (digits := phone_digits(text)):
        # A Chinese mobile number has 11 digits; what stands before them is a country code.
        yield _phone_attempt(connection, digits[0][-11:])
    key = name_key(text)
    if not key:
        return
    parts = name_parts(text)
    yield _Attempt(ways.exact(parts), _each(lambda one: one.exactly(parts)))
    yield _Attempt((ways.contact(key),), _each(lambda _: Looked(FoundBy.CONTACT)))
    yield _Attempt(ways.partial(parts), _each(lambda one: one.partly(parts)))
    if letters := ways.letters_of(text):
        yield _Attempt(ways.pinyin_ways(letters), _each(lambda one: one.sounds(letters)))
        yield _Attempt(ways.initials_ways(letters), _each(lambda one: one.begins(letters)))


def _guess(connection: Connection, query: SearchQuery, text: str, found: _Found) -> None:
    """Tries names of the same sound; when there is none, names with one or two wrong characters."""
    parts = name_parts(text)
    if _TAIL.match(text) or not parts.core:
        return
    if alike := ways.alike(parts.core):
        sound = sound_of(parts.core) or []
        _try(connection, query, _Attempt(alike, _each(lambda one: one.sounds_like(sound))), found)
    if found.looked:
        return

    def choose(candidates_found: list[Candidate]) -> Iterable[tuple[int, Looked]]:
        return _each(lambda one: one.nearly(parts))(likest(parts.core, candidates_found, MOST_LOOKED_AT))

    nearly = _Attempt(ways.typo(connection, parts), choose, MOST_TYPO_CANDIDATES)
    _try(connection, query, nearly, found)
    if len(found.looked) > MOST_GUESSES:
        found.forget()  # no hits are more honest than a list of strangers


def _try(connection: Connection, query: SearchQuery, attempt: _Attempt, found: _Found) -> None:
    if not attempt.asked:
        return
    rows = candidates(connection, attempt.asked, query.sight, query.statuses, attempt.limit)
    found.add(attempt.choose([Candidate(*row) for row in rows]))
    found.more |= len(rows) == attempt.limit  # the index has probably more than it was asked for


def _hits(connection: Connection, found: _Found, limit: int) -> Hits:
    # By row id at last, so that the same question always has the same answer.
    best = sorted(found.looked.items(), key=lambda item: (item[1].order, item[0]))[:limit]
    records = records_by_id(connection, Kind.CUSTOMER, [key for key, _ in best])
    items = tuple(Hit(records[key], looked.found_by, looked.score) for key, looked in best if key in records)
    return Hits(items, total=len(found.looked), more=found.more)
