"""The reading of one row: its cells become a typed row, or all its faults are named; half a row is never kept."""

from collections.abc import Callable, Sequence
from typing import Any

from core.domain.sheets.cells import Cell, as_text
from core.domain.sheets.columns import Reading
from core.domain.sheets.faults import CellFault, Fault, RowFault
from core.domain.sheets.header import Header
from core.domain.sheets.money import Amount
from core.domain.sheets.rows import (
    NEEDED_WHEN_NEW,
    CommunicationRow,
    ContactRow,
    CustomerRow,
    DealRow,
    InvoiceRow,
    Row,
    SegmentRow,
    SheetKind,
    Whose,
)

_WHOSE = {"whose_number": "number", "whose_name": "name", "whose_either": "either"}
_MAKE: dict[SheetKind, Callable[..., Row]] = {
    SheetKind.CUSTOMERS: CustomerRow,
    SheetKind.CONTACTS: ContactRow,
    SheetKind.DEALS: DealRow,
    SheetKind.INVOICES: InvoiceRow,
    SheetKind.COMMUNICATIONS: CommunicationRow,
    SheetKind.SEGMENTS: SegmentRow,
}


def is_blank(cells: Sequence[Cell]) -> bool:
    return not any(as_text(cell) for cell in cells)


def read_row(header: Header, cells: Sequence[Cell], reading: Reading) -> Row | tuple[RowFault, ...]:
    """Returns the typed row, or its faults. An empty cell gives no value, so that what is stored stays."""
    values: dict[str, Any] = {}
    faults: list[RowFault] = []
    # A cell beyond the header means that a separator slipped into the row and moved its cells.
    if not is_blank(cells[len(header.columns) :]):
        faults.append(RowFault(Fault.TOO_MANY_CELLS))
    for column, title, cell in zip(header.columns, header.titles, cells, strict=False):  # a row may end early
        if column is None or cell is None or (text := as_text(cell)) == "":
            continue
        try:
            values[column.field] = column.read(cell, reading)
        except CellFault as fault:
            faults.append(RowFault(fault.fault, title, text))
    faults += _settle_money(header, values)
    _settle_whose(values)
    faults += _missing(header, values, faults)
    return tuple(faults) if faults else _MAKE[header.kind](**values)


def lacking(header: Header, cells: Sequence[Cell], reading: Reading) -> tuple[str, tuple[RowFault, ...]]:
    """Returns the number of a faulty row, and the faults it has in addition when no record has that number yet."""
    said = {c.field: cell for c, cell in zip(header.columns, cells, strict=False) if c and as_text(cell)}
    wanted = [name for name in NEEDED_WHEN_NEW[header.kind] if said.keys().isdisjoint(_columns_of(name))]
    column = next((column for column in header.columns if column and column.field == "number"), None)
    if not wanted or column is None or "number" not in said:
        return "", ()
    try:
        number = str(column.read(said["number"], reading))
    except CellFault:
        return "", ()
    return number, tuple(RowFault(Fault.NEEDED_WHEN_NEW, header.title(_columns_of(name)[0])) for name in wanted)


def _columns_of(name: str) -> tuple[str, ...]:
    return tuple(_WHOSE) if name == "whose" else (name,)


def _settle_money(header: Header, values: dict[str, Any]) -> list[RowFault]:
    """Make one currency of the currency column and the sign at the amount."""
    amount = values.get("amount")
    if not isinstance(amount, Amount):
        return []
    values["amount"] = amount.value
    # Invoices may be negative, as credit notes are.
    if header.kind is SheetKind.DEALS and amount.value < 0:
        return [RowFault(Fault.NEGATIVE, header.title("amount"), str(amount.value))]
    named = values.get("currency")
    if named and amount.currencies and named not in amount.currencies:
        return [RowFault(Fault.TWO_CURRENCIES)]
    if not named and amount.currency:
        values["currency"] = amount.currency
    return []


def _settle_whose(values: dict[str, Any]) -> None:
    parts = {name: values.pop(field) for field, name in _WHOSE.items() if field in values}
    if parts:
        values["whose"] = Whose(**parts)


def _missing(header: Header, values: dict[str, Any], faults: list[RowFault]) -> list[RowFault]:
    """Returns the missing cells. A cell that could not be read is reported as such, and not as missing too."""
    named = {fault.column for fault in faults}
    if header.kind is SheetKind.CUSTOMERS:
        told = values.keys() & {"number", "name"} or named & {header.title("number"), header.title("name")}
        return [] if told else [RowFault(Fault.NUMBER_OR_NAME_MISSING)]
    needed = ("name",) if header.kind is SheetKind.CONTACTS else ("number",)
    missing = [RowFault(Fault.MISSING, header.title(field)) for field in needed if field not in values]
    if (
        header.kind is SheetKind.CONTACTS
        and "whose" not in values
        and not named & {header.title(f) for f in _WHOSE}
    ):
        missing.append(RowFault(Fault.MISSING, header.title("whose_number")))
    return [fault for fault in missing if fault.column not in named]
