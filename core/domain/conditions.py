"""One filter model that says which customers a segment, a rule, a search or a report covers.

    level = "B" and (silent_since < 180d ago or tags has "展会") and not owner = "wangmin"

A missing value fits only `is empty` and `!=`. `not` reverses an answer and does nothing else. The same condition
gives the same answer here and in SQL.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from core.domain.actions import LifeStatus
from core.domain.errors import BadInput
from core.domain.people import person_id


class FieldKind(StrEnum):
    TEXT = "text"
    PERSON = "person"
    STATUS = "status"
    TAGS = "tags"
    MOMENT = "moment"


FIELDS: Mapping[str, FieldKind] = {
    "number": FieldKind.TEXT,
    "name": FieldKind.TEXT,
    "short_name": FieldKind.TEXT,
    "phone": FieldKind.TEXT,
    "email": FieldKind.TEXT,
    "level": FieldKind.TEXT,
    "source": FieldKind.TEXT,
    "owner": FieldKind.PERSON,
    "status": FieldKind.STATUS,
    "tags": FieldKind.TAGS,
    "created_at": FieldKind.MOMENT,
    "last_contact_at": FieldKind.MOMENT,
    "last_order_at": FieldKind.MOMENT,
    "silent_since": FieldKind.MOMENT,
}
"""`silent_since` is the last contact, or the creation of the record where there never was a contact."""


class Operator(StrEnum):
    IS = "="
    IS_NOT = "!="
    IN = "in"
    CONTAINS = "contains"
    HAS = "has"
    BEFORE = "<"
    UNTIL = "<="
    AFTER = ">"
    FROM = ">="
    EMPTY = "is empty"


# The operators of all fields whose value is a single word.
_WORDS = frozenset({Operator.IS, Operator.IS_NOT, Operator.IN, Operator.EMPTY})
OPERATORS: Mapping[FieldKind, frozenset[Operator]] = {
    FieldKind.TEXT: _WORDS | {Operator.CONTAINS},
    FieldKind.PERSON: _WORDS,
    FieldKind.STATUS: _WORDS - {Operator.EMPTY},  # every record has a status
    FieldKind.TAGS: frozenset({Operator.HAS, Operator.EMPTY}),
    FieldKind.MOMENT: frozenset({Operator.BEFORE, Operator.UNTIL, Operator.AFTER, Operator.FROM, Operator.EMPTY}),
}


@dataclass(frozen=True, slots=True)
class Ago:
    """A number of days before the moment at which the condition is asked."""

    days: int

    def __post_init__(self) -> None:
        # A hundred years at most: far more days would leave the range of `datetime`.
        if not 0 <= self.days <= 36_500:
            raise BadInput("condition_bad_value", value=f"{self.days}d ago")


Value = str | tuple[str, ...] | datetime | Ago | None


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison of one field with one value. Raises BadInput when operator or value do not suit the field."""

    field: str
    operator: Operator
    value: Value = None

    def __post_init__(self) -> None:
        kind = FIELDS.get(self.field)
        if kind is None:
            raise BadInput("condition_unknown_field", field=self.field, known=", ".join(FIELDS))
        if self.operator not in OPERATORS[kind]:
            known = ", ".join(sorted(OPERATORS[kind]))
            raise BadInput("condition_bad_operator", field=self.field, operator=self.operator, known=known)
        if not _fits(kind, self.operator, self.value):
            raise BadInput("condition_bad_value", field=self.field, value=self.value)


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple["Condition", ...]

    def __post_init__(self) -> None:
        _need_two(self.parts)


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple["Condition", ...]

    def __post_init__(self) -> None:
        _need_two(self.parts)


@dataclass(frozen=True, slots=True)
class Not:
    part: "Condition"


Condition = Compare | All | AnyOf | Not


def _need_two(parts: tuple["Condition", ...]) -> None:
    # A single part is written without `and` or `or`, so it would be read back as another condition.
    if len(parts) < 2:
        raise BadInput("condition_unreadable", rest="and / or")


def _fits(kind: FieldKind, operator: Operator, value: Value) -> bool:
    if operator is Operator.EMPTY:
        return value is None
    if kind is FieldKind.MOMENT:
        return isinstance(value, Ago) or (isinstance(value, datetime) and value.tzinfo is not None)
    words = value if isinstance(value, tuple) else (value,)
    if not words or (operator is Operator.IN) != isinstance(value, tuple):
        return False
    return all(isinstance(word, str) and _fits_word(kind, word) for word in words)


def _fits_word(kind: FieldKind, word: str) -> bool:
    """Returns whether a word can be compared with.

    An empty word is asked for with `is empty`. Unprintable signs are refused: no database column holds them.
    """
    # A set, because in Python 3.11 `"x" in LifeStatus` raises TypeError for a plain string.
    if kind is FieldKind.STATUS and word not in set(LifeStatus):
        return False
    if kind is FieldKind.PERSON and word != person_id(word):
        return False
    return word != "" and word.isprintable()


def moment_of(value: datetime | Ago, now: datetime) -> datetime:
    return now - timedelta(days=value.days) if isinstance(value, Ago) else value.astimezone(UTC)


def matches(condition: Condition, record: Mapping[str, object], now: datetime) -> bool:
    """Returns whether the condition covers a customer, given by its fields; tags are a sequence of words."""
    match condition:
        case All(parts):
            return all(matches(part, record, now) for part in parts)
        case AnyOf(parts):
            return any(matches(part, record, now) for part in parts)
        case Not(part):
            return not matches(part, record, now)
        case Compare():
            return _compare(condition, _value_of(condition.field, record), now)


def _value_of(field: str, record: Mapping[str, object]) -> object:
    if field == "silent_since":
        return record.get("last_contact_at") or record.get("created_at")
    return record.get(field)


def _compare(condition: Compare, actual: object, now: datetime) -> bool:
    value = condition.value
    match condition.operator:
        case Operator.EMPTY:
            return not actual  # None, an empty text, or a list without tags
        case Operator.IS:
            return actual == value
        case Operator.IS_NOT:
            return actual != value
        case Operator.IN:
            return isinstance(value, tuple) and actual in value
        case Operator.CONTAINS:
            return isinstance(actual, str) and isinstance(value, str) and value in actual
        case Operator.HAS:
            return isinstance(actual, list | tuple) and value in actual
    if not isinstance(actual, datetime) or not isinstance(value, datetime | Ago):
        return False
    asked = moment_of(value, now)
    match condition.operator:
        case Operator.BEFORE:
            return actual < asked
        case Operator.UNTIL:
            return actual <= asked
        case Operator.AFTER:
            return actual > asked
    return actual >= asked  # Operator.FROM, the only one left
