"""Reads a CSV file row by row. A quote that is never closed spoils one row, not the rest of the file."""

import csv
import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from bot.sheets.sheet import SheetRow
from core.domain.sheets.faults import Fault

_DELIMITERS = ",;\t"
_MOST_LINES = 200
"""The number of lines that one quoted cell may span."""
_LONGEST_LINE = 1_000_000
"""The most characters of a line; a file without line breaks must not fill the memory."""
_SEP = re.compile(r"sep=(.)", re.IGNORECASE)
"""The first line by which some programs tell a spreadsheet the delimiter."""
_UNFINISHED = "unexpected end of data"
"""The message of Python's csv when a quote is still open (Modules/_csv.c)."""


class CsvSheet:
    """A CSV file as a `Sheet`. It is parsed line by line, not by one csv.reader over the file: after an unclosed
    quote that would take all that follows for one cell.
    """

    def __init__(self, path: Path, encoding: str) -> None:
        self._size = max(path.stat().st_size, 1)
        self._encoding = encoding
        self._file = path.open(encoding=encoding, newline="")
        self._ahead: deque[str] = deque()
        self._line = 0
        self._bytes = 0
        self._delimiter = ""

    def part_read(self) -> float:
        return min(self._bytes / self._size, 1.0)

    def close(self) -> None:
        self._file.close()

    def rows(self) -> Iterator[SheetRow]:
        while (first := self._next_line()) is not None:
            if self._line == 1 and (told := _SEP.fullmatch(first.strip())):
                self._delimiter = told[1]
                continue
            # The delimiter is the one that is most frequent in the first line that is not blank, the header.
            if not self._delimiter and first.strip():
                self._delimiter = max(_DELIMITERS, key=_unquoted(first).count)
            yield self._row(self._line, first)

    def _row(self, line: int, first: str) -> SheetRow:
        if len(first) > _LONGEST_LINE:
            return SheetRow(line, (first[:1000],), Fault.TOO_LONG)
        # A quoted cell may hold line breaks: lines are added until the row can be parsed. If it never can be, they
        # are put back, and only the first line is refused.
        text, taken = first, [first]
        while True:
            try:
                return SheetRow(line, self._cells(text))
            except csv.Error as error:
                more = self._until_quote(taken) if _UNFINISHED in str(error) else None
            if more is None:
                self._put_back(taken[1:])
                return SheetRow(line, (first.rstrip("\r\n"),), Fault.BROKEN_QUOTES)
            text += more

    def _cells(self, text: str) -> tuple[str, ...]:
        """Returns the cells of a row. Raises csv.Error."""
        delimiter = self._delimiter or ","
        # Without quotes a split gives the same cells, sooner.
        if '"' not in text:
            return tuple(text.rstrip("\r\n").split(delimiter))
        return tuple(next(csv.reader([text], delimiter=delimiter, strict=True), ()))

    def _until_quote(self, taken: list[str]) -> str | None:
        """Returns the lines up to the next one with a quote, which could close the open cell; None without one."""
        found: list[str] = []
        while len(taken) < _MOST_LINES and sum(map(len, found)) < _LONGEST_LINE:
            line = self._next_line()
            if line is None:
                return None
            taken.append(line)
            found.append(line)
            if '"' in line:
                return "".join(found)
        return None

    def _next_line(self) -> str | None:
        if self._ahead:
            line = self._ahead.popleft()
        else:
            line = self._file.readline(_LONGEST_LINE + 1)
            while len(line) > _LONGEST_LINE and not line.endswith("\n") and self._skip_piece():
                pass
        if not line:
            return None
        self._line += 1
        # The number of bytes read, which only shows the progress.
        self._bytes += len(line) if line.isascii() else len(line.encode(self._encoding, "replace"))
        return line

    def _skip_piece(self) -> bool:
        """Skips one more piece of a line that is too long. Returns False at its end."""
        piece = self._file.readline(_LONGEST_LINE)
        return bool(piece) and not piece.endswith(("\n", "\r"))

    def _put_back(self, lines: list[str]) -> None:
        self._ahead.extendleft(reversed(lines))
        self._line -= len(lines)


def _unquoted(line: str) -> str:
    """Returns the line without its quoted cells, in which a delimiter is only text."""
    return re.sub(r'"[^"]*"', "", line)
