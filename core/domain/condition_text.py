"""The text form of conditions, as people write it: how it is read and written.

or := and ("or" and)…    and := not ("and" not)…    not := "not" not | "(" or ")" | field operator value
value := "text" | word | 2025-05-22 | 2025-05-22T10:00:00+08:00 | 180d ago | ("A", "B")
"""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from core.domain.conditions import FIELDS, Ago, All, AnyOf, Compare, Condition, FieldKind, Not, Operator, Value
from core.domain.errors import BadInput
from core.domain.people import person_id

LONGEST = 4000
# The reader calls itself for every bracket and `not`, so the limit also bounds Python's own stack.
DEEPEST = 20
# A quoted text may hold backslash escapes, as in JSON. `<=` stands before `<`, because the first match wins.
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>"(?:[^"\\]|\\.)*")
    | (?P<sign><=|>=|!=|[=<>(),])
    | (?P<word>[^\s"=<>!(),]+)
    )""",
    re.VERBOSE,
)
_DAYS = re.compile(r"(\d{1,6})d")


def parse(text: str) -> Condition:
    """Returns the condition that the text describes. Raises BadInput, which names the part that cannot be read."""
    if len(text) > LONGEST:
        raise BadInput("condition_too_long", most=LONGEST)
    reader = _Reader(_tokens(text))
    condition = reader.either(0)
    if not reader.at_end:
        raise reader.unreadable()
    return condition


def format_condition(condition: Condition) -> str:
    """Returns the text that `parse` reads back as an equal condition."""
    match condition:
        case All(parts):
            return " and ".join(_bracketed(part) for part in parts)
        case AnyOf(parts):
            return " or ".join(_bracketed(part) for part in parts)
        case Not(part):
            return f"not {_bracketed(part)}"
        # Before the general case, because it has no value to write.
        case Compare(field, Operator.EMPTY):
            return f"{field} is empty"
        case Compare(field, operator, value):
            return f"{field} {operator} {_format_value(value)}"


def _bracketed(part: Condition) -> str:
    written = format_condition(part)
    # `not` binds closest, so only `and` and `or` inside another condition need brackets.
    return f"({written})" if isinstance(part, All | AnyOf) else written


def _format_value(value: Value) -> str:
    match value:
        case Ago(days):
            return f"{days}d ago"
        case datetime():
            return value.astimezone(UTC).isoformat()
        case tuple():
            return "(" + ", ".join(_quoted(word) for word in value) + ")"
    return _quoted(value or "")  # None stands only with `is empty`, which needs no value


def _quoted(word: str) -> str:
    return json.dumps(word, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    place = 0
    while place < len(text.rstrip()):  # trailing blanks are no token
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            raise BadInput("condition_unreadable", rest=text[place : place + 20].strip())
        found.append(_Token(match.lastgroup, match[match.lastgroup]))
        place = match.end()
    return found


class _Reader:
    """A recursive descent reader: one method per rule of the grammar above."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._place = 0

    @property
    def at_end(self) -> bool:
        return self._place >= len(self._tokens)

    def unreadable(self) -> BadInput:
        rest = " ".join(token.text for token in self._tokens[self._place : self._place + 4])
        return BadInput("condition_unreadable", rest=rest or "…")

    def either(self, depth: int) -> Condition:
        parts = [self._both(depth)]
        while self._take("or"):
            parts.append(self._both(depth))
        return AnyOf(tuple(parts)) if len(parts) > 1 else parts[0]

    def _both(self, depth: int) -> Condition:
        parts = [self._single(depth)]
        while self._take("and"):
            parts.append(self._single(depth))
        return All(tuple(parts)) if len(parts) > 1 else parts[0]

    def _single(self, depth: int) -> Condition:
        if depth > DEEPEST:
            raise BadInput("condition_too_deep", most=DEEPEST)
        if self._take("not"):
            return Not(self._single(depth + 1))
        if self._take("("):
            inner = self.either(depth + 1)
            self._need(")")
            return inner
        return self._comparison()

    def _comparison(self) -> Compare:
        field = self._next("word").text.casefold()
        if field not in FIELDS:
            raise BadInput("condition_unknown_field", field=field, known=", ".join(FIELDS))
        if self._take("is"):
            self._need("empty")
            return Compare(field, Operator.EMPTY)
        token = self._next("sign", "word")
        try:
            operator = Operator(token.text.casefold())
        except ValueError:
            raise BadInput("condition_bad_operator", field=field, operator=token.text, known="") from None
        return Compare(field, operator, self._value(FIELDS[field], operator))

    def _value(self, kind: FieldKind, operator: Operator) -> Value:
        if operator is Operator.IN:
            self._need("(")
            words = [self._word(kind)]
            while self._take(","):
                words.append(self._word(kind))
            self._need(")")
            return tuple(words)
        return self._moment() if kind is FieldKind.MOMENT else self._word(kind)

    def _word(self, kind: FieldKind) -> str:
        token = self._next("text", "word")
        # Not strict, so that JSON lets control characters through; `Compare` refuses them as a bad value.
        try:
            word: str = json.loads(token.text, strict=False) if token.kind == "text" else token.text
        except ValueError:
            raise BadInput("condition_unreadable", rest=token.text) from None
        return person_id(word) if kind is FieldKind.PERSON else word

    def _moment(self) -> datetime | Ago:
        """Read a moment; a day without a time means its first moment in UTC."""
        token = self._next("word", "text")
        written = token.text.strip('"')
        if days := _DAYS.fullmatch(written):
            self._need("ago")
            return Ago(int(days[1]))
        try:
            moment = datetime.fromisoformat(written)
        except ValueError:
            raise BadInput("condition_bad_value", value=written) from None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)

    def _take(self, text: str) -> bool:
        if self.at_end:
            return False
        token = self._tokens[self._place]
        if token.kind == "text" or token.text.casefold() != text:  # a quoted "and" is a value, no keyword
            return False
        self._place += 1
        return True

    def _need(self, text: str) -> None:
        if not self._take(text):
            raise self.unreadable()

    def _next(self, *kinds: str) -> _Token:
        if self.at_end or self._tokens[self._place].kind not in kinds:
            raise self.unreadable()
        self._place += 1
        return self._tokens[self._place - 1]
