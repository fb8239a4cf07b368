"""Writes the log as text that other programs can read."""

import csv
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import TextIO

from core.domain.audit import AuditEntry

COLUMNS = ("seq", "at", "tag", "actor", "subject", "operation", "detail", "prev", "hash")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def to_jsonl(entries: Iterable[AuditEntry], target: TextIO) -> int:
    """Writes one entry a line, with `detail` as the very text that was hashed. Returns the number of entries."""
    count = 0
    for count, entry in enumerate(entries, 1):  # noqa: B007  # used after the loop, as the number of entries
        fields = asdict(entry) | {"at": entry.at.isoformat(timespec="microseconds")}
        target.write(json.dumps(fields, ensure_ascii=False, separators=(",", ":")) + "\n")
    return count


def to_csv(entries: Iterable[AuditEntry], target: TextIO) -> int:
    """Writes a header and one entry a line, without any cell that Excel would run as a formula.

    Returns the number of entries.
    """
    target.write("\ufeff")  # the byte order mark, by which Excel reads the file as UTF-8
    writer = csv.writer(target)
    writer.writerow(COLUMNS)
    count = 0
    for count, entry in enumerate(entries, 1):  # noqa: B007  # as above
        fields = asdict(entry) | {"at": entry.at.isoformat(timespec="microseconds")}
        writer.writerow([defused(fields[column]) for column in COLUMNS])
    return count


def defused(value: object) -> object:
    """Puts an apostrophe before a text that a spreadsheet would run as a formula (OWASP, "CSV Injection")."""
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return "" if value is None else value


WRITERS: Mapping[str, Callable[[Iterable[AuditEntry], TextIO], int]] = {"csv": to_csv, "jsonl": to_jsonl}
