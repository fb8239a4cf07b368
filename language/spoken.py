"""The language of a message: its verb decides, not the language of the customer's name."""

import re

from core.domain.people import Language
from language import commands as c
from language.nearest import has_chinese
from language.verbs import VERBS

_FIRST_WORD = re.compile(r"[A-Za-z][a-z']+")
_POLITE = re.compile(r"(?:(?:please|pls|plz|kindly|hi|hello|hey)(?![a-z])[\s,.!]*)+", re.IGNORECASE)
_CODE_ONLY = re.compile(r"[\s:]*(?:#?\d{1,9}|[A-Za-z]{1,3}-?\d+)[\s.!]*")
_NEUTRAL = (c.Greet, c.Thanks, c.Choose, c.NotRead, c.NotOffered, c.Line)
"""Commands such as 2, hello or a name, which say nothing about the language of the person."""
_ONLY_IN_CHINESE = (c.Confirm, c.Approve)
"""Commands that tell a language only in Chinese: everybody says OK, but 同意 is Chinese."""


def language_of(said: str, command: c.Command) -> Language | None:
    """Returns the language of a message, or None when it does not tell: anybody may type `restore C1027`."""
    if isinstance(command, _NEUTRAL):
        return None
    if isinstance(command, _ONLY_IN_CHINESE):
        return Language.ZH if has_chinese(said) else None
    text = said.strip().lstrip("@#").strip()
    text = text[polite.end() :] if (polite := _POLITE.match(text)) else text
    first = _FIRST_WORD.match(text)
    if first and first[0].lower() in _english_verbs():
        return None if _CODE_ONLY.fullmatch(text, first.end()) else Language.EN
    return Language.ZH if has_chinese(said) else None


def _english_verbs() -> frozenset[str]:
    return frozenset(word.split()[0].lower() for verb in VERBS for word in verb.en_words)
