"""The comparison of record sets, which proves that an undo brought back what was there."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core.domain.records import RecordRef

# Columns that tell how a record came to its status. The undo itself changes them, and they are no data.
_LIFE = frozenset({"version", "status_by", "status_at", "status_before", "status_by_before", "undone_by"})
# No JSON text looks like this, so a path that is missing on one side differs from every value.
_MISSING = "∅"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The full record set of one target: itself and all that hangs on it."""

    ref: RecordRef
    version: int
    body: bytes
    """Canonical JSON in UTF-8 on one line: equal records give equal bytes."""


def differences(before: bytes, now: bytes) -> list[str]:
    """Returns the paths that differ between two canonical record sets; none means that all data are equal."""
    old, new = dict(_leaves("", json.loads(before))), dict(_leaves("", json.loads(now)))
    return sorted(path for path in old.keys() | new.keys() if old.get(path, _MISSING) != new.get(path, _MISSING))


def _leaves(path: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key not in _LIFE:
                yield from _leaves(f"{path}.{key}" if path else str(key), inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(f"{path}[{_name(inner)}]", inner)
    else:
        yield path, json.dumps(value, ensure_ascii=False)  # as JSON, so that the number 1 and the text "1" differ


def _name(item: object) -> str:
    """Returns what a row of a list is matched by: its number, or all it holds. So the order does not matter."""
    if isinstance(item, Mapping) and "number" in item:
        return str(item["number"])
    return json.dumps(item, ensure_ascii=False, sort_keys=True)
