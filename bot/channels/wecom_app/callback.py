"""The door of the bot: bytes of a callback → `Incoming`. No I/O and no clock of its own.

What is checked, in this order: query, envelope, signature (constant time, before anything is decrypted),
base64, padding, receiver, freshness, inner XML, company, freshness of the time *inside*, app. Every failure
is one `CallbackRefused`, answered after the same time (`bot/channels/wecom_app/views.py`): with the Token leaked,
answers that differ by cause would let a stranger forge messages without the AES key.

The signature joins its parts without separators, so one signature fits several splits of timestamp and
nonce: a repeat is recognised by `Opened.signature`, never by timestamp and nonce.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import unquote

from bot.channels.wecom_app.address import chat_of
from bot.channels.wecom_app.contents import EVENT, READ, content_of, kind_of
from bot.channels.wecom_app.crypto import Envelope
from bot.channels.wecom_app.errors import CallbackRefused
from bot.channels.wecom_app.xml import Fields, read_xml
from core.domain.incoming import Incoming, Unknown
from core.domain.people import person_id

WINDOW = timedelta(seconds=300)
"""How far a callback's times may be from ours, either way; WeCom's own retries fall well inside."""

MAX_BODY = 64 * 1024

Query = str | Mapping[str, str]

_SIGNED = ("msg_signature", "timestamp", "nonce")
_OUTER = frozenset({"ToUserName", "AgentID", "Encrypt"})
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
    """msg_signature: seen again within the window, it is the same request again."""


class CallbackDoor:
    """Opens the callbacks of one app. ValueError at birth for a bad EncodingAESKey."""

    def __init__(self, token: str, aes_key: str, corp_id: str, agent_id: int | str) -> None:
        self._envelope = Envelope(token, aes_key, corp_id)
        self._corp_id = corp_id
        self._agent_id = str(agent_id)

    def verify_url(self, query: Query) -> str:
        """The text WeCom wants echoed when an administrator saves the callback address (path/90930).

        A captured callback fits this signature too, so anything that looks like a message is not echoed.
        """
        asked = _read_query(query, (*_SIGNED, "echostr"))
        return _echo(self._unseal(asked, asked["echostr"]))

    def open(self, body: bytes, query: Query, now: datetime) -> Opened:
        """One verified callback. CallbackRefused, always the same, for all that is not."""
        asked = _read_query(query, _SIGNED)
        message = self._unseal(asked, _sealed_part(body))
        _check_fresh(asked["timestamp"], now)
        return Opened(self._incoming(message, Fields(read_xml(message), READ), now), asked["msg_signature"])

    def _unseal(self, asked: Mapping[str, str], sealed: str) -> bytes:
        if not self._envelope.is_signed(asked["msg_signature"], asked["timestamp"], asked["nonce"], sealed):
            raise CallbackRefused("signature")
        return self._envelope.decrypt(self._envelope.decode(sealed))

    def _incoming(self, message: bytes, fields: Fields, now: datetime) -> Incoming:
        if fields.text("ToUserName") != self._corp_id:
            raise CallbackRefused("company")
        sent_at = _check_fresh(fields.text("CreateTime"), now)
        userid = _userid(fields.text("FromUserName"))
        content = content_of(fields)
        # Events we do nothing with may belong to another app: approval forms come with the approval app's id.
        if not isinstance(content, Unknown) and fields.get("AgentID") not in (None, self._agent_id):
            raise CallbackRefused("app")
        digest = sha256(message).hexdigest()
        return Incoming(
            key=_message_key(fields, digest),
            address=chat_of(userid),
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
    """Exactly these names, each once, each in its form. `+` stays `+`: base64 arrives here."""
    pairs = _pairs(query) if isinstance(query, str) else list(query.items())
    asked = dict(pairs)
    if len(pairs) != len(names) or set(asked) != set(names) or not all(map(str.isascii, asked.values())):
        raise CallbackRefused("query")
    if not (
        _SIGNATURE.fullmatch(asked["msg_signature"])
        and _SECONDS.fullmatch(asked["timestamp"])
        and _NONCE.fullmatch(asked["nonce"])
    ):
        raise CallbackRefused("query")
    return asked


def _pairs(query: str) -> list[tuple[str, str]]:
    pairs = []
    for part in query.split("&", 8):
        name, _, value = part.partition("=")
        try:
            pairs.append((name, unquote(value, errors="strict")))
        except UnicodeDecodeError:
            raise CallbackRefused("query") from None
    return pairs


def _sealed_part(body: bytes) -> str:
    """The `<Encrypt>` of the envelope. Its ToUserName and AgentID are signed by nobody and not looked at."""
    if len(body) > MAX_BODY:
        raise CallbackRefused("too large")
    outer = read_xml(body)
    if any(child.name not in _OUTER for child in outer.children):
        raise CallbackRefused("unexpected node")
    return Fields(outer, _OUTER).text("Encrypt")


def _check_fresh(seconds: str, now: datetime) -> datetime:
    if _SECONDS.fullmatch(seconds) is None:
        raise CallbackRefused("time")
    if abs(int(seconds) - now.timestamp()) > WINDOW.total_seconds():
        raise CallbackRefused("stale")
    return datetime.fromtimestamp(int(seconds), UTC)


def _userid(text: str) -> str:
    """Its canonical form can be many times as long: ﷺ is eighteen letters to Unicode."""
    if len(text.encode()) > _MAX_USERID_BYTES or not text.isprintable():
        raise CallbackRefused("sender")
    if not 0 < len(person_id(text)) <= _MAX_USERID_BYTES:
        raise CallbackRefused("sender")
    return text


def _message_key(fields: Fields, digest: str) -> str:
    """MsgId for messages; events have none, and two real events of one person fall into one second."""
    message_id = fields.get("MsgId")
    if kind_of(fields) == EVENT or message_id is None:
        return f"e:{digest}"
    if _MESSAGE_ID.fullmatch(message_id) is None:
        raise CallbackRefused("message id")
    return f"m:{message_id}"
