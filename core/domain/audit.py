"""The log as a keyed hash chain: one entry, what its hash covers, and the walk that finds the first bad one."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

GENESIS = "0" * 64
"""The `prev` of entry 1."""
SHORTEST_ANCHOR = 12
"""Hex digits an anchor must give at least: as many as a card shows."""

Row = tuple[int, int, str, str, str, int | None, str, str, str]
"""An entry as it lies in the table: seq, microseconds since 1970 UTC, tag, actor, subject, operation, detail,
prev, hash. The walk over millions of entries works on these."""


class Tag(StrEnum):
    """What happened, as source:subject:action. Documented in docs/audit.md; a house test compares the two."""

    MESSAGE_RECEIVED = "chat:message:received"
    MESSAGE_REFUSED = "chat:message:refused"
    CARD_SHOWN = "chat:card:shown"
    CARD_UNDELIVERED = "chat:card:undelivered"
    OPERATION_DRAFTED = "chat:operation:drafted"
    OPERATION_CONFIRMED = "chat:operation:confirmed"
    OPERATION_CANCELLED = "chat:operation:cancelled"
    OPERATION_WITHDRAWN = "chat:operation:withdrawn"
    OPERATION_VOTED = "chat:operation:voted"
    OPERATION_APPROVED = "chat:operation:approved"
    OPERATION_REJECTED = "chat:operation:rejected"
    OPERATION_RUN = "chat:operation:run"
    OPERATION_ASKED_AGAIN = "chat:operation:asked_again"
    OPERATION_NUDGED = "chat:operation:nudged"
    OPERATION_REASSIGNED = "chat:operation:reassigned"
    OPERATION_EXPIRED = "job:operation:expired"
    OPERATION_INTENT = "worker:operation:intent"
    OPERATION_REOPENED = "worker:operation:reopened"
    OPERATION_FINISHED = "worker:operation:finished"
    OPERATION_UNDONE = "worker:operation:undone"
    BACKUP_WRITTEN = "worker:backup:written"
    BACKUP_FAILED = "worker:backup:failed"
    TARGET_OUTCOME = "worker:target:outcome"
    ANCHOR_POSTED = "job:anchor:posted"
    DIRECTORY_COMPARED = "job:directory:compared"
    REMINDER_SENT = "job:reminder:sent"
    REMINDER_ANSWERED = "chat:reminder:answered"
    PERSON_JOINED = "chat:person:joined"
    PERSON_LEFT = "chat:person:left"
    PERSON_MISSED = "job:person:left"
    ROLES_LOADED = "config:roles:loaded"
    SETTINGS_LOADED = "config:settings:loaded"
    POLICY_LOADED = "config:policy:loaded"
    RECORDS_IMPORTED = "cli:records:imported"
    BACKUP_RESTORED = "cli:backup:restored"


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Detail = Mapping[str, str | int | bool | list[str] | None]


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What an event puts into the log; the chain gives it its place."""

    tag: Tag
    actor: str = ""
    """A person id, or "" for the bot itself; stored as a pseudonym."""
    subject: str = ""
    """`kind:number` of a record, or "" ; stored as a pseudonym."""
    operation: int | None = None
    detail: Detail | None = None
    """Facts without personal data: hashes, counts, states, codes."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    seq: int
    at: datetime
    """UTC, to the microsecond."""
    tag: str
    actor: str
    subject: str
    operation: int | None
    detail: str
    """Canonical JSON, the very text that was hashed."""
    prev: str
    hash: str

    @property
    def row(self) -> Row:
        return (
            self.seq,
            (self.at - _EPOCH) // _MICROSECOND,
            self.tag,
            self.actor,
            self.subject,
            self.operation,
            self.detail,
            self.prev,
            self.hash,
        )


@dataclass(frozen=True, slots=True)
class Head:
    """The newest link; a copy of it outside the database is an anchor."""

    seq: int = 0
    hash: str = GENESIS

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"

    @property
    def short(self) -> str:
        """For cards: enough to compare by eye."""
        return f"{self.seq}:{self.hash[:SHORTEST_ANCHOR]}"


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)


def canonical(detail: Detail | None) -> str:
    """Equal details give equal text. ASCII only, so that no database's encoding can refuse or change it."""
    return _CANONICAL.encode(detail) if detail else "{}"


class ChainKey:
    """HMAC-SHA256 (RFC 2104) with its two key blocks hashed once: half of `hmac.digest` on short texts."""

    def __init__(self, key: bytes) -> None:
        block = (hashlib.sha256(key).digest() if len(key) > 64 else key).ljust(64, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))

    def mac(self, message: bytes) -> str:
        inner = self._inner.copy()
        inner.update(message)
        outer = self._outer.copy()
        outer.update(inner.digest())
        return outer.hexdigest()


@lru_cache(maxsize=8)
def chain_key(key: bytes) -> ChainKey:
    return ChainKey(key)


def message_of(  # called once per entry of millions: names would cost a third more
    seq: int, micros: int, tag: str, actor: str, subject: str, operation: int | None, detail: str, prev: str
) -> bytes:
    """Every column: numbers as Python writes them, texts with their length in front.

    No two different rows give the same bytes. `!r` keeps a number apart from a text that looks like one.
    """
    return (
        f"{seq!r},{micros!r},{operation!r},{len(tag)}:{tag}{len(actor)}:{actor}"
        f"{len(subject)}:{subject}{len(detail)}:{detail}{len(prev)}:{prev}"
    ).encode()


