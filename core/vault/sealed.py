"""Keeps backups in a folder of age files, one file per operation, and proves each by reading it back."""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from itertools import count
from pathlib import Path
from secrets import token_hex
from time import time
from typing import BinaryIO

from core.domain.audit import Head
from core.domain.errors import BackupNotProven
from core.domain.operation.labels import backup_label, operation_label
from core.domain.snapshots import Snapshot
from core.ports.vault import BackupReceipt
from core.vault.age import HashingReader, decrypt, encrypt, pull
from core.vault.format import Content, Header, Parser, lines
from core.vault.keys import vault_keys

ABANDONED_SECONDS = 3600
"""A draft file untouched for this long has no writer any more: the lease of an operation is 30 seconds."""
_DRAFTS = ".B-*.age.*.tmp"
_NAME = re.compile(r"B-(\d{4,})(?:\.(\d+))?\.age")


class SealedVault:
    def __init__(self, folder: Path, key: bytes) -> None:
        """`key` is VAULT_KEY, 32 bytes."""
        self._folder = folder
        self._keys = vault_keys(key)

    def seal(self, operation: int, snapshots: Iterable[Snapshot], head: Head, at: datetime) -> BackupReceipt:
        """Writes a backup, then proves it: encrypt, write, sync, rename, sync folder, read back, decrypt, compare.

        A resumed operation whose earlier backup holds exactly the same record sets gets the receipt of that file.
        Other content gets the next name, `B-0312.2.age`; no file is ever overwritten.
        Raises BackupNotProven; then no file is left under the final name.
        """
        header, content = Header(operation, at, head), Content()
        draft = self._folder / f".{file_name(operation)}.{token_hex(8)}.tmp"
        with _naming(file_name(operation)):
            try:
                make_folder(self._folder)
                with _create(draft) as file:
                    encrypt(lines(header, snapshots, content, self._keys.mac), file, self._keys.identity)
                    _sync(file)
                return self._keep(draft, header, content)
            finally:
                draft.unlink(missing_ok=True)

    def open(self, receipt: BackupReceipt) -> Iterator[Snapshot]:
        """Yields the record sets of a backup. Raises BackupNotProven unless it is the file of the receipt.

        The record sets are proven only once the iterator has ended: use them within one transaction, and let an
        exception roll it back.
        """
        with _naming(receipt.file), self._file(receipt.file) as file:
            # The whole file is hashed first, so that a changed one yields no record set at all.
            whole = HashingReader(file)
            whole.drain()
            if whole.hash != receipt.file_hash:
                raise BackupNotProven("it is not the file that was sealed")
            file.seek(0)

            def push(put: Callable[[list[Snapshot]], None]) -> None:
                _compare(self._read(file, receipt.file, put), receipt)

            for batch in pull(push):
                yield from batch

    def verify(self, receipt: BackupReceipt) -> None:
        """Checks that the file still holds what the receipt says. Raises BackupNotProven."""
        with _naming(receipt.file):
            _compare(self._examine(receipt.file), receipt)

    def examine(self, name: str) -> BackupReceipt:
        """Returns the receipt of a file, from the file and the key alone; needed when the database is lost.

        Raises BackupNotProven.
        """
        with _naming(name):
            return self._examine(name)

    def find(self, operation: int) -> list[str]:
        """Returns the names of an operation's files, the newest attempt first."""
        mine = [match for name in self.names() if (match := _NAME.fullmatch(name)) and int(match[1]) == operation]
        return [match[0] for match in sorted(mine, key=lambda match: int(match[2] or 1), reverse=True)]

    def names(self) -> list[str]:
        """Returns the sorted names of all files in the folder, or an empty list when there is no folder yet."""
        if not self._folder.exists():
            return []
        with _naming(str(self._folder)):
            return sorted(path.name for path in self._folder.iterdir())

    def sweep(self) -> int:
        """Removes draft files left by killed runs and returns how many. No other file is ever removed."""
        before, swept = time() - ABANDONED_SECONDS, 0
        with _naming(str(self._folder)):
            for path in self._folder.glob(_DRAFTS) if self._folder.exists() else ():
                with suppress(FileNotFoundError):  # another process may have removed it first
                    if path.stat().st_mtime < before:
                        path.unlink()
                        swept += 1
        return swept

    def _keep(self, draft: Path, header: Header, content: Content) -> BackupReceipt:
        """Renames the written draft to its final name and proves it under that name."""
        for attempt in count(1):
            name = file_name(header.operation, attempt)
            path = self._folder / name
            if path.exists():
                kept = self._same(name, header.operation, content)
                if kept is not None:
                    return kept
                continue
            try:
                # An empty file reserves the name: a rename alone would replace another process's backup.
                _create(path).close()
            except FileExistsError:
                continue
            try:
                draft.rename(path)
                _sync_folder(self._folder)
                return self._prove(name, header, content)
            except BaseException:
                # Not proven, whatever the cause: a file under a final name would count as a backup.
                path.unlink(missing_ok=True)
                _sync_folder(self._folder)
                raise
        raise AssertionError  # count() does not end

    def _prove(self, name: str, header: Header, content: Content) -> BackupReceipt:
        receipt = self._examine(name, from_disk=True)
        read_back = (receipt.operation, receipt.head, receipt.made_at, receipt.records, receipt.content_hash)
        handed_in = (header.operation, header.head, header.made_at, content.records, content.hash)
        if read_back != handed_in:
            raise BackupNotProven("what was read back is not what was written")
        return receipt

    def _same(self, name: str, operation: int, content: Content) -> BackupReceipt | None:
        """Returns the receipt of an earlier attempt's file if it holds the same record sets and is proven now."""
        try:
            receipt = self._examine(name, from_disk=True)
        except BackupNotProven:
            return None
        # The time and the head of the log are those of the earlier attempt, so they are not compared.
        same = (receipt.operation, receipt.content_hash) == (operation, content.hash)
        if same:
            # The earlier attempt may have been killed between its rename and the sync of the folder.
            _sync_folder(self._folder)
        return receipt if same else None

    def _examine(self, name: str, *, from_disk: bool = False) -> BackupReceipt:
        with self._file(name) as file:
            if from_disk:
                # Only pages that have been written to the disk can be dropped from the cache (posix_fadvise(2)).
                _sync(file)
                _forget_cache(file)
            return self._read(file, name, lambda _batch: None)

    def _read(self, file: BinaryIO, name: str, take: Callable[[list[Snapshot]], None]) -> BackupReceipt:
        source, parser = HashingReader(file), Parser(self._keys.mac)
        decrypt(source, lambda piece: take(parser.feed(piece)), self._keys.identity)
        source.drain()  # the hash must cover the file to its last byte
        parser.finish()
        header, content = parser.header, parser.content
        return BackupReceipt(
            operation=header.operation,
            file=name,
            records=content.records,
            size=source.size,
            file_hash=source.hash,
            content_hash=content.hash,
            head=header.head,
            made_at=header.made_at,
        )

    def _file(self, name: str) -> BinaryIO:
        # The name may come from a database row; the pattern keeps it from leading out of the folder.
        if not _NAME.fullmatch(name):
            raise BackupNotProven("this is not the name of a backup")
        return (self._folder / name).open("rb")


