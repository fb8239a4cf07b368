"""The fingerprint that a vote is bound to: a hash over action, mode, sorted targets and their versions."""

import hashlib
from collections.abc import Iterable
from typing import NewType, Protocol

Fingerprint = NewType("Fingerprint", str)
"""A SHA-256 in lower-case hex, 64 characters."""


class _Ref(Protocol):
    @property
    def kind(self) -> str: ...
    @property
    def number(self) -> str: ...


def fingerprint(action: str, mode: str, targets: Iterable[tuple[_Ref, int]]) -> Fingerprint:
    """Returns the hash over `targets`, (ref, version) pairs; their order does not matter, every byte does."""
    digest = hashlib.sha256()
    for part in (action, mode):
        digest.update(_framed(part))
    for kind, number, version in sorted((ref.kind, ref.number, version) for ref, version in targets):
        digest.update(_framed(kind) + _framed(number) + _framed(str(version)))
    return Fingerprint(digest.hexdigest())


def _framed(text: str) -> bytes:
    """Returns the text after its length, so that no two different lists give the same bytes."""
    raw = text.encode()
    return len(raw).to_bytes(4, "big") + raw
