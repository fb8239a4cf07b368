"""Writes the report of bad rows: their lines, the reasons, and their content. Every cell is text."""

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

import xlsxwriter

from core.domain.sheets.cells import Cell, as_text, defuse, printable
from core.domain.sheets.faults import RowFault

_LONGEST = 32_000
"""The most characters of a cell. XLSX allows 32,767 (ECMA-376); xlsxwriter drops a longer one without an error."""
_MOST_ROWS = 1_048_575
"""The most rows below the title row; XLSX allows 1,048,576 in all."""
_TITLES = ("行号 line", "原因", "reason")


class Report:
    """A report that appears under its name only when it is complete, and only when there was a bad row."""

    def __init__(self, path: Path, titles: Iterable[str]) -> None:
        self.path = path
        self.rows = 0
        self._part = path.with_name(f".{path.name}.part")
        self._titles = tuple(titles)
        self._book: xlsxwriter.Workbook | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Completes the report, after an error too, so that the rows reported so far are not lost."""
        if self._book is None:
            return
        try:
            self._book.close()
            os.replace(self._part, self.path)  # noqa: PTH105 - says what it does
        finally:
            with contextlib.suppress(FileNotFoundError):
                self._part.unlink()

    def add(self, line: int, faults: Iterable[RowFault], cells: Iterable[Cell]) -> None:
        # constant_memory writes each row to the disk as it comes; there may be a million of them.
        if self._book is None:
            self._book = xlsxwriter.Workbook(str(self._part), {"constant_memory": True})
            self._sheet = self._book.add_worksheet("errors")
            self._sheet.set_column(1, 2, 48)
            self._write(0, (*_TITLES, *self._titles))
        faults = tuple(faults)
        self.rows += 1
        if self.rows <= _MOST_ROWS:
            told = (str(line), "；".join(fault.zh for fault in faults), "; ".join(fault.en for fault in faults))
            self._write(self.rows, (*told, *(as_text(cell) for cell in cells)))

    def _write(self, row: int, texts: Iterable[str]) -> None:
        for column, text in enumerate(texts):
            # As a string, whatever it looks like, and without control characters or formulas.
            if text:
                self._sheet.write_string(row, column, defuse(printable(text, _LONGEST)))
