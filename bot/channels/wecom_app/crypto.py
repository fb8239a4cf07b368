"""Checks and opens WeCom's envelope: a SHA-1 signature over sorted parts, and AES-256-CBC with 32-byte padding.

Source: documents, path/90968. wechatpy decrypts. Its own unpacking checks no padding and raises seven kinds of
exceptions, so the bytes are unpacked here, and every fault is a `CallbackRefused`.
"""

import base64
import binascii
import hashlib
import hmac

from wechatpy.enterprise.crypto import PrpCrypto

from bot.channels.wecom_app.errors import CallbackRefused
from config.settings import decode_aes_key

BLOCK = 32
"""WeCom pads to a multiple of 32 bytes, although AES itself has blocks of 16."""

# The plain text is 16 random bytes, the length of the message as four bytes, the message, the receiver.
_RANDOM = 16
_LENGTH = 4


def sign(*parts: str) -> str:
    """Returns the SHA-1 of the sorted parts, joined without a separator, as hex digits."""
    joined = "".join(sorted(parts)).encode()
    # WeCom prescribes SHA-1; without this mark, Python builds with restricted hashes refuse it.
    return hashlib.sha1(joined, usedforsecurity=False).hexdigest()


class Envelope:
    """The envelope of one app: its token signs, its AES key encrypts."""

    def __init__(self, token: str, aes_key: str, receive_id: str) -> None:
        self._token = token
        self._cipher = PrpCrypto(decode_aes_key(aes_key)).cipher
        self._receive_id = receive_id.encode()

    def is_signed(self, signature: str, timestamp: str, nonce: str, sealed: str) -> bool:
        expected = sign(self._token, timestamp, nonce, sealed)
        return hmac.compare_digest(expected.encode(), signature.encode())  # in constant time

    def decode(self, sealed: str) -> bytes:
        """Returns the ciphertext: whole blocks of 32 bytes, from strict base64 in its only spelling."""
        try:
            raw = base64.b64decode(sealed, validate=True)
        except (binascii.Error, ValueError):
            raise CallbackRefused("base64") from None
        # The last character may hold bits that base64 ignores, so the same bytes could be spelt differently.
        if not raw or len(raw) % BLOCK or base64.b64encode(raw).decode() != sealed:
            raise CallbackRefused("base64")
        return raw

    def decrypt(self, raw: bytes) -> bytes:
        """Returns the message. Every byte of the padding, the length and the receiver are checked."""
        return self._unpack(self._cipher.decrypt(raw))

    def _unpack(self, plain: bytes) -> bytes:
        pad = plain[-1]
        if not 1 <= pad <= BLOCK or not hmac.compare_digest(plain[-pad:], bytes([pad]) * pad):
            raise CallbackRefused("padding")
        content = plain[_RANDOM:-pad]
        end = _LENGTH + int.from_bytes(content[:_LENGTH], "big")
        if len(content) < _LENGTH or end > len(content):
            raise CallbackRefused("length")
        if not hmac.compare_digest(content[end:], self._receive_id):  # sealed for another company
            raise CallbackRefused("receiver")
        return content[_LENGTH:end]
