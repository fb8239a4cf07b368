"""One cell of a sheet: its text, and whether that text may be stored."""

import re
from datetime import date, datetime, time, timedelta

from core.domain.sheets.faults import CellFault, Fault

Cell = str | int | float | bool | datetime | date | time | timedelta | None
"""The value that a CSV or XLSX reader hands over. A formula comes as its text, never as its result."""

# Blanks at the edges of a cell, with the no-break, ideographic and zero-width ones that `str.strip` would leave.
_EDGES = " \t\r\n\x0b\x0c\u00a0\u3000\u200b\u200c\u200d\u2060\ufeff"
# Control characters, line separators, marks that turn the reading direction, half and invalid characters.
_UNSEEN = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff"
_UNSAFE_LINE = re.compile(f"[\t\n{_UNSEEN}]")
_UNSAFE_TEXT = re.compile(f"[{_UNSEEN}]")
# A spreadsheet takes a text that begins with one of these for a formula.
_LIVE = "=+-@"
# What a spreadsheet shows instead of a result. These are no data and must not be stored as a name.
_ERRORS = frozenset({"#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!"})
# Spreadsheets keep numbers as doubles, which lose digits beyond this value.
_EXACT_FLOAT = 2**53


def as_text(cell: Cell) -> str:
    """Returns what a person sees in the cell, without blanks at its edges and without the mark of `defuse`."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        text = cell.strip(_EDGES)
        return text[1:] if len(text) > 1 and text[0] == "'" and text[1] in _LIVE else text
    if isinstance(cell, bool):  # as spreadsheets show it
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < _EXACT_FLOAT else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    return str(cell)


def defuse(text: str) -> str:
    """Returns a text for a cell we write that no spreadsheet takes for a formula, even after a save as CSV."""
    return "'" + text if text[:1] and text[0] in _LIVE else text


def printable(text: str, limit: int) -> str:
    """Returns a text for a cell we write, cut to `limit`, without signs that XML or the eye cannot take."""
    shown = _UNSAFE_TEXT.sub("\ufffd", text)
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def one_line(cell: Cell, limit: int) -> str:
    """Returns the cell as text of one line. Raises CellFault when it is too long or holds an unsafe sign."""
    return _checked(as_text(cell), limit, _UNSAFE_LINE)


def many_lines(cell: Cell, limit: int) -> str:
    """Returns the cell as text with its line breaks and tabs. Raises CellFault as `one_line` does."""
    return _checked(as_text(cell).replace("\r\n", "\n").replace("\r", "\n"), limit, _UNSAFE_TEXT)


def _checked(text: str, limit: int, unsafe: re.Pattern[str]) -> str:
    if text in _ERRORS:
        raise CellFault(Fault.ERROR_VALUE)
    if len(text) > limit:
        raise CellFault(Fault.TOO_LONG)
    if unsafe.search(text):
        raise CellFault(Fault.CONTROL)
    return text