def link(key: bytes, head: Head, event: NewEntry, at: datetime, pseudonym: "Pseudonyms") -> AuditEntry:
    """The entry that follows `head`."""
    seq, tag, detail = head.seq + 1, event.tag.value, canonical(event.detail)
    actor, subject = pseudonym.of(event.actor), pseudonym.of(event.subject)
    micros = (at - _EPOCH) // _MICROSECOND
    message = message_of(seq, micros, tag, actor, subject, event.operation, detail, head.hash)
    digest = chain_key(key).mac(message)
    return AuditEntry(seq, at, tag, actor, subject, event.operation, detail, head.hash, digest)


class Pseudonyms:
    """Keyed names: the log can be searched for a known person or record, and tells nobody else who it was."""

    def __init__(self, key: bytes) -> None:
        self._key = ChainKey(key)

    def of(self, name: str) -> str:
        if not name:
            return ""
        return "p" + self._key.mac(name.encode(errors="surrogatepass"))[:24]


class Flaw(StrEnum):
    """What is wrong with the first entry that does not hold."""

    MISSING = "missing"
    STRAY = "stray"
    """Before it lies one whose number has no place in the chain."""
    UNLINKED = "unlinked"
    """It does not follow the entry before it."""
    CHANGED = "changed"
    """Its content does not match its hash."""
    OFF_ANCHOR = "off_anchor"
    """It differs from an anchor kept outside."""
    HEAD = "head"
    """The stored head and the last entry disagree."""
    CUT = "cut"
    """An anchor knows a later entry than there is."""
    BAD_ANCHOR = "bad_anchor"
    """An anchor names an entry before the first."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a walk found."""

    entries: int
    """How many hold, from the first on."""
    head: Head
    """The last one that holds."""
    bad_seq: int | None = None
    """The first entry that does not hold."""
    flaw: Flaw | None = None

    @property
    def holds(self) -> bool:
        return self.bad_seq is None


def is_sound(key: bytes, row: Row) -> bool:
    """Whether an entry's content matches its hash; its place in the chain is for `verify`."""
    *content, digest = row
    try:
        return chain_key(key).mac(message_of(*content)) == digest  # type: ignore[arg-type]  # a row's columns
    except (TypeError, UnicodeEncodeError):  # a column of a wrong type is a change like any other
        return False


def verify(key: bytes, rows: Iterable[Row], head: Head, anchors: Iterable[Head] = ()) -> Verdict:
    """Walk the chain from entry 1 to the stored head. Reads each entry once, keeps none.

    An anchor may give the full hash or its first digits, SHORTEST_ANCHOR or more; one that gives less never fits.
    """
    wanted = _by_seq(anchors)
    mac = chain_key(key).mac
    last, last_hash = 0, GENESIS
    for seq, micros, tag, actor, subject, operation, detail, prev, digest in rows:
        try:
            holds = mac(message_of(seq, micros, tag, actor, subject, operation, detail, prev)) == digest
        except (TypeError, UnicodeEncodeError):  # a column of a wrong type is a change like any other
            holds = False
        if seq != last + 1:
            flaw = Flaw.MISSING if _is_later(seq, last) else Flaw.STRAY
        elif prev != last_hash:
            flaw = Flaw.UNLINKED
        elif not holds:
            flaw = Flaw.CHANGED
        elif seq in wanted and not all(_fits(digest, anchor) for anchor in wanted[seq]):
            flaw = Flaw.OFF_ANCHOR
        else:
            last, last_hash = seq, digest
            continue
        return Verdict(last, Head(last, last_hash), last + 1, flaw)
    return _end_of_walk(Head(last, last_hash), head, wanted)


def _is_later(seq: object, last: int) -> bool:
    """Whether a number that is not the next one belongs to a later entry: then the one between is gone."""
    return type(seq) is int and seq > last + 1


def _by_seq(anchors: Iterable[Head]) -> dict[int, set[str]]:
    wanted: dict[int, set[str]] = defaultdict(set)
    for anchor in anchors:
        if anchor != Head():
            wanted[anchor.seq].add(anchor.hash)
    return dict(wanted)


def _fits(digest: str, anchor: str) -> bool:
    return len(anchor) >= SHORTEST_ANCHOR and digest.startswith(anchor)


def _end_of_walk(last: Head, stored: Head, wanted: Mapping[int, set[str]]) -> Verdict:
    """All entries hold one by one; now whether they are all the entries there were."""
    if last != stored:
        bad = last.seq if last.seq == stored.seq else min(last.seq, stored.seq) + 1
        return Verdict(last.seq, last, bad, Flaw.HEAD)
    if max(wanted, default=0) > last.seq:
        return Verdict(last.seq, last, last.seq + 1, Flaw.CUT)
    if any(seq < 1 for seq in wanted):
        return Verdict(last.seq, last, 1, Flaw.BAD_ANCHOR)
    return Verdict(last.seq, last)
