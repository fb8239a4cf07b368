"""Suggestions for a text that is no command: what it was probably meant to be, as examples that work as typed."""

import re
from functools import cache

from rapidfuzz import fuzz

from core.domain.operation.labels import operation_label
from core.domain.people import Language
from language.commands import NotRead
from language.normal import Said
from language.verbs import VERBS, Verb, verb

MOST = 4
# Of 100, on the scale of `_likeness`.
_LIKE_ENOUGH = 60.0
_COMMON = ("作废", "恢复", "查", "帮助")
# Looking comes first, because it changes nothing.
_WITH_A_NAME = ("查", "作废", "恢复")
LONGEST_NAME = 30
_WORD = re.compile(r"\w\w")
_NUMBER = re.compile(r"#\s?(\d{1,9})(?!\d)")
_HAN = re.compile(r"[\u3400-\u9fff]")


def has_chinese(text: str) -> bool:
    return _HAN.search(text) is not None


def not_read(line: Said, *verbs: Verb) -> NotRead:
    """Returns the reading for a text that is not understood, with suggestions.

    `verbs` are the verbs that were seen in it; without any, the most similar ones are suggested.
    """
    near = list(verbs) or _nearest(line)
    if not near and _WORD.search(line.shadow) and len(line.text) <= LONGEST_NAME and "\n" not in line.text:
        return NotRead(line.text, *_about(line.text, [verb(name) for name in _WITH_A_NAME]), _language(line))
    rows = near or [verb(name) for name in _COMMON]
    number = _NUMBER.search(line.shadow)
    zh = tuple(dict.fromkeys(_numbered(row.zh_example, row, number) for row in rows))
    en = tuple(dict.fromkeys(_numbered(row.en_example, row, number) for row in rows))
    return NotRead(line.text, zh[:MOST], en[:MOST], _language(line))


def _about(name: str, rows: list[Verb]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Returns suggestions for a message that is only a name: what could be done with it, looking first."""
    # 宏远科技 first: it contains 宏远, which would leave 科技 behind.
    zh = (*(row.zh_example.replace("宏远科技", "宏远").replace("宏远", name) for row in rows), "帮助")
    return zh, (*(row.en_example.replace("Hongyuan", name) for row in rows), "help")


def _numbered(example: str, row: Verb, number: re.Match[str] | None) -> str:
    """Returns the example with the number that was said instead of its own."""
    if number is None:
        return example
    label = operation_label(int(number[1]))
    named = label if row is verb("记录") else "#0312"
    return re.sub(r"宏远科技|Hongyuan", named, example).replace("#0312", label)


def _language(line: Said) -> Language | None:
    if _HAN.search(line.text):
        return Language.ZH
    return Language.EN if _vocabulary() & set(re.findall(r"[a-z']{2,}", line.shadow)) else None


@cache
def _vocabulary() -> frozenset[str]:
    return frozenset(word for row in VERBS for words in row.en_words for word in words.split())


def _nearest(line: Said) -> list[Verb]:
    """Returns the verbs most similar to the text, or none when no verb is similar enough."""
    shadow = line.shadow[:64]  # a verb stands near the beginning, and a long text would be slow to compare
    if not shadow:
        return []
    scored = sorted(((_likeness(row, shadow), row) for row in VERBS if row.offered), key=lambda pair: -pair[0])
    return [row for score, row in scored if score >= _LIKE_ENOUGH][:MOST]


def _likeness(row: Verb, shadow: str) -> float:
    """Returns a likeness from 0 to 100. The first word counts most, because the verb usually stands there."""
    first = shadow.split(maxsplit=1)[0]
    return max(
        (max(fuzz.ratio(word, first), fuzz.ratio(word, shadow), fuzz.partial_ratio(word, shadow) * 0.9)
         for word in row.words if len(word) > 1),
        default=0.0,
    )  # fmt: skip
