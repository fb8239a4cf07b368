"""One cell: what it says as text, and whether that text may be kept."""

import re
from datetime import date, datetime, time, timedelta

from core.domain.sheets.faults import CellFault, Fault

Cell = str | int | float | bool | datetime | date | time | timedelta | None
"""What a CSV or XLSX reader hands over. A formula is its text, never its result."""

_EDGES = " \t\r\n\x0b\x0c\u00a0\u3000\u200b\u200c\u200d\u2060\ufeff"
_UNSEEN = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff"
_UNSAFE_LINE = re.compile(f"[\t\n{_UNSEEN}]")
_UNSAFE_TEXT = re.compile(f"[{_UNSEEN}]")
_LIVE = "=+-@"
_ERRORS = frozenset({"#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!"})
_EXACT_FLOAT = 2**53
"""Beyond it a spreadsheet's number has lost digits."""


def as_text(cell: Cell) -> str:
    """What a person sees in the cell, without the edges, and without the mark `defuse` puts in front."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        text = cell.strip(_EDGES)
        return text[1:] if len(text) > 1 and text[0] == "'" and text[1] in _LIVE else text
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < _EXACT_FLOAT else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    return str(cell)


def defuse(text: str) -> str:
    """For cells we write: a spreadsheet must not take them for a formula, nor after being saved as CSV."""
    return "'" + text if text[:1] and text[0] in _LIVE else text


def printable(text: str, limit: int) -> str:
    """For cells we write: nothing that XML or an eye cannot take, and no longer than `limit`."""
    shown = _UNSAFE_TEXT.sub("\ufffd", text)
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def one_line(cell: Cell, limit: int) -> str:
    """Raises CellFault."""
    return _checked(as_text(cell), limit, _UNSAFE_LINE)


def many_lines(cell: Cell, limit: int) -> str:
    """Raises CellFault."""
    return _checked(as_text(cell).replace("\r\n", "\n").replace("\r", "\n"), limit, _UNSAFE_TEXT)


def _checked(text: str, limit: int, unsafe: re.Pattern[str]) -> str:
    if text in _ERRORS:
        raise CellFault(Fault.ERROR_VALUE)
    if len(text) > limit:
        raise CellFault(Fault.TOO_LONG)
    if unsafe.search(text):
        raise CellFault(Fault.CONTROL)
    return text