def file_name(operation: int, attempt: int = 1) -> str:
    return f"{backup_label(operation)}.age" if attempt == 1 else f"{backup_label(operation)}.{attempt}.age"


@contextmanager
def _naming(name: str) -> Iterator[None]:
    """Turns every OSError and BackupNotProven of its block into a BackupNotProven that names the file."""
    try:
        yield
    except BackupNotProven as error:
        raise BackupNotProven(f"{name}: {error}") from error
    except OSError as error:
        raise BackupNotProven(f"{name}: {error.strerror or error}") from error


def _compare(found: BackupReceipt, receipt: BackupReceipt) -> None:
    if found.operation != receipt.operation:
        raise BackupNotProven(f"it is the backup of {operation_label(found.operation)}")
    if found != receipt:
        raise BackupNotProven("it is not the file that was sealed")


def make_folder(folder: Path) -> None:
    """Makes the folder and its missing parents, readable by their owner only. Raises OSError.

    The parent of each new folder is synced: otherwise a power cut could lose the folder and every backup in it.
    """
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        _sync_folder(folder.parent)


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _create(path: Path) -> BinaryIO:
    """Opens a new file that only its owner may read. Raises FileExistsError."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _forget_cache(file: BinaryIO) -> None:
    """Asks the system, where it can, to drop its cached copy, so that the next read comes from the disk."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
