"""Where backups lie."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.domain.audit import Head
from core.domain.snapshots import Snapshot


@dataclass(frozen=True, slots=True)
class BackupReceipt:
    """What is known of one proven backup file."""

    operation: int
    file: str
    """Its name inside the vault's folder."""
    records: int
    size: int
    """Bytes of the encrypted file."""
    file_hash: str
    """SHA-256 of the encrypted file, hex."""
    content_hash: str
    """SHA-256 over the plain record sets, hex."""
    head: Head
    """The audit chain's head when it was written."""
    made_at: datetime


class Vault(Protocol):
    """The encrypted, verified place backups lie in. Synchronous: call it in a thread."""

    def seal(self, operation: int, snapshots: Iterable[Snapshot], head: Head, at: datetime) -> BackupReceipt:
        """Encrypt, write, sync, rename, sync the folder, read back, decrypt, compare.

        Raises BackupNotProven; then nothing of it is left under its final name.
        """

    def open(self, receipt: BackupReceipt) -> Iterator[Snapshot]:
        """Decrypt and check while reading. Raises BackupNotProven at the first byte that is not as sealed."""

    def verify(self, receipt: BackupReceipt) -> None:
        """Raises BackupNotProven."""
