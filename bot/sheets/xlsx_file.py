"""Reads the first sheet of an XLSX file, within limits of size, rows and columns. Formulas are read as text."""

import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from bot.sheets.memory import bounded_memory
from bot.sheets.sheet import MOST_ROWS, SheetRow
from core.domain.sheets.cells import Cell
from core.domain.sheets.faults import Unusable, UnusableSheet
from core.domain.sheets.header import MOST_COLUMNS

# Limits in bytes, against files that are small on the disk and huge once they are unpacked (ZIP bombs).
_MOST_UNPACKED = 1 << 30
_MOST_STRINGS = 256 << 20
"""The limit for the table of shared strings, the one part that is held in memory as a whole."""
_MOST_PARTS = 10_000
_MB = 1 << 20
_MOST_MEMORY = 512 << 20
_BATCH = 500
_ENCRYPTED = 0x1
"""Bit 0 of a ZIP entry's flags (APPNOTE.TXT 4.4.4)."""


class XlsxSheet:
    """An XLSX file as a `Sheet`. Its constructor raises UnusableSheet for a damaged, encrypted or huge file."""

    def __init__(self, path: Path) -> None:
        _refuse_bombs(path)
        self._file = path.open("rb")  # given a path, openpyxl would refuse it by its suffix
        try:
            with _guarded():
                self._book = load_workbook(self._file, read_only=True, data_only=False, keep_links=False)
                self._sheet: Any = self._book.worksheets[0]
        except UnusableSheet:
            self._file.close()
            raise
        except Exception as error:  # a damaged part can raise anything
            self._file.close()
            raise UnusableSheet(Unusable.DAMAGED, type(error).__name__) from error
        self._told_rows = self._sheet.max_row or 0
        self._sheet.reset_dimensions()  # the size that the file claims to have is not trusted
        self._line = 0

    def part_read(self) -> float:
        return min(self._line / self._told_rows, 1.0) if self._told_rows > 1 else 0.0

    def close(self) -> None:
        self._book.close()
        self._file.close()

    def rows(self) -> Iterator[SheetRow]:
        # One row and one column more than is allowed, so that there is something to refuse.
        found = self._sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS + 1, values_only=True)
        while batch := self._next(found):
            for cells in batch:
                self._line += 1
                yield SheetRow(self._line, tuple(_plain(cell) for cell in cells))

    def _next(self, found: Iterator[tuple[object, ...]]) -> list[tuple[object, ...]]:
        # In batches: the memory is limited while openpyxl reads, but not while the rows are stored.
        try:
            with _guarded():
                return list(islice(found, _BATCH))
        except UnusableSheet:
            raise
        except Exception as error:  # a damaged part can raise anything
            raise UnusableSheet(Unusable.DAMAGED, f"{type(error).__name__}, ~{self._line + 1}") from error


@contextmanager
def _guarded() -> Iterator[None]:
    """Raises UnusableSheet when the block takes too much memory, whatever the file looks like."""
    try:
        with bounded_memory(_MOST_MEMORY), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and extensions that do not matter here
            yield
    except MemoryError as error:
        raise UnusableSheet(Unusable.TOO_BIG, f"{_MOST_MEMORY // _MB} MB") from error


def _refuse_bombs(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise UnusableSheet(Unusable.DAMAGED, "ZIP") from error
    if any(part.flag_bits & _ENCRYPTED for part in parts):
        raise UnusableSheet(Unusable.OLD_OR_ENCRYPTED)
    names = {part.filename.lower().lstrip("/") for part in parts}
    if "[content_types].xml" not in names or not any(name.startswith("xl/workbook") for name in names):
        raise UnusableSheet(Unusable.NOT_A_SHEET, "ZIP")
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_UNPACKED:
        raise UnusableSheet(Unusable.TOO_BIG, f"{_MOST_UNPACKED // _MB} MB")
    if any("sharedstrings" in part.filename.lower() and part.file_size > _MOST_STRINGS for part in parts):
        raise UnusableSheet(Unusable.TOO_BIG, f"{_MOST_STRINGS // _MB} MB")


def _plain(cell: object) -> Cell:
    """Returns a cell as a plain value; openpyxl returns array and table formulas as objects with a text."""
    if cell is None or isinstance(cell, str | int | float | datetime | date | time | timedelta):
        return cell
    text = getattr(cell, "text", None)
    return text if isinstance(text, str) else "="
