"""The parts of cards. WeCom's limits (path/90236) are checked when a part is made.

Hard limits (counts, bytes) raise CardError, because WeCom would refuse the whole card. Texts longer than WeCom
advises are cut with …, so that the card stays readable.
"""

import re
from dataclasses import dataclass
from enum import IntEnum

from cards.wording import cut, hidden
from core.domain.errors import VoidbotError

KEY_BYTES = 1024
OPTION_ID_BYTES = 128
OPTION = 17
"""The number of characters in one option of a check list."""
TASK_ID = re.compile(r"[0-9A-Za-z_@-]{1,128}")


class CardError(VoidbotError):
    """A card was built wrongly: always a defect of the bot."""


def need(holds: bool, what: str) -> None:
    if not holds:
        raise CardError(what)


def line(text: str, most: int, what: str, *, required: bool = True) -> str:
    """Returns one visible line, cut to `most` characters. Raises CardError when it is empty or hides something.

    Names from outside are cleaned before they come here, so a hidden character is a defect.
    """
    if required and not text.strip():
        raise CardError(f"{what} is empty")
    # Most texts are printable, which is asked for all their characters at once; the rest is looked at one by one.
    if not text.isprintable() and any(map(hidden, text)):
        raise CardError(f"{what} holds a hidden character or a line break")
    return text if len(text) <= most else cut(text, most)


class Colour(IntEnum):
    """The colours of the source line; the numbers are WeCom's."""

    GREY = 0
    BLACK = 1
    RED = 2
    GREEN = 3


class Style(IntEnum):
    """The styles of buttons; the numbers are WeCom's."""

    STRONG = 1
    SOFT = 2
    NEUTRAL = 3
    DANGER = 4


@dataclass(frozen=True, slots=True)
class Source:
    """The small line at the top of a card."""

    text: str
    colour: Colour = Colour.GREY

    def __post_init__(self) -> None:
        # The lengths here and below are the ones that WeCom advises.
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
    """A choice of one among up to ten options. Every tap on a button of the card carries its current value."""

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
    """A choice of one or several among up to twenty options."""

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
