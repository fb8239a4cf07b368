"""The parts a card is made of. Limits are WeCom's (path/90236), checked when a part is born.

Hard limits (counts, bytes) raise CardError: a card that breaks one would be refused as a whole.
Lengths WeCom only advises are kept by cutting with …, so that the card stays readable.
"""

import re
from dataclasses import dataclass
from enum import IntEnum

from cards.wording import cut, hidden
from core.domain.errors import VoidbotError

KEY_BYTES = 1024
OPTION_ID_BYTES = 128
OPTION = 17
"""Characters of one option of a check list."""
TASK_ID = re.compile(r"[0-9A-Za-z_@-]{1,128}")


class CardError(VoidbotError):
    """A card was put together wrongly: a defect of ours, never of the person who reads it."""


def need(holds: bool, what: str) -> None:
    if not holds:
        raise CardError(what)


def line(text: str, most: int, what: str, *, required: bool = True) -> str:
    """One visible line. Raises CardError for an empty or a forged one: names are cleaned before they come here."""
    if required and not text.strip():
        raise CardError(f"{what} is empty")
    # Most texts are printable, which is asked for all their characters at once; the rest is looked at one by one.
    if not text.isprintable() and any(map(hidden, text)):
        raise CardError(f"{what} holds a hidden character or a line break")
    return text if len(text) <= most else cut(text, most)


class Colour(IntEnum):
    GREY = 0
    BLACK = 1
    RED = 2
    GREEN = 3


class Style(IntEnum):
    STRONG = 1
    SOFT = 2
    NEUTRAL = 3
    DANGER = 4


@dataclass(frozen=True, slots=True)
class Source:
    """The small line on top."""

    text: str
    colour: Colour = Colour.GREY

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", line(self.text, 20, "source"))


@dataclass(frozen=True, slots=True)
class KeyValue:
    name: str
    value: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", line(self.name, 5, "key name"))
        object.__setattr__(self, "value", line(self.value, 30, f"value of {self.name}", required=False))


@dataclass(frozen=True, slots=True)
class Button:
    text: str
    key: str
    style: Style = Style.STRONG

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", line(self.text, 10, "button text"))
        need(1 <= len(self.key.encode()) <= KEY_BYTES, "a button key has 1 to 1024 bytes")


@dataclass(frozen=True, slots=True)
class Option:
    id: str
    text: str
    ticked: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", line(self.text, OPTION, "option text"))
        need(1 <= len(self.id.encode()) <= OPTION_ID_BYTES, "an option id has 1 to 128 bytes")


def _check_options(question: str, options: tuple[Option, ...], most: int) -> None:
    need(1 <= len(question.encode()) <= KEY_BYTES, "a question key has 1 to 1024 bytes")
    need(1 <= len(options) <= most, f"a question has 1 to {most} options")
    need(len({option.id for option in options}) == len(options), "option ids are unique")


@dataclass(frozen=True, slots=True)
class DropDown:
    """One choice of up to ten; a tap always carries its current value."""

    question: str
    options: tuple[Option, ...]
    title: str = ""
    selected: str = ""

    def __post_init__(self) -> None:
        _check_options(self.question, self.options, 10)
        object.__setattr__(self, "title", line(self.title, 16, "drop-down title", required=False))
        need(
            not self.selected or self.selected in {option.id for option in self.options},
            "the selected option is one of the list",
        )


@dataclass(frozen=True, slots=True)
class CheckList:
    """One or several choices of up to twenty."""

    question: str
    options: tuple[Option, ...]
    multiple: bool = False

    def __post_init__(self) -> None:
        _check_options(self.question, self.options, 20)
        need(self.multiple or sum(o.ticked for o in self.options) <= 1, "a single choice has one tick")


@dataclass(frozen=True, slots=True)
class Submit:
    text: str
    key: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", line(self.text, 10, "submit text"))
        need(1 <= len(self.key.encode()) <= KEY_BYTES, "a submit key has 1 to 1024 bytes")
