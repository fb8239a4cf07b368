"""What a text that is no command was probably meant to be, as examples that work as typed."""

import re

from rapidfuzz import fuzz

from handlers.commands import NotRead
from handlers.language.normal import Said
from handlers.language.verbs import VERBS, Verb, verb

MOST = 4
_LIKE_ENOUGH = 60.0
_COMMON = ("作废", "恢复", "查", "帮助")
_HAN = re.compile(r"[\u3400-\u9fff]")


def is_chinese(text: str) -> bool:
    return _HAN.search(text) is not None or not re.search(r"[A-Za-z]", text)


def examples(text: str, verbs: list[Verb]) -> tuple[str, ...]:
    """One example per verb, in the language of the text."""
    chosen = dict.fromkeys(row.zh_example if is_chinese(text) else row.en_example for row in verbs)
    return tuple(chosen)[:MOST]


def not_read(line: Said, *verbs: Verb) -> NotRead:
    """Not understood; `verbs` are those seen in it, else the likest ones are named."""
    return NotRead(line.text, examples(line.text, list(verbs) or _nearest(line)))


def _nearest(line: Said) -> list[Verb]:
    shadow = line.shadow[:64]
    if not shadow:
        return [verb(name) for name in _COMMON]
    scored = sorted(((_likeness(row, shadow), row) for row in VERBS if row.offered), key=lambda pair: -pair[0])
    near = [row for score, row in scored if score >= _LIKE_ENOUGH]
    return (near or [verb(name) for name in _COMMON])[:MOST]


def _likeness(row: Verb, shadow: str) -> float:
    """0 … 100. The first word counts most: that is where the verb usually stands."""
    first = shadow.split(maxsplit=1)[0]
    return max(
        (max(fuzz.ratio(word, first), fuzz.ratio(word, shadow), fuzz.partial_ratio(word, shadow) * 0.9)
         for word in row.words if len(word) > 1),
        default=0.0,
    )  # fmt: skip
