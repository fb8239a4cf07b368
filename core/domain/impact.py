"""The impact of a change: what hangs on a record, as the confirm card shows it."""

from dataclasses import dataclass
from datetime import datetime

from core.domain.records import Medium, Money


@dataclass(frozen=True, slots=True)
class LastContact:
    at: datetime
    medium: Medium


@dataclass(frozen=True, slots=True)
class Impact:
    """The numbers of what hangs on one customer; for a segment only `members` is set."""

    contacts: int = 0
    open_deals: int = 0
    open_amounts: tuple[Money, ...] = ()
    unpaid_invoices: int = 0
    unpaid_amounts: tuple[Money, ...] = ()
    communications: int = 0
    segments: int = 0
    members: int = 0
    last_contact: LastContact | None = None

    @property
    def risk(self) -> str:
        """`high` when invoices are unpaid, `medium` when deals are open, else `low`."""
        if self.unpaid_invoices:
            return "high"
        return "medium" if self.open_deals else "low"
