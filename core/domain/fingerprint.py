"""What a vote is bound to: a hash over action, mode, sorted targets and their versions."""

import hashlib
from collections.abc import Iterable
from typing import NewType, Protocol

Fingerprint = NewType("Fingerprint", str)
"""Lower-case hex of SHA-256, 64 characters."""


class _Ref(Protocol):
    @property
    def kind(self) -> str: ...
    @property
    def number(self) -> str: ...


def fingerprint(action: str, mode: str, targets: Iterable[tuple[_Ref, int]]) -> Fingerprint:
    """`targets` are (ref, version) pairs; their order does not matter, every byte of them does."""
    digest = hashlib.sha256()
    for part in (action, mode):
        digest.update(_framed(part))
    for kind, number, version in sorted((ref.kind, ref.number, version) for ref, version in targets):
        digest.update(_framed(kind) + _framed(number) + _framed(str(version)))
    return Fingerprint(digest.hexdigest())


def _framed(text: str) -> bytes:
    """Length first, so that no two different lists give the same bytes."""
    raw = text.encode()
    return len(raw).to_bytes(4, "big") + raw
