"""The port of the vault, in which backups lie."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.domain.audit import Head
from core.domain.snapshots import Snapshot


@dataclass(frozen=True, slots=True)
class BackupReceipt:
    """The facts about one proven backup file."""

    operation: int
    file: str
    """The name of the file inside the vault's folder."""
    records: int
    size: int
    """The size of the encrypted file in bytes."""
    file_hash: str
    """The SHA-256 of the encrypted file, hex."""
    content_hash: str
    """The SHA-256 over the plain record sets, hex."""
    head: Head
    """The head of the audit log when the file was written."""
    made_at: datetime


class Vault(Protocol):
    """The place in which backups lie, encrypted and verified. It is synchronous, so call it in a thread."""

    def seal(self, operation: int, snapshots: Iterable[Snapshot], head: Head, at: datetime) -> BackupReceipt:
        """Writes a backup and proves it: encrypt, write, sync, rename, sync folder, read back, decrypt, compare.

        Raises BackupNotProven; then no file is left under the final name.
        """

    def open(self, receipt: BackupReceipt) -> Iterator[Snapshot]:
        """Yields the record sets of a backup. Raises BackupNotProven when the file is not as it was sealed.

        They are proven only once the iterator has ended: use them in a transaction that an exception rolls back.
        """

    def verify(self, receipt: BackupReceipt) -> None:
        """Reads the whole backup. Raises BackupNotProven when it does not hold."""
