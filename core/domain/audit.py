"""The log as a keyed hash chain: its entries, what their hashes cover, and the walk that finds a bad entry."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

GENESIS = "0" * 64
"""The `prev` of entry 1, which follows no other entry."""
SHORTEST_ANCHOR = 12
"""The fewest hex digits that an anchor may give; a card shows as many."""

Row = tuple[int, int, str, str, str, int | None, str, str, str]
"""An entry as the table stores it: seq, microseconds since 1970 UTC, tag, actor, subject, operation, detail, prev,
hash. The walk over millions of entries works on these plain tuples."""


class Tag(StrEnum):
    """The kinds of entries, named source:subject:action. A house test compares the list with docs/audit.md."""

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
    APP_STANDING = "chat:app:standing"
    ROWS_SEALED = "store:rows:sealed"
    ROW_UNSOUND = "store:row:unsound"
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
    """What a domain event adds to the log, before the chain gives it a number, a time and a hash."""

    tag: Tag
    actor: str = ""
    """The person id, or "" for the bot itself. The log stores it as a pseudonym."""
    subject: str = ""
    """The record as `kind:number`, the person a roles file has changed, or "". Stored as a pseudonym."""
    operation: int | None = None
    detail: Detail | None = None
    """Facts without personal data: hashes, counts, states, codes."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    seq: int
    at: datetime
    """The moment in UTC, to the microsecond."""
    tag: str
    actor: str
    subject: str
    operation: int | None
    detail: str
    """Canonical JSON: exactly the text that was hashed."""
    prev: str
    hash: str

    @property
    def row(self) -> Row:
        return (
            self.seq,
            (self.at - _EPOCH) // _MICROSECOND,  # a whole number: a float of seconds could be rounded
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
    """The number and hash of the newest entry; a copy of it outside the database is an anchor."""

    seq: int = 0
    hash: str = GENESIS

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"

    @property
    def short(self) -> str:
        """A short form for cards, long enough to compare by eye."""
        return f"{self.seq}:{self.hash[:SHORTEST_ANCHOR]}"


# Sorted keys and no blanks, so that equal details give equal text. JSON has no NaN, so that is refused.
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)


def canonical(detail: Detail | None) -> str:
    """Returns the detail as JSON; equal details give equal text.

    The text is ASCII only, so that no database's encoding can refuse or change it.
    """
    return _CANONICAL.encode(detail) if detail else "{}"


class ChainKey:
    """HMAC-SHA256 (RFC 2104) with its key blocks hashed once: half the time of `hmac.digest` on short texts."""

    def __init__(self, key: bytes) -> None:
        # RFC 2104: a key longer than the hash's block of 64 bytes is hashed, a shorter one filled with zeros.
        block = (hashlib.sha256(key).digest() if len(key) > 64 else key).ljust(64, b"\0")
        # 0x36 and 0x5C are the inner and the outer pad of RFC 2104.
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))

    def mac(self, message: bytes) -> str:
        # Copies, because `update` changes a hash object and the key blocks serve every message.
        inner = self._inner.copy()
        inner.update(message)
        outer = self._outer.copy()
        outer.update(inner.digest())
        return outer.hexdigest()


# Cached, because hashing the key blocks anew for every entry would undo what ChainKey saves.
@lru_cache(maxsize=8)
def chain_key(key: bytes) -> ChainKey:
    return ChainKey(key)


def message_of(  # plain values: it runs once per entry of millions, and names would cost a third more
    seq: int, micros: int, tag: str, actor: str, subject: str, operation: int | None, detail: str, prev: str
) -> bytes:
    """Returns the bytes that a hash covers: every column, numbers as Python writes them, texts after their length.

    No two different rows give the same bytes. `!r` keeps a number apart from a text that looks like one.
    """
    return (
        f"{seq!r},{micros!r},{operation!r},{len(tag)}:{tag}{len(actor)}:{actor}"
        f"{len(subject)}:{subject}{len(detail)}:{detail}{len(prev)}:{prev}"
    ).encode()


def link(key: bytes, head: Head, new: NewEntry, at: datetime, pseudonym: "Pseudonyms") -> AuditEntry:
    """Returns the entry that follows `head` in the chain."""
    seq, tag, detail = head.seq + 1, new.tag.value, canonical(new.detail)
    actor, subject = pseudonym.of(new.actor), pseudonym.of(new.subject)
    micros = (at - _EPOCH) // _MICROSECOND
    message = message_of(seq, micros, tag, actor, subject, new.operation, detail, head.hash)
    digest = chain_key(key).mac(message)
    return AuditEntry(seq, at, tag, actor, subject, new.operation, detail, head.hash, digest)


