"""The sandbox's own reading of the AES and signature page agrees with published vectors."""

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.crypto import Seal, Unreadable, key_bytes, signature

DATA = json.loads((Path(__file__).parents[1] / "data/wecom/crypto_vectors.json").read_text(encoding="utf-8"))


def vectors(*kinds: str) -> list[Any]:
    found = [pytest.param(vector, id=vector["id"]) for vector in DATA["vectors"] if vector["kind"] in kinds]
    assert found
    return found


@pytest.mark.parametrize("vector", vectors("verify_url", "decrypt_post", "encrypt", "encrypt_only"))
def test_known_ciphertexts_open(vector: dict[str, Any]) -> None:
    """What other programs sealed opens here to the published text."""
    seal = Seal(vector.get("token", ""), vector["aes_key"], vector["receive_id"])

    assert seal.decrypt(vector["encrypt"]) == vector["plaintext"]


@pytest.mark.parametrize("vector", vectors("encrypt", "encrypt_only"))
def test_known_plaintexts_seal_to_the_byte(vector: dict[str, Any]) -> None:
    """With the published random bytes, sealing gives the published ciphertext."""
    seal = Seal(vector.get("token", ""), vector["aes_key"], vector["receive_id"])

    assert seal.encrypt(vector["plaintext"], vector["random16"].encode()) == vector["encrypt"]


@pytest.mark.parametrize("vector", vectors("verify_url", "decrypt_post", "encrypt"))
def test_known_signatures(vector: dict[str, Any]) -> None:
    """The signature over token, timestamp, nonce and ciphertext is the published one."""
    parts = [vector[name] for name in ("token", "timestamp", "nonce", "encrypt")]

    assert signature(*parts) == vector["msg_signature"]


@pytest.mark.parametrize("bad", DATA["invalid_aes_keys"], ids=str)
def test_bad_keys_are_refused(bad: Any) -> None:
    """A key of a wrong length or alphabet is refused at once."""
    with pytest.raises(ValueError, match="43"):
        key_bytes(bad["key"] if isinstance(bad, dict) else bad)


def test_another_corp_is_refused() -> None:
    """A text sealed with the same key for another corp does not open."""
    key = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
    sealed = Seal("t", key, "ww-other").encrypt("hello")

    with pytest.raises(Unreadable):
        Seal("t", key, "ww-mine").decrypt(sealed)


@pytest.mark.parametrize("length", range(60, 100))
def test_every_padding_opens(length: int) -> None:
    """Every padding value from 1 to 32 seals and opens."""
    seal = Seal("t", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "ww1")

    assert seal.decrypt(seal.encrypt("x" * length)) == "x" * length
