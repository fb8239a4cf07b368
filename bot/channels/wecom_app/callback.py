"""Checks the bytes of a callback and turns them into an `Incoming`. It does no I/O and has no clock of its own.

The checks, in this order: query, envelope, signature (in constant time, before anything is decrypted), base64,
padding, receiver, freshness, inner XML, company, the time *inside*, app. Every failure is a `CallbackRefused`,
answered alike and after the same time (`bot/channels/wecom_app/views.py`). If answers differed by cause, somebody
who knows the Token could forge messages without the AES key. A message that passed them and cannot be understood
is taken as `Unreadable`, because its sender waits for an answer.

The signature joins its parts without separators, so one signature fits several splits of timestamp and nonce.
Therefore a repeat is recognised by `Opened.signature`, never by timestamp and nonce.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import unquote

from bot.channels.wecom_app.address import chat_of
from bot.channels.wecom_app.contents import READ, content_of, is_event
from bot.channels.wecom_app.crypto import Envelope
from bot.channels.wecom_app.errors import CallbackRefused
from bot.channels.wecom_app.xml import Fields, read_xml
from core.domain.address import Address
from core.domain.incoming import Incoming, Unknown

WINDOW = timedelta(seconds=300)
"""How far the time of a callback may be from ours, in either direction; WeCom's own retries come well within."""
LATE = timedelta(days=2)
"""How late a message may be delivered; its key is remembered for longer (`KEEP_INBOX`), so a repeat is known."""

MAX_BODY = 1024 * 1024
"""The events of long approval forms are by far the largest callbacks."""
MAX_PARAMETERS = 64

Query = str | Mapping[str, str]

_SIGNED = ("msg_signature", "timestamp", "nonce")
_OUTER = frozenset({"Encrypt"})
"""The node of the envelope that is read: ToUserName and AgentID beside it are not signed."""
_SIGNATURE = re.compile(r"[0-9a-f]{40}")
_SECONDS = re.compile(r"[0-9]{1,12}")
_NONCE = re.compile(r"[0-9A-Za-z._~-]{1,128}")
_MESSAGE_ID = re.compile(r"[0-9]{1,20}")
_MAX_USERID_BYTES = 64
_MAX_ECHO_BYTES = 256


@dataclass(frozen=True, slots=True)
class Opened:
    """A callback that passed every check."""

    incoming: Incoming
    signature: str
    """The msg_signature. A callback with the same one is a repeat of this request."""


class CallbackDoor:
    """Opens the callbacks of one app. The constructor raises ValueError for a bad EncodingAESKey."""

    def __init__(self, token: str, aes_key: str, corp_id: str, agent_id: int | str) -> None:
        self._envelope = Envelope(token, aes_key, corp_id)
        self._corp_id = corp_id
        self._agent_id = str(agent_id)

    def verify_url(self, query: Query) -> str:
        """Returns the text to echo when an administrator saves the callback address (path/90930).

        The signature of a captured callback fits here too, so whatever looks like a message is refused and not
        decrypted for a stranger. Raises CallbackRefused.
        """
        asked = _read_query(query, (*_SIGNED, "echostr"))
        return _echo(self._unseal(asked, asked["echostr"]))

    def open(self, body: bytes, query: Query, now: datetime) -> Opened:
        """Returns a callback that passed every check. Raises CallbackRefused for any other."""
        asked = _read_query(query, _SIGNED)
        message = self._unseal(asked, _sealed_part(body))
        _check_fresh(asked["timestamp"], now)
        return Opened(self._incoming(message, Fields(read_xml(message), READ), now), asked["msg_signature"])

    def _unseal(self, asked: Mapping[str, str], sealed: str) -> bytes:
        # Before anything is decrypted, so that a stranger without the Token never reaches the cipher.
        if not self._envelope.is_signed(asked["msg_signature"], asked["timestamp"], asked["nonce"], sealed):
            raise CallbackRefused("signature")
        return self._envelope.decrypt(self._envelope.decode(sealed))

    def _incoming(self, message: bytes, fields: Fields, now: datetime) -> Incoming:
        if fields["ToUserName"] != self._corp_id:
            raise CallbackRefused("company")
        # The time inside is encrypted: unlike the query's, it cannot be changed with the Token alone.
        sent_at = _check_fresh(fields["CreateTime"], now, LATE)
        userid = fields["FromUserName"]
        address = _address(userid)
        content = content_of(fields)
        # Unknown events may carry another app's id: approval forms come with that of WeCom's approval app.
        if not isinstance(content, Unknown) and fields.optional("AgentID") not in (None, "", self._agent_id):
            raise CallbackRefused("app")
        digest = sha256(message).hexdigest()
        return Incoming(
            key=_message_key(fields, digest),
            address=address,
            sender_userid=userid,
            sent_at=sent_at,
            content=content,
            raw_hash=digest,
        )