class Pseudonyms:
    """Keyed pseudonyms: with a name one can search the log for it, but nobody can read a name out of the log."""

    def __init__(self, key: bytes) -> None:
        self._key = ChainKey(key)

    def of(self, name: str) -> str:
        if not name:
            return ""
        # surrogatepass: strict UTF-8 refuses half of a surrogate pair, and every name must get a pseudonym.
        return "p" + self._key.mac(name.encode(errors="surrogatepass"))[:24]


class Flaw(StrEnum):
    """What is wrong with the first entry that does not hold."""

    MISSING = "missing"
    STRAY = "stray"
    """An entry whose number has no place in the chain lies before it."""
    UNLINKED = "unlinked"
    """Its `prev` is not the hash of the entry before it."""
    CHANGED = "changed"
    """Its content does not match its hash."""
    OFF_ANCHOR = "off_anchor"
    """It differs from an anchor that was kept outside the database."""
    HEAD = "head"
    """The stored head and the last entry disagree."""
    CUT = "cut"
    """An anchor names a later entry than the log has: the end of the log was cut off."""
    BAD_ANCHOR = "bad_anchor"
    """An anchor names an entry before the first."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of a walk over the log."""

    entries: int
    """The number of entries that hold, counted from the first."""
    head: Head
    """The last entry that holds."""
    bad_seq: int | None = None
    """The first entry that does not hold."""
    flaw: Flaw | None = None

    @property
    def holds(self) -> bool:
        return self.bad_seq is None


def is_sound(key: bytes, row: Row) -> bool:
    """Returns whether an entry's content matches its hash; `verify` checks its place in the chain."""
    *content, digest = row
    try:
        return chain_key(key).mac(message_of(*content)) == digest  # type: ignore[arg-type]  # a row's columns
    except (TypeError, UnicodeEncodeError):  # a column of a wrong type is a change like any other
        return False


def verify(key: bytes, rows: Iterable[Row], head: Head, anchors: Iterable[Head] = ()) -> Verdict:
    """Walk the chain from entry 1 to the stored head, reading each entry once and keeping none.

    An anchor may give the full hash or its first digits; one with fewer than SHORTEST_ANCHOR digits never fits.
    """
    wanted = _by_seq(anchors)
    mac = chain_key(key).mac
    last, last_hash = 0, GENESIS
    for seq, micros, tag, actor, subject, operation, detail, prev, digest in rows:
        # The same test as `is_sound`, written out because the loop runs over millions of entries.
        try:
            holds = mac(message_of(seq, micros, tag, actor, subject, operation, detail, prev)) == digest
        except (TypeError, UnicodeEncodeError):  # a column of a wrong type is a change like any other
            holds = False
        # In this order, because an entry with a wrong number or link fails its hash too, and that says less.
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
    """Returns whether a wrong number belongs to a later entry, so that the entry in between is gone."""
    # `object` and the exact type: a row that was tampered with may hold a value of any type.
    return type(seq) is int and seq > last + 1


def _by_seq(anchors: Iterable[Head]) -> dict[int, set[str]]:
    wanted: dict[int, set[str]] = defaultdict(set)
    for anchor in anchors:
        if anchor != Head():  # the head of an empty log names no entry
            wanted[anchor.seq].add(anchor.hash)
    return dict(wanted)


def _fits(digest: str, anchor: str) -> bool:
    return len(anchor) >= SHORTEST_ANCHOR and digest.startswith(anchor)


def _end_of_walk(last: Head, stored: Head, wanted: Mapping[int, set[str]]) -> Verdict:
    """Check that the entries, which hold one by one, are all the entries there were."""
    if last != stored:
        # With equal numbers the hashes differ; else the first entry that only one of the two knows is bad.
        bad = last.seq if last.seq == stored.seq else min(last.seq, stored.seq) + 1
        return Verdict(last.seq, last, bad, Flaw.HEAD)
    if max(wanted, default=0) > last.seq:
        return Verdict(last.seq, last, last.seq + 1, Flaw.CUT)
    if any(seq < 1 for seq in wanted):
        return Verdict(last.seq, last, 1, Flaw.BAD_ANCHOR)
    return Verdict(last.seq, last)
