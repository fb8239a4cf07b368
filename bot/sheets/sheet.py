"""What every reader of sheets gives."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from core.domain.sheets.cells import Cell
from core.domain.sheets.faults import Fault

MOST_ROWS = 1_000_000


@dataclass(frozen=True, slots=True)
class SheetRow:
    line: int
    """Where the row begins: the row number of XLSX, the line of the file for CSV."""
    cells: tuple[Cell, ...]
    broken: Fault | None = None
    """The row could not be parted into cells; `cells` then holds the raw text."""


class Sheet(Protocol):
    def rows(self) -> Iterator[SheetRow]:
        """From the top, header and blank rows too. Raises UnusableSheet at the first damage."""

    def part_read(self) -> float:
        """How much of the file `rows` has gone through, 0 to 1; a guess."""

    def close(self) -> None: ...
