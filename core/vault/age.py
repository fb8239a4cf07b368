"""Encrypts and decrypts age files (age-encryption.org/v1) as streams.

pyrage reads from and writes to file-like objects; the adapters here turn them into iterators and callbacks.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from queue import Full, Queue
from threading import Event, Thread
from typing import BinaryIO, TypeVar

import pyrage

from core.domain.errors import BackupNotProven

T = TypeVar("T")
_BLOCK = 65536
# Bounds the memory of a slow reader: the decrypting thread waits when this many items are unread.
_QUEUED = 16
# How often a waiting producer checks whether its reader has gone away.
_LOOK_UP_SECONDS = 0.1


def encrypt(plain: Iterator[bytes], target: BinaryIO, identity: str) -> None:
    """Encrypts all of `plain` into `target`, piece by piece. Errors of these two are raised unchanged."""
    source, sink = _Source(plain), _Sink(target.write)
    try:
        pyrage.encrypt_io(source, sink, [pyrage.x25519.Identity.from_str(identity).to_public()])
    except (pyrage.EncryptError, OSError):
        # pyrage wraps our own errors in its own types; the caller needs the first cause, not the wrapper.
        cause = source.error or sink.error
        if cause is not None:
            raise cause from None
        raise


def decrypt(source: "HashingReader", sink: Callable[[bytes], object], identity: str) -> None:
    """Hands each decrypted and authenticated piece to `sink`.

    Raises BackupNotProven when the key or the content is wrong, and OSError when the disk fails.
    """
    target = _Sink(sink)
    try:
        pyrage.decrypt_io(source, target, [pyrage.x25519.Identity.from_str(identity)])
    except (pyrage.DecryptError, OSError) as error:
        if target.error is not None:
            raise target.error from None
        # pyrage reports damaged content as an OSError without errno; one with errno comes from the disk.
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise BackupNotProven(f"it cannot be decrypted with this key: {error}") from error


def pull(push: Callable[[Callable[[T], None]], None]) -> Iterator[T]:
    """Turns a function that calls back with each item into an iterator.

    `push` runs in its own thread, a few items ahead of the reader at most. Its errors are raised to the reader.
    """
    # Each item travels in a list of one, so that an empty list can mark the end whatever the items are.
    items: Queue[list[T]] = Queue(_QUEUED)
    stopped = Event()
    failure: list[BaseException] = []

    def put(item: list[T]) -> None:
        while not stopped.is_set():
            try:
                return items.put(item, timeout=_LOOK_UP_SECONDS)
            except Full:
                continue
        raise BackupNotProven("nobody reads on")

    def run() -> None:
        try:
            push(lambda item: put([item]))
            put([])
        except BaseException as error:  # noqa: BLE001  # raised again where the items are read
            failure.append(error)
            with suppress(BackupNotProven):  # the reader may have gone; then nobody waits for the end mark
                put([])

    thread = Thread(target=run, name="vault-open", daemon=True)
    thread.start()
    try:
        while item := items.get():
            yield item[0]
        if failure:
            raise failure[0]
    finally:
        stopped.set()
        # The caller closes the file next: the thread must not be reading it any more.
        thread.join()


class HashingReader:
    """Reads a file once from its beginning and counts its SHA-256 and size on the way."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._sha = hashlib.sha256()
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        block = self._file.read(size)
        self._sha.update(block)
        self.size += len(block)
        return block

    def drain(self) -> None:
        while self.read(_BLOCK):
            pass

    @property
    def hash(self) -> str:
        return self._sha.hexdigest()


class _Source:
    """A readable file made of an iterator of pieces."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._block = b""
        self._at = 0
        self.error: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        if self._at >= len(self._block):
            try:
                self._block, self._at = self._next_block(), 0
            except BaseException as error:
                self.error = error
                raise
        end = self._at + size if size >= 0 else len(self._block)
        piece, self._at = self._block[self._at : end], end
        return piece

    def _next_block(self) -> bytes:
        # A piece is often one short line: joining them calls the encryption once a block, not once a line.
        gathered, size = [], 0
        for piece in self._pieces:
            gathered.append(piece)
            size += len(piece)
            if size >= _BLOCK:
                break
        return b"".join(gathered)


class _Sink:
    """A writable file that hands each piece to a function."""

    def __init__(self, sink: Callable[[bytes], object]) -> None:
        self._sink = sink
        self.error: BaseException | None = None

    def write(self, piece: bytes) -> int:
        try:
            self._sink(piece)
        except BaseException as error:
            self.error = error
            raise
        return len(piece)

    def flush(self) -> None:
        """Does nothing: no piece is buffered, but pyrage calls `flush` at the end."""
