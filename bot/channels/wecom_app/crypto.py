"""WeCom's envelope: SHA-1 signature over sorted parts, AES-256-CBC with 32-byte padding (documents,
path/90968).

wechatpy does the AES. Its own unpacking checks no padding and throws seven kinds of exceptions, so bytes are
unpacked here, and every fault is one `CallbackRefused`.
"""

import base64
import binascii
import hashlib
import hmac

from wechatpy.enterprise.crypto import PrpCrypto

from bot.channels.wecom_app.errors import CallbackRefused
from config.settings import decode_aes_key

BLOCK = 32
"""WeCom pads to 32 bytes, although AES itself has blocks of 16."""

_RANDOM = 16
_LENGTH = 4


def sign(*parts: str) -> str:
    """SHA-1 over the sorted parts, joined without a separator."""
    joined = "".join(sorted(parts)).encode()
    return hashlib.sha1(joined, usedforsecurity=False).hexdigest()


class Envelope:
    """Checks and opens what WeCom sealed for one app."""

    def __init__(self, token: str, aes_key: str, receive_id: str) -> None:
        self._token = token
        self._cipher = PrpCrypto(decode_aes_key(aes_key)).cipher
        self._receive_id = receive_id.encode()

    def is_signed(self, signature: str, timestamp: str, nonce: str, sealed: str) -> bool:
        expected = sign(self._token, timestamp, nonce, sealed)
        return hmac.compare_digest(expected.encode(), signature.encode())

    def decode(self, sealed: str) -> bytes:
        """The ciphertext; strict base64 in its one spelling, whole blocks of 32."""
        try:
            raw = base64.b64decode(sealed, validate=True)
        except (binascii.Error, ValueError):
            raise CallbackRefused("base64") from None
        if not raw or len(raw) % BLOCK or base64.b64encode(raw).decode() != sealed:
            raise CallbackRefused("base64")
        return raw

    def decrypt(self, raw: bytes) -> bytes:
        """The message inside; every byte of padding, the length and the receiver are checked."""
        return self._unpack(self._cipher.decrypt(raw))

    def _unpack(self, plain: bytes) -> bytes:
        pad = plain[-1]
        if not 1 <= pad <= BLOCK or not hmac.compare_digest(plain[-pad:], bytes([pad]) * pad):
            raise CallbackRefused("padding")
        content = plain[_RANDOM:-pad]
        end = _LENGTH + int.from_bytes(content[:_LENGTH], "big")
        if len(content) < _LENGTH or end > len(content):
            raise CallbackRefused("length")
        if not hmac.compare_digest(content[end:], self._receive_id):
            raise CallbackRefused("receiver")
        return content[_LENGTH:end]
