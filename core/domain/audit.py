"""The log as a keyed hash chain: one entry, what its hash covers, and the walk that finds the first bad one."""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

GENESIS = "0" * 64
"""The `prev` of entry 1."""


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
    OPERATION_EXPIRED = "job:operation:expired"
    OPERATION_INTENT = "worker:operation:intent"
    OPERATION_REOPENED = "worker:operation:reopened"
    OPERATION_STALE = "worker:operation:stale"
    OPERATION_FINISHED = "worker:operation:finished"
    OPERATION_UNDONE = "worker:operation:undone"
    BACKUP_WRITTEN = "worker:backup:written"
    BACKUP_FAILED = "worker:backup:failed"
    TARGET_OUTCOME = "worker:target:outcome"
    REMINDER_SENT = "job:reminder:sent"
    REMINDER_ANSWERED = "chat:reminder:answered"
    PERSON_JOINED = "chat:person:joined"
    PERSON_LEFT = "chat:person:left"
    ROLES_LOADED = "config:roles:loaded"
    SETTINGS_LOADED = "config:settings:loaded"
    POLICY_LOADED = "config:policy:loaded"
    RECORDS_IMPORTED = "cli:records:imported"
    BACKUP_RESTORED = "cli:backup:restored"
    MENU_CREATED = "cli:menu:created"


Detail = Mapping[str, str | int | bool | list[str] | None]


@dataclass(frozen=True, slots=True)
class Event:
    """What a service wants logged; the chain gives it its place."""

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
        return f"{self.seq}:{self.hash[:12]}"


def canonical(detail: Detail | None) -> str:
    return json.dumps(detail or {}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def entry_hash(
    key: bytes,
    *,
    seq: int,
    at: datetime,
    tag: str,
    actor: str,
    subject: str,
    operation: int | None,
    detail: str,
    prev: str,
) -> str:
    """HMAC-SHA256 over every column, each with its length in front: no two different rows give the same bytes."""
    mac = hmac.new(key, digestmod=hashlib.sha256)
    micros = int(at.astimezone(UTC).timestamp()) * 1_000_000 + at.microsecond
    for part in (
        str(seq),
        str(micros),
        tag,
        actor,
        subject,
        "" if operation is None else str(operation),
        detail,
        prev,
    ):
        raw = part.encode()
        mac.update(len(raw).to_bytes(8, "big"))
        mac.update(raw)
    return mac.hexdigest()


def link(key: bytes, head: Head, event: Event, at: datetime, pseudonym: "Pseudonyms") -> AuditEntry:
    """The entry that follows `head`."""
    seq, detail = head.seq + 1, canonical(event.detail)
    actor, subject = pseudonym.of(event.actor), pseudonym.of(event.subject)
    digest = entry_hash(
        key,
        seq=seq,
        at=at,
        tag=event.tag,
        actor=actor,
        subject=subject,
        operation=event.operation,
        detail=detail,
        prev=head.hash,
    )
    return AuditEntry(seq, at, event.tag, actor, subject, event.operation, detail, head.hash, digest)


class Pseudonyms:
    """Keyed names: the log can be searched for a known person or record, and tells nobody else who it was."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, name: str) -> str:
        if not name:
            return ""
        return "p" + hmac.new(self._key, name.encode(), hashlib.sha256).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a walk found. `bad_seq` is the first entry that does not hold."""

    entries: int
    head: Head
    bad_seq: int | None = None
    why: str = ""

    @property
    def holds(self) -> bool:
        return self.bad_seq is None


def verify(key: bytes, entries: Iterable[AuditEntry], head: Head, anchors: Iterable[Head] = ()) -> Verdict:
    """Walk the chain from entry 1 to the stored head. Reads each entry once, keeps none."""
    wanted = {anchor.seq: anchor.hash for anchor in anchors if anchor.seq}
    last = Head()
    for entry in entries:
        if entry.seq != last.seq + 1:
            return Verdict(last.seq, last, last.seq + 1, f"entry {last.seq + 1} is missing")
        if entry.prev != last.hash:
            return Verdict(last.seq, last, entry.seq, "it does not follow the entry before it")
        digest = entry_hash(
            key,
            seq=entry.seq,
            at=entry.at,
            tag=entry.tag,
            actor=entry.actor,
            subject=entry.subject,
            operation=entry.operation,
            detail=entry.detail,
            prev=entry.prev,
        )
        if not hmac.compare_digest(digest, entry.hash):
            return Verdict(last.seq, last, entry.seq, "its content does not match its hash")
        if wanted.get(entry.seq, entry.hash) != entry.hash:
            return Verdict(last.seq, last, entry.seq, "it differs from the anchor kept outside")
        last = Head(entry.seq, entry.hash)
    if last != head:
        return Verdict(
            last.seq,
            last,
            min(last.seq, head.seq) + 1,
            f"the stored head is {head.short}, the last entry {last.short}",
        )
    missing = sorted(seq for seq in wanted if seq > last.seq)
    if missing:
        return Verdict(last.seq, last, last.seq + 1, f"the tail is cut: an anchor knows entry {missing[-1]}")
    return Verdict(last.seq, last)
