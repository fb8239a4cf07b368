"""Imports a file into the store: reads rows, writes them in chunks, and reports those that cannot be used."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bot.sheets.opening import file_hash, open_sheet
from bot.sheets.report import Report
from bot.sheets.sheet import MOST_ROWS, Sheet, SheetRow
from core.crm.embedded.importing.chunk import Line
from core.crm.embedded.importing.run import ImportRun, Origin, Publish, Store, Tally
from core.domain.errors import StoreUnavailable
from core.domain.sheets.columns import Reading
from core.domain.sheets.faults import Fault, RowFault, Unusable, UnusableSheet
from core.domain.sheets.header import Header, read_header
from core.domain.sheets.reading import is_blank, lacking, read_row
from core.domain.sheets.rows import Row, SheetKind

_HEADER_WITHIN = 20
"""The number of rows within which the header must come; blank ones above it are skipped."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The result of an import."""

    tally: Tally
    report: Path | None
    """The file with the bad rows, if there were any."""
    ignored: tuple[str, ...]
    """The titles of columns that were not imported."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An open file that is a sheet of the kind asked for; its header has been read."""

    sheet: Sheet
    rows: Iterator[SheetRow]
    header: Header
    origin: Origin


@contextmanager
def opened(path: Path, kind: SheetKind) -> Iterator[Opened]:
    """Opens a sheet and reads its header. Raises UnusableSheet."""
    sheet = open_sheet(path)
    try:
        rows = sheet.rows()
        header = _find_header(kind, rows)
        yield Opened(sheet, rows, header, Origin(path.name, file_hash(path)))
    finally:
        sheet.close()


def import_sheet(
    store: Store,
    publish: Publish,
    source: Opened,
    reading: Reading,
    report: Path,
    progress: Callable[[float, Tally], None] = lambda _part, _tally: None,
) -> Summary:
    """Imports the good rows and writes the bad ones to `report`. A row is imported whole or not at all.

    Raises StoreUnavailable, and UnusableSheet when the file is damaged further down. What was written before
    stays, and the audit log says so.
    """
    run = ImportRun(store, source.origin, source.header, publish)
    with Report(report, source.header.titles) as bad:
        try:
            _go(_Import(source.sheet, run, source.header, reading, bad, progress), source.rows)
        except BaseException:
            # Also on Ctrl-C. When the store is away, this entry is lost too, and the first error is raised.
            with suppress(StoreUnavailable):
                run.cut_off()
            raise
    return Summary(run.tally, bad.path if bad.rows else None, source.header.ignored)


def _find_header(kind: SheetKind, rows: Iterator[SheetRow]) -> Header:
    for row in rows:
        if not is_blank(row.cells):
            return read_header(kind, row.cells)
        if row.line >= _HEADER_WITHIN:
            break
    raise UnusableSheet(Unusable.EMPTY)


@dataclass(frozen=True, slots=True)
class _Import:
    """The parts of one running import."""

    sheet: Sheet
    run: ImportRun
    header: Header
    reading: Reading
    bad: Report
    progress: Callable[[float, Tally], None]

    def read(self, row: SheetRow) -> Row | tuple[RowFault, ...]:
        if row.broken:
            return (RowFault(row.broken, "整行 row", str(MOST_ROWS)),)
        return read_row(self.header, row.cells, self.reading)

    def write(self, rows: Sequence[SheetRow], *, last: bool) -> None:
        lines: list[Line[Row]] = []
        refused: dict[int, tuple[RowFault, ...]] = {}
        for row in rows:
            read = self.read(row)
            if isinstance(read, tuple):
                refused[row.line] = read
            else:
                lines.append(Line(row.line, read))
        refusals = self.run.write(lines, unreadable=len(refused), last=last)
        self._add_lacking(rows, refused)
        refused |= {line: (fault,) for line, fault in refusals}
        # In the order of the file, whatever the reason for which a row was refused.
        for row in rows:
            if row.line in refused:
                self.bad.add(row.line, refused[row.line], row.cells)
        self.progress(1.0 if last else self.sheet.part_read(), self.run.tally)

    def _add_lacking(self, rows: Sequence[SheetRow], refused: dict[int, tuple[RowFault, ...]]) -> None:
        """Adds the fault of a missing cell to rows that could not be read and have a number new to the store.

        The writer finds that fault otherwise, but it never sees rows that could not be read.
        """
        doubtful = (row for row in rows if row.line in refused and row.broken is None)
        read = {row.line: lacking(self.header, row.cells, self.reading) for row in doubtful}
        wanted = {line: more for line, more in read.items() if more[1]}
        known = self.run.known([number for number, _ in wanted.values()])
        for line, (number, faults) in wanted.items():
            if number not in known:
                refused[line] += faults


def _go(work: _Import, rows: Iterator[SheetRow]) -> None:
    """Writes all rows in chunks. The last chunk is marked, because its transaction writes the audit entry."""
    # A full chunk is written only when another row comes, so that the last chunk is not an empty one.
    waiting: list[SheetRow] = []
    read = 0
    for row in rows:
        if row.broken is None and is_blank(row.cells):
            continue
        if len(waiting) >= work.run.chunk_size:
            work.write(waiting, last=False)
            waiting = []
        read += 1
        if read > MOST_ROWS:
            waiting.append(SheetRow(row.line, (), Fault.TOO_MANY_ROWS))
            break
        waiting.append(row)
    work.write(waiting, last=True)