def _echo(message: bytes) -> str:
    try:
        echo = message.decode()
    except UnicodeDecodeError:
        raise CallbackRefused("echo") from None
    if len(message) > _MAX_ECHO_BYTES or "<" in echo or not echo.isprintable():
        raise CallbackRefused("echo")
    return echo


def _read_query(query: Query, names: tuple[str, ...]) -> dict[str, str]:
    """Returns the parameters with these names, each once and well-formed. Others are ignored: proxies add some.

    A `+` stays a `+`, because base64 arrives here.
    """
    pairs = _pairs(query, names) if isinstance(query, str) else list(query.items())
    ours = [(name, value) for name, value in pairs if name in names]
    asked = dict(ours)
    if len(ours) != len(names) or len(asked) != len(names) or not all(map(str.isascii, asked.values())):
        raise CallbackRefused("query")
    if not (
        _SIGNATURE.fullmatch(asked["msg_signature"])
        and _SECONDS.fullmatch(asked["timestamp"])
        and _NONCE.fullmatch(asked["nonce"])
    ):
        raise CallbackRefused("query")
    return asked


def _pairs(query: str, names: tuple[str, ...]) -> list[tuple[str, str]]:
    pairs = []
    for part in query.split("&", MAX_PARAMETERS):  # what is behind these stays part of the last one
        name, _, value = part.partition("=")
        if name not in names:  # somebody else's, in whatever encoding
            continue
        try:
            pairs.append((name, unquote(value, errors="strict")))
        except UnicodeDecodeError:
            raise CallbackRefused("query") from None
    return pairs


def _sealed_part(body: bytes) -> str:
    if len(body) > MAX_BODY:
        raise CallbackRefused("too large")
    return Fields(read_xml(body), _OUTER)["Encrypt"]


def _check_fresh(seconds: str, now: datetime, late: timedelta = WINDOW) -> datetime:
    """Returns the moment, which may be `late` in the past, and a little in the future by another clock."""
    if _SECONDS.fullmatch(seconds) is None:
        raise CallbackRefused("time")
    if not -late.total_seconds() <= int(seconds) - now.timestamp() <= WINDOW.total_seconds():
        raise CallbackRefused("stale")
    return datetime.fromtimestamp(int(seconds), UTC)


def _address(userid: str) -> Address:
    """Returns the sender's chat, when their user id and its canonical form have a possible length.

    The canonical form can be many times as long: Unicode expands ﷺ to eighteen letters.
    """
    if len(userid.encode()) > _MAX_USERID_BYTES or not userid.isprintable():
        raise CallbackRefused("sender")
    chat = chat_of(userid)
    if not 0 < len(chat.person) <= _MAX_USERID_BYTES:
        raise CallbackRefused("sender")
    return chat


def _message_key(fields: Fields, digest: str) -> str:
    """Returns the message key: the MsgId of a message, or a hash over the whole of an event, which has none.

    WeCom advises sender and second for events, but one person can cause two events within a second.
    """
    message_id = fields.get("MsgId", "")
    if is_event(fields) or _MESSAGE_ID.fullmatch(message_id) is None:
        return f"e:{digest}"
    return f"m:{message_id}"
