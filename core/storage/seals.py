"""Seals rows that can lead to an action, so that one written without our key is noticed (docs/security.md).

A seal is an HMAC over the table's name and every column that matters. It is checked where the row is used: a row
whose seal does not hold counts as not there.
"""

import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from core.storage.types import to_micros

Value = str | int | bool | datetime | None


@dataclass(frozen=True, slots=True, repr=False)
class RowSeals:
    """Makes and checks seals with a key derived from SEAL_KEY."""

    key: bytes

    def of(self, table: str, *values: Value) -> str:
        """Returns the seal of a row, 64 hex digits."""
        # JSON keeps the values apart and their types distinct, so no two rows give the same text.
        written = json.dumps((table, *values), ensure_ascii=False, separators=(",", ":"), default=to_micros)
        return hmac.digest(self.key, written.encode("utf-8", "surrogatepass"), sha256).hex()

    def holds(self, seal: str, table: str, *values: Value) -> bool:
        return hmac.compare_digest(seal.encode(), self.of(table, *values).encode())
