"""Derives one key per purpose from each of the two secrets in the settings (HKDF-SHA256, RFC 5869).

A key that leaks through one use reveals nothing about the others. The purpose names below are part of the format:
a changed name gives another key, and old logs and cards no longer verify and old backups no longer open.
"""

from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.vault.bech32 import bech32

KEY_BYTES = 32


# repr=False on both classes keeps the keys out of logs and tracebacks.
@dataclass(frozen=True, slots=True, repr=False)
class SealKeys:
    """The keys derived from SEAL_KEY, with which the bot signs."""

    audit_chain: bytes
    pseudonyms: bytes
    button_keys: bytes
    rows: bytes


@dataclass(frozen=True, slots=True, repr=False)
class VaultKeys:
    """The keys derived from VAULT_KEY, which protect the backups."""

    identity: str
    """The age secret key, `AGE-SECRET-KEY-1…`, with which the standard age tool opens every backup."""
    mac: bytes
    """The HMAC key that proves the writer held VAULT_KEY; anybody who knows the recipient can encrypt to it."""


def seal_keys(secret: bytes) -> SealKeys:
    return SealKeys(
        audit_chain=derive(secret, "audit chain"),
        pseudonyms=derive(secret, "pseudonyms"),
        button_keys=derive(secret, "button keys"),
        rows=derive(secret, "rows"),
    )


def vault_keys(secret: bytes) -> VaultKeys:
    # age takes any 32 bytes as an X25519 scalar: X25519 itself clears the bits that must be zero (RFC 7748).
    scalar = derive(secret, "vault age identity")
    return VaultKeys(bech32("age-secret-key-", scalar).upper(), derive(secret, "vault mac"))


def derive(secret: bytes, purpose: str) -> bytes:
    """Returns the 32-byte key for one purpose. Raises ValueError for a secret that is not 32 bytes."""
    if len(secret) != KEY_BYTES:
        raise ValueError(f"the secret must have {KEY_BYTES} bytes, it has {len(secret)}")
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"voidbot/1/{purpose}".encode()).derive(secret)
