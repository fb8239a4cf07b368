"""age (age-encryption.org/v1) as streams: pyrage pushes and pulls through file-like objects, we want iterators."""

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
_QUEUED = 16
_LOOK_UP_SECONDS = 0.1


def encrypt(plain: Iterator[bytes], target: BinaryIO, identity: str) -> None:
    """Everything of `plain`, a piece at a time. What `plain` or `target` raises comes out as it is."""
    source, sink = _Source(plain), _Sink(target.write)
    try:
        pyrage.encrypt_io(source, sink, [pyrage.x25519.Identity.from_str(identity).to_public()])
    except (pyrage.EncryptError, OSError):
        cause = source.error or sink.error  # pyrage wraps some of them in errors of its own
        if cause is not None:
            raise cause from None
        raise


def decrypt(source: "HashingReader", sink: Callable[[bytes], object], identity: str) -> None:
    """Hands each authenticated piece to `sink`. Raises BackupNotProven when key or content is wrong."""
    target = _Sink(sink)
    try:
        pyrage.decrypt_io(source, target, [pyrage.x25519.Identity.from_str(identity)])
    except (pyrage.DecryptError, OSError) as error:
        if target.error is not None:
            raise target.error from None
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise BackupNotProven(f"it cannot be decrypted with this key: {error}") from error


def pull(push: Callable[[Callable[[T], None]], None]) -> Iterator[T]:
    """Turns "call me with each item" into an iterator: `push` runs in a thread, a few items ahead at most."""
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
            with suppress(BackupNotProven):
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
        thread.join()


class HashingReader:
    """Reads a file once from its beginning and knows its SHA-256 and size afterwards."""

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
        gathered, size = [], 0
        for piece in self._pieces:
            gathered.append(piece)
            size += len(piece)
            if size >= _BLOCK:
                break
        return b"".join(gathered)


class _Sink:
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
        """Nothing is held back."""
