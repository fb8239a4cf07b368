"""Button keys: the typed value that a tapped button sends back, packed and signed with a key only the bot has.

WeCom's encryption proves where a callback comes from. The signature proves that the bot drew exactly this button
for this person.
"""

import base64
import binascii
import hashlib
import hmac
import struct
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum, unique

from cards.parts import KEY_BYTES
from core.domain.errors import VoidbotError
from core.domain.fingerprint import Fingerprint
from core.domain.operation.operation import Operation
from core.domain.outbox import CardName
from core.domain.people import PersonId

_VERSION = 1
# Version, press, operation, round, expiry, first half of the fingerprint.
_HEAD = struct.Struct(">BBQIq16s")
_MAC_BYTES = 32
_NO_FINGERPRINT = bytes(16)


class BadKey(VoidbotError):
    """A text is no valid button key: it is garbled or cut, or another bot or another version made it."""


@unique
class Press(Enum):
    """What a tap asks for. Cards already sent hold the numbers, so a number must never get a new meaning."""

    CONFIRM = 1
    CANCEL = 2
    APPROVE = 3
    REJECT = 4
    UNDO = 5
    RUN = 6
    WITHDRAW = 7
    NUDGE = 8
    KEEP = 9
    """保留客户: the records have changed, and the request is dropped."""
    ASK_AGAIN = 10
    """仍要作废: the records have changed, and the approvers are asked once more."""
    PICK = 11
    ARCHIVE_INSTEAD = 12
    FOLLOW_UP_PICK = 13
    CONTACTED = 14
    SNOOZE = 15
    FOLLOW_UP_VOID = 16


class Validity(Enum):
    OK = "ok"
    WRONG_PERSON = "wrong_person"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class ButtonKey:
    """The content of a button key: which person may press what, about which operation as shown, and until when."""

    press: Press
    person: PersonId
    expires: datetime
    """The end of validity in UTC, to whole seconds."""
    operation: int = 0
    """The number of the operation; 0 when the button is about none."""
    fingerprint: str = ""
    """The first 32 hex digits of the operation's fingerprint, or ""."""
    round: int = 0
    ref: str = ""
    """The id of a prompt or the number of a record."""

    def valid_for(self, person: PersonId, now: datetime) -> Validity:
        if person != self.person:
            return Validity.WRONG_PERSON
        return Validity.EXPIRED if now >= self.expires else Validity.OK

    def matches(self, fingerprint: Fingerprint, round_: int) -> bool:
        """Returns whether the operation is still as the card showed it."""
        return self.round == round_ and hmac.compare_digest(self.fingerprint, fingerprint[:32])


class KeyRing:
    """Packs and unpacks button keys. `key` is derived for this use alone (`core/vault/keys.py`).

    `pack` raises ValueError for a value that cannot be packed; `unpack` raises BadKey.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) < 32:
            raise ValueError("the key that signs buttons has at least 32 bytes")
        self._key = key

    def pack(self, key: ButtonKey) -> str:
        """Returns the key as URL-safe text of at most 1024 bytes."""
        raw = _HEAD.pack(
            _VERSION,
            key.press.value,
            key.operation,
            key.round,
            int(key.expires.timestamp()),
            bytes.fromhex(key.fingerprint) if key.fingerprint else _NO_FINGERPRINT,
        )
        raw += _framed(key.person) + _framed(key.ref)
        text = base64.urlsafe_b64encode(raw + self._mac(raw)).rstrip(b"=").decode()
        if len(text) > KEY_BYTES:
            raise ValueError("a button key has at most 1024 bytes")
        return text

    def unpack(self, text: str) -> ButtonKey:
        if len(text) > KEY_BYTES:
            raise BadKey("longer than any key of ours")
        # `pack` strips the padding, so it is put back; `validate` refuses signs that Python would skip.
        try:
            whole = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), b"-_", validate=True)
        except (UnicodeEncodeError, binascii.Error, ValueError):
            raise BadKey("not base64") from None
        # Nothing is read from the bytes before the signature holds. The comparison takes constant time, so that
        # its duration tells nothing about the right signature.
        raw, mac = whole[:-_MAC_BYTES], whole[-_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(raw)):
            raise BadKey("not signed by us")
        # The last character may hold bits that base64 ignores; only one spelling of a key is accepted.
        if base64.urlsafe_b64encode(whole).rstrip(b"=").decode() != text:
            raise BadKey("not in its one spelling")
        return _read(raw)

    def for_card(
        self,
        person: PersonId,
        expires: datetime,
        *,
        operation: int = 0,
        fingerprint: Fingerprint | None = None,
        round_: int = 0,
        ref: str = "",
    ) -> "CardKeys":
        """Returns the keys for the buttons of one card to one person."""
        seen = fingerprint[:32] if fingerprint else ""
        # CANCEL is only a placeholder: `CardKeys.of` puts in the press of each button.
        # Without microseconds, which the packed form does not keep.
        base = ButtonKey(Press.CANCEL, person, expires.replace(microsecond=0), operation, seen, round_, ref)
        return CardKeys(self, base)

    def _mac(self, raw: bytes) -> bytes:
        return hmac.digest(self._key, raw, hashlib.sha256)


@dataclass(frozen=True, slots=True)
class CardKeys:
    """The keys of one card: all its buttons share everything except the press."""

    ring: KeyRing
    base: ButtonKey

    def of(self, press: Press) -> str:
        return self.ring.pack(replace(self.base, press=press))


def task_id(card: CardName, person: PersonId, subject: int | str, made_at: datetime, round_: int = 1) -> str:
    """Returns the fixed task id of a card: the same when it is sent again, another one for every other card.

    `subject` is the operation's number, or the id of a prompt or digest. `made_at` is the moment when that was
    made: WeCom never forgets a task id, and a new database counts operations from one again. All parts are
    hashed, because a user id may hold signs that a task id may not.
    """
    parts = (card.value, person, str(subject), made_at.astimezone(UTC).isoformat(), str(round_))
    digest = hashlib.sha256(b"".join(_framed(part) for part in parts)).hexdigest()
    return f"{card.value}-{digest[:32]}"


def operation_task(card: CardName, person: PersonId, operation: Operation) -> str:
    """Returns the task id of this card of a person in the round in which the operation is."""
    return task_id(card, person, operation.number, operation.created_at, operation.round)


def _framed(text: str) -> bytes:
    """Returns the text after its length, so that no two different lists give the same bytes."""
    raw = text.encode()
    return len(raw).to_bytes(2, "big") + raw


def _read(raw: bytes) -> ButtonKey:
    """Read the bytes that the bot has signed. Raises BadKey when another version signed them in another form."""
    try:
        version, press, operation, round_, expires, seen = _HEAD.unpack_from(raw)
        if version != _VERSION:
            raise BadKey("of another version")
        person, rest = _unframed(raw[_HEAD.size :])
        ref, rest = _unframed(rest)
        if rest:
            raise BadKey("too long")
        return ButtonKey(
            press=Press(press),
            person=PersonId(person),
            expires=datetime.fromtimestamp(expires, UTC),
            operation=operation,
            fingerprint="" if seen == _NO_FINGERPRINT else seen.hex(),
            round=round_,
            ref=ref,
        )
    except (struct.error, ValueError, OverflowError):
        raise BadKey("of another form") from None


def _unframed(raw: bytes) -> tuple[str, bytes]:
    size = int.from_bytes(raw[:2], "big")
    if len(raw) < 2 + size:
        raise ValueError("cut short")
    return raw[2 : 2 + size].decode(), raw[2 + size :]
