"""Makes the lines, options and buttons of a card from the names of their texts."""

from collections.abc import Sequence

from cards.keys import CardKeys, Press
from cards.parts import Button, KeyValue, Option, Style
from cards.texts.say import say_each
from core.domain.people import Language

NamedButton = tuple[str, Press, Style]
"""The name of a button's text, what a tap on it does, and its style."""


def card_lines(language: Language, pairs: Sequence[tuple[str, str]]) -> tuple[KeyValue, ...]:
    """Returns pairs of a text's name and a value as lines of a card."""
    names = say_each(language, [name for name, _ in pairs])
    return tuple(map(KeyValue, names, [value for _, value in pairs]))


def options(language: Language, pairs: Sequence[tuple[str, str]]) -> tuple[Option, ...]:
    """Returns pairs of an option's id and the name of its text as options of a question."""
    texts = say_each(language, [name for _, name in pairs])
    return tuple(map(Option, [id_ for id_, _ in pairs], texts))


def buttons(language: Language, keys: CardKeys, *wanted: NamedButton) -> tuple[Button, ...]:
    """Returns the buttons of a card, each with its key."""
    texts = say_each(language, [name for name, _, _ in wanted])
    packed = [keys.of(press) for _, press, _ in wanted]
    return tuple(map(Button, texts, packed, [style for _, _, style in wanted]))
