"""Translates conditions to SQL over the customers table.

Every comparison gives true or false, never NULL, so that NOT means the opposite and nothing else.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ColumnElement, and_, false, func, not_, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from core.crm.embedded.tables import customers
from core.domain.conditions import FIELDS, Ago, All, AnyOf, Compare, Condition, FieldKind, Not, Operator, moment_of


class holds_text(GenericFunction[bool]):  # noqa: N801  # SQLAlchemy names SQL functions by their class
    """Tells whether a text contains another, case included; LIKE would ignore case on SQLite."""

    type = Boolean()
    inherit_cache = True


class has_tag(GenericFunction[bool]):  # noqa: N801
    """Tells whether a JSON list contains a word."""

    type = Boolean()
    inherit_cache = True


@compiles(holds_text, "sqlite")
def _holds_sqlite(element: holds_text, compiler: SQLCompiler, **kw: Any) -> str:
    return f"(instr({compiler.process(element.clauses, **kw)}) > 0)"


@compiles(holds_text, "postgresql")
def _holds_postgresql(element: holds_text, compiler: SQLCompiler, **kw: Any) -> str:
    return f"(strpos({compiler.process(element.clauses, **kw)}) > 0)"


@compiles(has_tag, "sqlite")
def _has_sqlite(element: has_tag, compiler: SQLCompiler, **kw: Any) -> str:
    tags, word = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"EXISTS (SELECT 1 FROM json_each({tags}) WHERE json_each.value = {word})"  # noqa: S608  # bound by SQLAlchemy


@compiles(has_tag, "postgresql")
def _has_postgresql(element: has_tag, compiler: SQLCompiler, **kw: Any) -> str:
    # The function behind the operator `?`; nothing can take it for a placeholder.
    tags, word = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"jsonb_exists(CAST({tags} AS jsonb), {word})"


def where(condition: Condition, now: datetime) -> ColumnElement[bool]:
    """Returns the condition for the WHERE of a statement over `customers`. `now` resolves relative times."""
    match condition:
        case All(parts):
            return and_(*(where(part, now) for part in parts))
        case AnyOf(parts):
            return or_(*(where(part, now) for part in parts))
        case Not(part):
            return not_(where(part, now).self_group())
        case Compare():
            return _leaf(condition, now)


def _leaf(condition: Compare, now: datetime) -> ColumnElement[bool]:
    column = _column(condition.field)
    value = condition.value
    if FIELDS[condition.field] is FieldKind.MOMENT:
        return _moment_leaf(column, condition, now)
    match condition.operator:
        case Operator.EMPTY:
            return column == ("[]" if FIELDS[condition.field] is FieldKind.TAGS else "")
        case Operator.IS:
            return column == value
        case Operator.IS_NOT:
            return column != value
        case Operator.IN:  # anything but a tuple becomes an empty list, which no row matches
            return column.in_(value if isinstance(value, tuple) else ())
        case Operator.CONTAINS:
            return holds_text(column, value)
        case Operator.HAS:
            return has_tag(column, value)
    # The domain allows no other operator for these fields; what should not exist matches nothing.
    return false()


def _moment_leaf(column: ColumnElement[Any], condition: Compare, now: datetime) -> ColumnElement[bool]:
    value = condition.value
    if not isinstance(value, datetime | Ago):
        return column.is_(None)
    asked = moment_of(value, now)
    # Without it, a comparison with an empty column would be NULL.
    there = column.is_not(None)
    match condition.operator:
        case Operator.BEFORE:
            return and_(there, column < asked)
        case Operator.UNTIL:
            return and_(there, column <= asked)
        case Operator.AFTER:
            return and_(there, column > asked)
    return and_(there, column >= asked)


def _column(field: str) -> ColumnElement[Any]:
    if field == "silent_since":
        return func.coalesce(customers.c.last_contact_at, customers.c.created_at)
    return customers.c[field]
