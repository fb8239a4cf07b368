"""Finds the customer that a row means. A name counts only when exactly one customer has it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection, RowMapping

from core.crm.embedded.importing.chunk import is_purged, rows_where_in
from core.crm.embedded.tables import customers
from core.domain.sheets.faults import Fault
from core.domain.sheets.rows import Whose


@dataclass(slots=True)
class Known:
    """The customers that a chunk mentions, read once, by number and by name."""

    numbers: dict[str, RowMapping] = field(default_factory=dict)
    names: dict[str, list[RowMapping]] = field(default_factory=dict)

    def named(self, name: str) -> RowMapping | Fault:
        found = self.names.get(name, [])
        if not found:
            return Fault.UNKNOWN_CUSTOMER
        return found[0] if len(found) == 1 else Fault.TWO_CUSTOMERS

    def whose(self, whose: Whose) -> RowMapping | Fault:
        found = self._find(whose)
        if isinstance(found, Fault):
            return found
        return Fault.PURGED if is_purged(found) else found

    def _find(self, whose: Whose) -> RowMapping | Fault:
        if whose.number is not None:
            return self.numbers.get(whose.number, Fault.UNKNOWN_CUSTOMER)
        if whose.either is not None:  # the column may hold a number or a name
            return self.numbers.get(whose.either) or self.named(whose.either)
        return self.named(whose.name or "")


def known_customers(connection: Connection, numbers: Iterable[str], names: Iterable[str]) -> Known:
    """Reads and locks the customers with these numbers or names, so that changes apply to what was read."""
    known = Known()
    for row in rows_where_in(connection, customers, "number", numbers, lock=True):
        known.numbers[row["number"]] = row
    for row in rows_where_in(connection, customers, "name", names, lock=True):
        # A purged customer cannot be meant by its name any more; by its number it is refused with a reason.
        if not is_purged(row):
            known.names.setdefault(row["name"], []).append(row)
    return known


def customers_of(connection: Connection, rows: Iterable[Whose | None]) -> Known:
    told = [whose for whose in rows if whose is not None]
    numbers = [text for whose in told for text in (whose.number, whose.either) if text is not None]
    names = [
        text for whose in told if whose.number is None for text in (whose.either, whose.name) if text is not None
    ]
    return known_customers(connection, numbers, names)
