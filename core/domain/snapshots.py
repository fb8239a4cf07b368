"""Comparing record sets, to prove that an undo brought back what was there."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core.domain.records import RecordRef

_LIFE = frozenset({"version", "status_by", "status_at", "status_before", "status_by_before", "undone_by"})
"""How a record came to its status, not what it holds."""
_MISSING = "∅"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The full record set of one target: itself and all that hangs on it."""

    ref: RecordRef
    version: int
    body: bytes
    """Canonical JSON, UTF-8, one line: equal records give equal bytes."""


def differences(before: bytes, now: bytes) -> list[str]:
    """Paths of what differs between two canonical record sets; empty means equal in all that is data."""
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
        yield path, json.dumps(value, ensure_ascii=False)


def _name(item: object) -> str:
    """Rows are matched by their number where they have one, else by all they hold: order does not matter."""
    if isinstance(item, Mapping) and "number" in item:
        return str(item["number"])
    return json.dumps(item, ensure_ascii=False, sort_keys=True)
