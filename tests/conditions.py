"""Hypothesis strategies for conditions and customers that have a fair chance to match each other."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from core.domain.actions import LifeStatus
from core.domain.conditions import FIELDS, OPERATORS, Ago, All, AnyOf, Compare, FieldKind, Not, Operator
from core.domain.people import person_id

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
# Signs that mean something to SQL's LIKE, to quoting or to the text form of a condition are among the words.
WORDS = st.sampled_from(["A", "a", "B", "宏远", "远", "宏远科技", 'x"y', "%", "_", "a\\b", "'", "and", "(A)"])
DAYS = st.integers(0, 5)
MOMENTS = DAYS.map(lambda days: NOW - timedelta(days=days))
STATUSES = st.sampled_from([status.value for status in LifeStatus])


def _word(kind: FieldKind) -> st.SearchStrategy[str]:
    match kind:
        case FieldKind.STATUS:
            return STATUSES
        case FieldKind.PERSON:
            return WORDS.map(person_id)
    return WORDS


@st.composite
def comparisons(draw: st.DrawFn) -> Compare:
    field = draw(st.sampled_from(sorted(FIELDS)))
    kind = FIELDS[field]
    operator = draw(st.sampled_from(sorted(OPERATORS[kind])))
    if operator is Operator.EMPTY:
        return Compare(field, operator)
    if kind is FieldKind.MOMENT:
        return Compare(field, operator, draw(MOMENTS | DAYS.map(Ago)))
    if operator is Operator.IN:
        return Compare(field, operator, tuple(draw(st.lists(_word(kind), min_size=1, max_size=3))))
    return Compare(field, operator, draw(_word(kind)))


def conditions() -> st.SearchStrategy[Any]:
    def grown(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        several = st.lists(inner, min_size=2, max_size=3).map(tuple)
        return several.map(All) | several.map(AnyOf) | inner.map(Not)

    return st.recursive(comparisons(), grown, max_leaves=6)


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    """Draws a customer as a row, with its tags as a list."""
    text = WORDS | st.just("")
    row: dict[str, Any] = {
        name: draw(text) for name in ("name", "short_name", "phone", "email", "level", "source")
    }
    row["owner"] = person_id(draw(text))
    row["status"] = draw(STATUSES)
    row["tags"] = draw(st.lists(WORDS, max_size=2))
    row["created_at"] = draw(MOMENTS)
    row["last_contact_at"] = draw(st.none() | MOMENTS)
    row["last_order_at"] = draw(st.none() | MOMENTS)
    return row
