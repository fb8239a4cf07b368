"""WeCom's signature and AES envelope, from the platform's side (path/90968).

Written apart from the bot's own reading of the same page, on purpose: two hands that agree prove more.
"""

import base64
import binascii
import hashlib
import secrets
import struct
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32


class Unreadable(Exception):
    """A sealed text that does not open: bad base64, length, padding, UTF-8 or receive id."""


def signature(token: str, timestamp: str, nonce: str, sealed: str) -> str:
    """SHA-1 hex over the four values sorted as bytes and joined without a sign between."""
    joined = b"".join(sorted(part.encode() for part in (token, timestamp, nonce, sealed)))
    return hashlib.sha1(joined).hexdigest()  # noqa: S324 - the platform's algorithm


def key_bytes(encoding_aes_key: str) -> bytes:
    """The 32 key bytes. The last character carries two unused bits, so decoding is lenient about them."""
    if len(encoding_aes_key) != 43 or not encoding_aes_key.isalnum() or not encoding_aes_key.isascii():
        raise ValueError("EncodingAESKey must be 43 letters and digits")
    return base64.b64decode(encoding_aes_key + "=")


@dataclass(frozen=True, slots=True)
class Envelope:
    """One sealed text with what signs it; timestamp and nonce are strings, as they travel."""

    sealed: str
    signature: str
    timestamp: str
    nonce: str


class Seal:
    """Seals and opens texts for one corp; `receiveid` is the corp id for an app of its own."""

    def __init__(self, token: str, encoding_aes_key: str, receiveid: str) -> None:
        self.token = token
        self._receiveid = receiveid.encode()
        key = key_bytes(encoding_aes_key)
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16]))

    def encrypt(self, text: str, random16: bytes | None = None) -> str:
        message = text.encode()
        head = random16 or secrets.token_hex(8).encode()
        plain = head + struct.pack(">I", len(message)) + message + self._receiveid
        pad = BLOCK - len(plain) % BLOCK
        encryptor = self._cipher.encryptor()
        return base64.b64encode(encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()).decode()

    def decrypt(self, sealed: str) -> str:
        """The inner text; raises Unreadable for every kind of damage and for another corp's receive id."""
        try:
            raw = base64.b64decode(sealed, validate=True)
        except (binascii.Error, ValueError) as error:
            raise Unreadable("not base64") from error
        if not raw or len(raw) % 16:
            raise Unreadable("length is no multiple of the AES block")
        decryptor = self._cipher.decryptor()
        plain = decryptor.update(raw) + decryptor.finalize()
        pad = plain[-1]
        if not 1 <= pad <= BLOCK or plain[-pad:] != bytes([pad]) * pad:
            raise Unreadable("padding is not PKCS#7 of 32")
        body = plain[16:-pad]
        if len(body) < 4:
            raise Unreadable("too short")
        length = struct.unpack(">I", body[:4])[0]
        if length > len(body) - 4 or body[4 + length :] != self._receiveid:
            raise Unreadable("length or receive id does not fit")
        try:
            return body[4 : 4 + length].decode()
        except UnicodeDecodeError as error:
            raise Unreadable("not UTF-8") from error

    def envelope(self, text: str, timestamp: str, nonce: str = "") -> Envelope:
        nonce = nonce or str(secrets.randbelow(10**10))
        sealed = self.encrypt(text)
        return Envelope(sealed, signature(self.token, timestamp, nonce, sealed), timestamp, nonce)
