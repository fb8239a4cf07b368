"""Implements WeCom's signature and AES envelope on the platform's side (path/90968).

It shares no code with the bot on purpose: two independent implementations of one page that agree prove more than
one.
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
    """A ciphertext that cannot be decrypted: bad base64, length, padding, UTF-8 or receive id."""


def signature(token: str, timestamp: str, nonce: str, sealed: str) -> str:
    """Returns the SHA-1, hex, over the four values, sorted as bytes and joined without a separator."""
    joined = b"".join(sorted(part.encode() for part in (token, timestamp, nonce, sealed)))
    return hashlib.sha1(joined).hexdigest()  # noqa: S324 - the platform's algorithm


def key_bytes(encoding_aes_key: str) -> bytes:
    """Returns the 32 bytes of the key. Raises ValueError unless it has 43 letters and digits.

    Decoding is lenient: the last character carries two unused bits, which are not zero in Tencent's own sample.
    """
    if len(encoding_aes_key) != 43 or not encoding_aes_key.isalnum() or not encoding_aes_key.isascii():
        raise ValueError("EncodingAESKey must be 43 letters and digits")
    return base64.b64decode(encoding_aes_key + "=")


@dataclass(frozen=True, slots=True)
class Envelope:
    """One ciphertext with its signature. Timestamp and nonce are text, as they are sent and signed."""

    sealed: str
    signature: str
    timestamp: str
    nonce: str


class Seal:
    """Encrypts and decrypts texts for one corp; `receiveid` is the corp id for a self-built app."""

    def __init__(self, token: str, encoding_aes_key: str, receiveid: str) -> None:
        self.token = token
        self._receiveid = receiveid.encode()
        key = key_bytes(encoding_aes_key)
        # A constant IV from the key is what path/90968 prescribes; the 16 random bytes in front make up for it.
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16]))

    def encrypt(self, text: str, random16: bytes | None = None) -> str:
        message = text.encode()
        head = random16 or secrets.token_hex(8).encode()
        plain = head + struct.pack(">I", len(message)) + message + self._receiveid
        # PKCS#7 to 32 bytes, not to the 16 of an AES block; a full block is followed by 32 bytes of padding.
        pad = BLOCK - len(plain) % BLOCK
        encryptor = self._cipher.encryptor()
        return base64.b64encode(encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()).decode()

    def decrypt(self, sealed: str) -> str:
        """Returns the inner text. Raises Unreadable for any damage, and for the receive id of another corp."""
        try:
            # Strict: without `validate` Python skips characters that are not base64.
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
