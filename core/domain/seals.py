"""Rows whose seal does not hold: somebody without the key wrote or changed them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unsound:
    table: str
    row: str
    """What names the row within its table."""
