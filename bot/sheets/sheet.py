"""Defines what every reader of sheets provides."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from core.domain.sheets.cells import Cell
from core.domain.sheets.faults import Fault

MOST_ROWS = 1_000_000
"""The most rows that one import reads."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    line: int
    """The place where the row begins: the row number in XLSX, the line of the file in CSV."""
    cells: tuple[Cell, ...]
    broken: Fault | None = None
    """The reason why the row could not be split into cells; `cells` then holds the raw text."""


class Sheet(Protocol):
    def rows(self) -> Iterator[SheetRow]:
        """Yields all rows from the top, with header and blank rows. Raises UnusableSheet at the first damage."""

    def part_read(self) -> float:
        """Returns an estimate of how much of the file `rows` has read, from 0 to 1."""

    def close(self) -> None: ...
