"""Texts in a person's language, filled with values in such a way that no value can forge anything."""

from collections.abc import Iterable, Mapping
from enum import Enum

from cards.texts import en, en_answers, zh, zh_answers
from cards.wording import PLAIN, Words, clean
from core.domain.people import Language

TEXTS: Mapping[Language, Mapping[str, str]] = {
    Language.ZH: zh.TEXTS | zh_answers.TEXTS,
    Language.EN: en.TEXTS | en_answers.TEXTS,
}


def say(language: Language, name: str, /, **values: object) -> Words:
    """Returns the text `name` with its values filled in. Every plain string among the values is cleaned first.

    Raises KeyError when the name or a value is missing; a test keeps names and placeholders equal in both languages.
    """
    safe = {key: _safe(value) for key, value in values.items()}
    return Words(TEXTS[language][name].format_map(safe))


def say_each(language: Language, names: Iterable[str]) -> list[Words]:
    """Returns the texts with these names, which have no values to fill in."""
    return [say(language, name) for name in names]


def knows(name: str) -> bool:
    return name in TEXTS[Language.ZH]


def _safe(value: object) -> object:
    if isinstance(value, Words):
        return value
    if isinstance(value, Enum):
        value = value.value
    return clean(value) if isinstance(value, str) and not PLAIN.fullmatch(value) else value
