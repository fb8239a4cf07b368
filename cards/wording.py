"""The writing of values in any language: names made harmless, texts cut, money, days and moments."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from decimal import Decimal

from core.domain.records import Money


class Words(str):
    """A harmless text: made by the bot, or cleaned. It goes into other texts without being cleaned again."""

    __slots__ = ()


ELLIPSIS = "…"
NOTHING = "—"

_TWINS: Mapping[int, str] = str.maketrans(
    {
        "|": "｜",
        "*": "＊",
        "`": "｀",
        "#": "＃",
        "<": "＜",
        ">": "＞",
        "[": "［",
        "]": "］",
        "@": "＠",
        "$": "＄",
        "\\": "＼",
        "「": "『",
        "」": "』",
        '"': "＂",
        "“": "‘",
        "”": "’",
        # Letters that show nothing: Hangul fillers and the blank Braille pattern.
        "\u115f": " ",
        "\u1160": " ",
        "\u3164": " ",
        "\uffa0": " ",
        "\u2800": " ",
    }
)
"""Signs that mean something in Markdown, WeCom (mentions, `$userName=…$`) or our layout, and their look-alikes.

People still read the name, but no machine reads it as markup, and it cannot close the quotes that we put round it.
"""

# Unicode categories: control, format (zero-width, direction marks), surrogates, private, unassigned, line breaks.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

# Amounts in other currencies are written with their code. ¥ always means CNY here, never the yen.
_SIGNS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "HKD": "HK$", "TWD": "NT$"}
PLAIN = re.compile(r"#[0-9]{4,}|[0-9A-Za-z]+")
"""Text that needs no cleaning: the label of an operation, whose # must stay, or one Latin word."""


def hidden(char: str) -> bool:
    """Returns whether a character could move, hide or break the text around it."""
    return unicodedata.category(char) in _HIDDEN


def clean(text: str) -> Words:
    """Returns what somebody else wrote as one harmless line. Cleaning it a second time changes nothing more."""
    if PLAIN.fullmatch(text):
        return Words(text)
    kept: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFC", text).translate(_TWINS):
        category = unicodedata.category(char)
        # More than two combining marks on one letter are dropped: a pile of them covers the lines around it.
        marks = marks + 1 if category.startswith("M") else 0
        if category == "Cf" or marks > 2:
            continue
        kept.append(" " if category in _HIDDEN else char)
    # A second time: what was dropped may have stood between characters that combine.
    return Words(unicodedata.normalize("NFC", " ".join("".join(kept).split())))


def shown(text: str) -> Words:
    """Returns a name as a card shows it; a name of hidden characters only becomes a dash."""
    return clean(text) or Words(NOTHING)


def cut(text: str, most: int) -> str:
    """Returns at most `most` characters; the last one is … when something is missing."""
    if len(text) <= most:
        return text
    shorter = text[: max(most - 1, 0)].rstrip() + ELLIPSIS
    return Words(shorter) if isinstance(text, Words) else shorter


def cut_bytes(text: str, most: int) -> str:
    """Returns at most `most` UTF-8 bytes: whole lines if there are several, else whole characters."""
    if len(text.encode()) <= most:
        return text
    # One byte more is left for the line break before …; "ignore" drops a character that was cut in the middle.
    head = text.encode()[: most - len(ELLIPSIS.encode()) - 1].decode(errors="ignore")
    whole_lines, newline, _ = head.rpartition("\n")
    return f"{whole_lines}\n{ELLIPSIS}" if newline else head + ELLIPSIS


def fit(parts: Iterable[str], most: int, between: str = " · ") -> tuple[str, bool]:
    """Returns as many leading parts as there is room for, joined, and whether that was all of them."""
    every = [part for part in parts if part]
    text = ""
    for position, part in enumerate(every):
        longer = f"{text}{between}{part}" if text else part
        # Unless the part is the last, room is kept for the … that may have to follow it.
        room = most if position == len(every) - 1 else most - len(between) - len(ELLIPSIS)
        if len(longer) > room:
            return (f"{text}{between}{ELLIPSIS}" if text else cut(part, most)), False
        text = longer
    return text, True


def width(text: str) -> int:
    """Returns the width of a text in half-width columns: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def cut_width(text: str, most: int) -> str:
    """Returns a text cut to at most `most` half-width columns."""
    if width(text) <= most:
        return text
    room = most - 1
    for place, char in enumerate(text):
        room -= width(char)
        if room < 0:
            return text[:place].rstrip() + ELLIPSIS
    return text


def money(amount: Money) -> str:
    """Returns an amount such as `¥48,000`, `$1,200.50` or `JPY 3,000`, with cents only where there are some."""
    value = amount.amount.quantize(Decimal("0.01"))
    digits = f"{value:,.0f}" if value == value.to_integral_value() else f"{value:,.2f}"
    sign = _SIGNS.get(amount.currency)
    return f"{sign}{digits}" if sign else f"{clean(amount.currency)} {digits}"


def monies(amounts: Iterable[Money]) -> str:
    return "+".join(money(amount) for amount in amounts)


def day(at: datetime, zone: tzinfo) -> Words:
    """Returns a day such as 2026-02-20."""
    return Words(at.astimezone(zone).strftime("%Y-%m-%d"))


def moment(at: datetime, zone: tzinfo) -> Words:
    """Returns a moment such as 2026-02-20 10:43."""
    return Words(at.astimezone(zone).strftime("%Y-%m-%d %H:%M"))


def near_moment(at: datetime, zone: tzinfo, now: datetime) -> Words:
    """Returns a moment such as 11-29 10:43, with its year only when it is more than half a year away."""
    if abs((at - now).days) > 180:
        return moment(at, zone)
    return Words(at.astimezone(zone).strftime("%m-%d %H:%M"))


def clock(at: datetime, zone: tzinfo, now: datetime) -> Words:
    """Returns a time such as 10:42 for today, and 11-29 10:42 for another day."""
    if day(at, zone) == day(now, zone):
        return Words(at.astimezone(zone).strftime("%H:%M"))
    return near_moment(at, zone, now)


def days_between(earlier: datetime, later: datetime, zone: tzinfo) -> int:
    """Returns the calendar days between two moments in the company's time zone, never below zero."""
    return max((later.astimezone(zone).date() - earlier.astimezone(zone).date()).days, 0)
