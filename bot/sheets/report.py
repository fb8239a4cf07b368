"""The sheet of bad rows: where, why, and what stood there. Every cell is text."""

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
"""An XLSX cell holds 32,767 characters (ECMA-376); xlsxwriter drops a longer one without a word."""
_MOST_ROWS = 1_048_575
_TITLES = ("行号 line", "原因", "reason")


class Report:
    """Appears under its name only when it is whole, and only when there was a bad row."""

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
        """Also after an error: rows already reported stay reported."""
        if self._book is None:
            return
        try:
            self._book.close()
            os.replace(self._part, self.path)  # noqa: PTH105 - says what it does
        finally:
            with contextlib.suppress(FileNotFoundError):
                self._part.unlink()

    def add(self, line: int, faults: Iterable[RowFault], cells: Iterable[Cell]) -> None:
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
            if text:
                self._sheet.write_string(row, column, defuse(printable(text, _LONGEST)))
