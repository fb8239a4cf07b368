"""How values are written: names made harmless, texts cut, money, days and moments. Knows no language."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from decimal import Decimal

from core.domain.records import Money

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
        # letters that look like nothing at all
        "\u115f": " ",
        "\u1160": " ",
        "\u3164": " ",
        "\uffa0": " ",
        "\u2800": " ",
    }
)
"""Signs that mean something to Markdown, to WeCom (mentions, `$userName=…$`) or to our layout, and their twins.

People still read the name; no machine reads it as markup, and it cannot close the quotes we put round it.
"""

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Control, format (zero-width, direction marks), half characters, private and unassigned ones, line breaks."""

_SIGNS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "HKD": "HK$", "TWD": "NT$"}
_LABEL = re.compile(r"#\d{4,}")


def hidden(char: str) -> bool:
    """True for a character that could move, hide or break the text around it."""
    return unicodedata.category(char) in _HIDDEN


def clean(text: str) -> str:
    """One harmless line of what somebody else wrote. Cleaning twice changes nothing more."""
    if _LABEL.fullmatch(text):
        return text  # the number of one of our own operations
    kept: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFC", text).translate(_TWINS):
        category = unicodedata.category(char)
        marks = marks + 1 if category.startswith("M") else 0
        if category == "Cf" or marks > 2:
            continue
        kept.append(" " if category in _HIDDEN else char)
    return unicodedata.normalize("NFC", " ".join("".join(kept).split()))


def shown(text: str) -> str:
    """A name as a card shows it; one that is nothing but hidden signs becomes a dash."""
    return clean(text) or NOTHING


def cut(text: str, most: int) -> str:
    """At most `most` characters, the last one … when something is missing."""
    if len(text) <= most:
        return text
    return text[: max(most - 1, 0)].rstrip() + ELLIPSIS


def cut_bytes(text: str, most: int) -> str:
    """At most `most` UTF-8 bytes; whole lines while there are several, else whole characters."""
    if len(text.encode()) <= most:
        return text
    head = text.encode()[: most - len(ELLIPSIS.encode()) - 1].decode(errors="ignore")
    whole_lines, newline, _ = head.rpartition("\n")
    return f"{whole_lines}\n{ELLIPSIS}" if newline else head + ELLIPSIS


def fit(parts: Iterable[str], most: int, between: str = " · ") -> tuple[str, bool]:
    """As many leading parts as there is room for, and whether that was all of them."""
    every = [part for part in parts if part]
    text = ""
    for position, part in enumerate(every):
        longer = f"{text}{between}{part}" if text else part
        room = most if position == len(every) - 1 else most - len(between) - len(ELLIPSIS)
        if len(longer) > room:
            return (f"{text}{between}{ELLIPSIS}" if text else cut(part, most)), False
        text = longer
    return text, True


def width(text: str) -> int:
    """In half-width columns: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def cut_width(text: str, most: int) -> str:
    """At most `most` half-width columns."""
    if width(text) <= most:
        return text
    room = most - 1
    for place, char in enumerate(text):
        room -= width(char)
        if room < 0:
            return text[:place].rstrip() + ELLIPSIS
    return text


def money(amount: Money) -> str:
    """`¥48,000`, `$1,200.50`, `JPY 3,000`: cents only where there are some."""
    value = amount.amount.quantize(Decimal("0.01"))
    digits = f"{value:,.0f}" if value == value.to_integral_value() else f"{value:,.2f}"
    sign = _SIGNS.get(amount.currency)
    return f"{sign}{digits}" if sign else f"{clean(amount.currency)} {digits}"


def monies(amounts: Iterable[Money]) -> str:
    return "+".join(money(amount) for amount in amounts)


def day(at: datetime, zone: tzinfo) -> str:
    """2026-02-20"""
    return at.astimezone(zone).strftime("%Y-%m-%d")


def moment(at: datetime, zone: tzinfo) -> str:
    """2026-02-20 10:43"""
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def near_moment(at: datetime, zone: tzinfo, now: datetime) -> str:
    """11-29 10:43 within half a year, where the year goes without saying; else with it."""
    if abs((at - now).days) > 180:
        return moment(at, zone)
    return at.astimezone(zone).strftime("%m-%d %H:%M")


def clock(at: datetime, zone: tzinfo, now: datetime) -> str:
    """10:42 today, else 11-29 10:42."""
    if day(at, zone) == day(now, zone):
        return at.astimezone(zone).strftime("%H:%M")
    return near_moment(at, zone, now)


def days_between(earlier: datetime, later: datetime, zone: tzinfo) -> int:
    """Calendar days in the company's time zone, never below zero."""
    return max((later.astimezone(zone).date() - earlier.astimezone(zone).date()).days, 0)
