"""The log as text others can read."""

import csv
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import TextIO

from core.domain.audit import AuditEntry

COLUMNS = ("seq", "at", "tag", "actor", "subject", "operation", "detail", "prev", "hash")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def to_jsonl(entries: Iterable[AuditEntry], target: TextIO) -> int:
    """One entry a line; `detail` as the very text that was hashed. The number of entries."""
    count = 0
    for count, entry in enumerate(entries, 1):  # noqa: B007  # how many there were
        fields = asdict(entry) | {"at": entry.at.isoformat(timespec="microseconds")}
        target.write(json.dumps(fields, ensure_ascii=False, separators=(",", ":")) + "\n")
    return count


def to_csv(entries: Iterable[AuditEntry], target: TextIO) -> int:
    """With a byte order mark, so that Excel reads it as UTF-8, and no cell it would run as a formula."""
    target.write("\ufeff")
    writer = csv.writer(target)
    writer.writerow(COLUMNS)
    count = 0
    for count, entry in enumerate(entries, 1):  # noqa: B007  # how many there were
        fields = asdict(entry) | {"at": entry.at.isoformat(timespec="microseconds")}
        writer.writerow([defused(fields[column]) for column in COLUMNS])
    return count


def defused(value: object) -> object:
    """A text a spreadsheet would run gets an apostrophe in front (OWASP, "CSV Injection")."""
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return "" if value is None else value


WRITERS: Mapping[str, Callable[[Iterable[AuditEntry], TextIO], int]] = {"csv": to_csv, "jsonl": to_jsonl}
