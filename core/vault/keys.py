"""The two secrets of the settings, each cut into one key per purpose (HKDF-SHA256, RFC 5869).

A key that leaks through one use tells nothing about the others. The names below are part of the format: a changed
name is another key, and old logs, cards and backups no longer open.
"""

from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.vault.bech32 import bech32

KEY_BYTES = 32


@dataclass(frozen=True, slots=True, repr=False)
class SealKeys:
    """From SEAL_KEY: what the bot proves with."""

    audit_chain: bytes
    pseudonyms: bytes
    button_keys: bytes


@dataclass(frozen=True, slots=True, repr=False)
class VaultKeys:
    """From VAULT_KEY: what backups are kept with."""

    identity: str
    """The age secret key, `AGE-SECRET-KEY-1…`: the standard age tool opens every backup with it."""
    mac: bytes
    """Proves that a backup was written by a holder of VAULT_KEY, not by somebody who only knows the recipient."""


def seal_keys(secret: bytes) -> SealKeys:
    return SealKeys(
        audit_chain=derive(secret, "audit chain"),
        pseudonyms=derive(secret, "pseudonyms"),
        button_keys=derive(secret, "button keys"),
    )


def vault_keys(secret: bytes) -> VaultKeys:
    # age takes any 32 bytes as an X25519 scalar; the curve itself clears what must be clear (RFC 7748).
    scalar = derive(secret, "vault age identity")
    return VaultKeys(bech32("age-secret-key-", scalar).upper(), derive(secret, "vault mac"))


def derive(secret: bytes, purpose: str) -> bytes:
    """32 bytes for one purpose. Raises ValueError for a secret that is not 32 bytes."""
    if len(secret) != KEY_BYTES:
        raise ValueError(f"the secret must have {KEY_BYTES} bytes, it has {len(secret)}")
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"voidbot/1/{purpose}".encode()).derive(secret)
