"""Writes and parses the plain text of a backup, which is JSON Lines (docs/audit.md). It does no I/O.

{"voidbot_backup":1,"operation":312,"made_at":"2026-11-22T08:00:00+00:00","head":"8071:9f…"}      the header
{"kind":"customer","number":"C1024","version":7,"record":{…}}                            one line per record set
{"records":1,"content_hash":"SHA-256 of the lines between header and trailer","mac":"…"}         the trailer
"""

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from core.domain.audit import Head
from core.domain.errors import BackupNotProven
from core.domain.records import Kind, RecordRef
from core.domain.snapshots import Snapshot

FORMAT = 1
# A line is split by pattern, not by a JSON parser: the record must stay byte for byte what was hashed and stored.
_SNAPSHOT = re.compile(
    rb'\{"kind":"([a-z_]+)","number":("(?:[^"\\]|\\.)*"),"version":(-?\d+),"record":(.*)\}', re.DOTALL
)
_KINDS = {kind.value.encode(): kind for kind in Kind}


@dataclass(frozen=True, slots=True)
class Header:
    operation: int
    made_at: datetime
    head: Head
    """The head of the audit chain when the backup was made; it serves as an anchor outside the database."""

    def line(self) -> bytes:
        return _json_line(
            {
                "voidbot_backup": FORMAT,
                "operation": self.operation,
                "made_at": self.made_at.astimezone(UTC).isoformat(),
                "head": str(self.head),
            }
        )


class Content:
    """Counts and hashes the lines that are added to it."""

    def __init__(self) -> None:
        self.records = 0
        self._sha = hashlib.sha256()

    def add(self, line: bytes) -> None:
        self.records += 1
        self._sha.update(line)

    @property
    def hash(self) -> str:
        return self._sha.hexdigest()


def lines(header: Header, snapshots: Iterable[Snapshot], content: Content, mac_key: bytes) -> Iterator[bytes]:
    """Yields the whole plain text, line by line; at the end `content` has counted and hashed every record set."""
    first = header.line()
    yield first
    for snapshot in snapshots:
        line = snapshot_line(snapshot)
        content.add(line)
        yield line
    mac = _mac(mac_key, first, content)
    yield _json_line({"records": content.records, "content_hash": content.hash, "mac": mac})


def snapshot_line(snapshot: Snapshot) -> bytes:
    """Returns the line of one record set, whose body is copied byte for byte.

    Raises BackupNotProven when the body holds a line break.
    """
    # A line break in a body would let a record set pass for several lines, or for a trailer.
    if b"\n" in snapshot.body:
        raise BackupNotProven(f"the record set of {snapshot.ref.kind} {snapshot.ref.number} is not one line")
    number = snapshot.ref.number
    # Nearly every number needs no escaping, and a set may hold 100,000 of them.
    quoted = f'"{number}"' if number.isascii() and number.isalnum() else json.dumps(number)
    start = f'{{"kind":"{snapshot.ref.kind.value}","number":{quoted},"version":{snapshot.version},"record":'
    return b"%b%b}\n" % (start.encode(), snapshot.body)


class Parser:
    """Takes the plain text in pieces of any size and returns the record sets in it.

    Every method raises BackupNotProven for text that was not sealed with this key. Record sets are proven only
    after `finish` has returned: the MAC that covers them stands in the last line.
    """

    def __init__(self, mac_key: bytes) -> None:
        self.content = Content()
        self._mac_key = mac_key
        self._header: Header | None = None
        self._first = b""
        self._pieces: list[bytes] = []
        self._ended = False

    @property
    def header(self) -> Header:
        if self._header is None:
            raise BackupNotProven("it has no header")
        return self._header

    def feed(self, piece: bytes) -> list[Snapshot]:
        # Pieces of an unfinished line are kept apart and joined once: adding them up would copy a long line again
        # and again.
        if b"\n" not in piece:
            self._pieces.append(piece)
            return []
        complete = b"".join([*self._pieces, piece]).split(b"\n")
        self._pieces = [complete.pop()]
        return [snapshot for line in complete if (snapshot := self._line(line)) is not None]

    def finish(self) -> None:
        if not self._ended or any(self._pieces):
            raise BackupNotProven("it ends before its last line")

    def _line(self, line: bytes) -> Snapshot | None:
        if self._ended:
            raise BackupNotProven("something stands after its last line")
        if self._header is None:
            self._first, self._header = line + b"\n", _parse_header(line)
            return None
        match = _SNAPSHOT.fullmatch(line)
        # Only the trailer may look different, so any other line fails its check.
        if match is None:
            self._check_trailer(line)
            return None
        self.content.add(line + b"\n")
        return _snapshot(match)

    def _check_trailer(self, line: bytes) -> None:
        sealed = {
            "records": self.content.records,
            "content_hash": self.content.hash,
            "mac": _mac(self._mac_key, self._first, self.content),
        }
        # The whole line is compared, so that no other spelling of the same values passes.
        if not hmac.compare_digest(line + b"\n", _json_line(sealed)):
            raise BackupNotProven("its content is not what was sealed with this key")
        self._ended = True


def _parse_header(line: bytes) -> Header:
    try:
        fields = json.loads(line)
        if fields["voidbot_backup"] != FORMAT:
            raise BackupNotProven(f"its format is {fields['voidbot_backup']}, this version reads {FORMAT}")
        seq, _, digest = fields["head"].partition(":")
        return Header(int(fields["operation"]), datetime.fromisoformat(fields["made_at"]), Head(int(seq), digest))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BackupNotProven("its first line is not the header of a backup") from error


def _snapshot(match: re.Match[bytes]) -> Snapshot:
    kind, number, version, body = match.groups()
    try:
        text = json.loads(number) if b"\\" in number else number[1:-1].decode()
        return Snapshot(RecordRef(_KINDS[kind], text), int(version), body)
    except (KeyError, ValueError) as error:
        raise BackupNotProven("a line of it is not a record set") from error


def _mac(key: bytes, first: bytes, content: Content) -> str:
    covered = b"%b%b\n%d\n" % (first, content.hash.encode(), content.records)
    return hmac.new(key, covered, hashlib.sha256).hexdigest()


def _json_line(fields: dict[str, object]) -> bytes:
    return json.dumps(fields, separators=(",", ":")).encode() + b"\n"
