"""The header of a sheet: which of its columns holds what."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.sheets import words
from core.domain.sheets.cells import Cell, as_text
from core.domain.sheets.columns import COLUMNS, Column
from core.domain.sheets.faults import Unusable, UnusableSheet
from core.domain.sheets.rows import SheetKind

MOST_COLUMNS = 64

# One column at least is needed from each of these sets.
_NEEDED: dict[SheetKind, tuple[frozenset[str], ...]] = {
    kind: (frozenset({"number"}),) for kind in SheetKind if kind not in {SheetKind.CUSTOMERS, SheetKind.CONTACTS}
} | {
    SheetKind.CUSTOMERS: (frozenset({"number", "name"}),),
    SheetKind.CONTACTS: (frozenset({"name"}), frozenset({"whose_number", "whose_name", "whose_either"})),
}

# Remarks in a title are not part of its name: 客户名称(必填)*: is 客户名称.
_ASIDE = re.compile(r"\([^)]*\)|[*:]")


@dataclass(frozen=True, slots=True)
class Header:
    kind: SheetKind
    columns: tuple[Column | None, ...]
    """The columns by position; None for a title that this kind of sheet does not know, whose cells are ignored."""
    titles: tuple[str, ...]
    """The titles as the file has them."""

    @property
    def ignored(self) -> tuple[str, ...]:
        return tuple(
            title for title, column in zip(self.titles, self.columns, strict=True) if title and not column
        )

    def title(self, field: str) -> str:
        """Returns the file's title of a column, or the usual title when the file lacks the column."""
        for title, column in zip(self.titles, self.columns, strict=True):
            if column and column.field == field:
                return title
        return next(column.aliases[0] for column in COLUMNS[self.kind] if column.field == field)


def read_header(kind: SheetKind, cells: Sequence[Cell]) -> Header:
    """Read the header. Raises UnusableSheet when a needed column is missing or one stands there twice."""
    titles = [as_text(cell) for cell in cells]
    # Empty cells behind the last title are no columns.
    while titles and not titles[-1]:
        titles.pop()
    if len(titles) > MOST_COLUMNS:
        raise UnusableSheet(Unusable.TOO_MANY_COLUMNS, str(MOST_COLUMNS))
    names = {alias: column for column in COLUMNS[kind] for alias in column.aliases}
    columns = tuple(names.get(_plain_title(title)) for title in titles)
    fields = [column.field for column in columns if column]
    for field in fields:
        if fields.count(field) > 1:
            both = [
                title for title, column in zip(titles, columns, strict=True) if column and column.field == field
            ]
            raise UnusableSheet(Unusable.TWICE, " / ".join(both))
    header = Header(kind, columns, tuple(titles))
    for choice in _NEEDED[kind]:
        if choice.isdisjoint(fields):
            wanted = [column.aliases[0] for column in COLUMNS[kind] if column.field in choice]
            raise UnusableSheet(Unusable.NO_HEADER, " / ".join(wanted))
    return header


def _plain_title(title: str) -> str:
    return words.squeeze(_ASIDE.sub("", unicodedata.normalize("NFKC", title)))
