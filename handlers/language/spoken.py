"""Which language a message is in: what its verb says, not what the customer's name is written in."""

import re

from core.domain.people import Language
from handlers import commands as c
from handlers.language.nearest import is_chinese
from handlers.language.verbs import VERBS

_FIRST_WORD = re.compile(r"[A-Za-z][a-z']+")
_NEUTRAL = (c.Greet, c.Choose, c.Confirm, c.Approve, c.NotRead, c.NotOffered, c.Line)
"""OK, 2, hello, a name: they say nothing about the language of the person."""


def language_of(said: str, command: c.Command) -> Language | None:
    """None when the message does not tell."""
    if isinstance(command, _NEUTRAL):
        return None
    first = _FIRST_WORD.match(said.strip().lstrip("@#").strip())
    if first and first[0].lower() in _english_verbs():
        return Language.EN
    return Language.ZH if is_chinese(said) else None


def _english_verbs() -> frozenset[str]:
    return frozenset(word.split()[0].lower() for verb in VERBS for word in verb.en_words)
