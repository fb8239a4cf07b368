"""Keys derived from the two secrets, and the form in which age takes them."""

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.vault.bech32 import _CHARSET, bech32, checksum
from core.vault.keys import derive, seal_keys, vault_keys

# Valid Bech32 strings as BIP-173 lists them under "Test vectors", in lower case.
BIP_173 = [
    "a12uel5l",
    "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs",
    "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
    "11qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqc8247j",
    "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w",
    "?1ezyfcl",
]


@pytest.mark.parametrize("vector", BIP_173)
def test_check_digits_are_those_of_the_standard(vector):
    """Our checksum is right for every valid example of BIP-173."""
    prefix, _, rest = vector.rpartition("1")
    digits = [_CHARSET.index(char) for char in rest]

    assert checksum(prefix, digits[:-6]) == digits[-6:]


@given(st.binary(min_size=32, max_size=32))
def test_age_reads_every_identity_we_spell(secret):
    """Whatever 32 bytes the key is, age takes the identity made of it and spells it the same way."""
    spelt = bech32("age-secret-key-", secret).upper()

    assert str(pyrage.x25519.Identity.from_str(spelt)) == spelt


def test_every_purpose_has_its_own_key():
    """No two purposes share a key, and one secret gives the same keys every time."""
    secret = bytes(range(32))
    sealing = seal_keys(secret)
    vault = vault_keys(secret)
    keys = [sealing.audit_chain, sealing.pseudonyms, sealing.button_keys, vault.mac]

    assert len({*keys, secret, vault.identity.encode()}) == 6
    assert sealing == seal_keys(secret)
    assert vault == vault_keys(secret)


def test_keys_stay_what_they_were():
    """A changed derivation would orphan every log and backup there is, so its results are written down here."""
    secret = bytes(range(32))

    assert (
        derive(secret, "audit chain").hex() == "c831782c8b2401df1eb8fa17c7170a44e2b900eb05108f1e83a15f649252b04b"
    )
    assert (
        vault_keys(secret).identity == "AGE-SECRET-KEY-1Q3RMDM4ULG8YTGYG82P5E4EHXN0GL59S5QGKQCJL8J7ARHGZS3JSX02NU9"
    )


def test_secrets_are_not_shown():
    """The repr of a key does not show the key."""
    assert vault_keys(bytes(32)).identity not in repr(vault_keys(bytes(32)))
    assert "x" * 32 not in repr(seal_keys(b"x" * 32))


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_secret_of_another_length_is_refused(length):
    """A key must have exactly 32 bytes."""
    with pytest.raises(ValueError, match="32 bytes"):
        derive(bytes(length), "anything")
