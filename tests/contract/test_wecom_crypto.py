"""Our crypto against known answers from WeCom's own sample program and from other people's libraries."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.channels.wecom_app.callback import CallbackDoor
from bot.channels.wecom_app.crypto import Envelope, sign
from bot.channels.wecom_app.errors import CallbackRefused
from config.settings import decode_aes_key
from core.domain.incoming import Text
from tests.wecom import WeComSide, sha1_signature

DATA = json.loads((Path(__file__).parents[1] / "data/wecom/crypto_vectors.json").read_text(encoding="utf-8"))


def vectors(*kinds: str) -> Any:
    """Every vector of these kinds; at least one, so that a misspelt kind cannot pass by testing nothing."""
    found = [v for v in DATA["vectors"] if v["kind"] in kinds]
    assert {v["kind"] for v in found} == set(kinds)
    return pytest.mark.parametrize("vector", found, ids=lambda v: v["id"])


def envelope(vector: dict[str, str]) -> Envelope:
    return Envelope(vector["token"], vector["aes_key"], vector["receive_id"])


def door(vector: dict[str, str], agent_id: str = "1") -> CallbackDoor:
    return CallbackDoor(vector["token"], vector["aes_key"], vector["receive_id"], agent_id)


def query(vector: dict[str, str], **more: str) -> dict[str, str]:
    return {name: vector[name] for name in ("msg_signature", "timestamp", "nonce")} | more


def opened(vector: dict[str, str]) -> bytes:
    box = envelope(vector)
    return box.decrypt(box.decode(vector["encrypt"]))


def wecom_side(vector: dict[str, str]) -> WeComSide:
    return WeComSide(vector["token"], vector["aes_key"], vector["receive_id"])


@vectors("verify_url")
def test_saving_the_callback_address_is_answered_with_the_exact_text(vector):
    """The check WeCom makes when an administrator saves the address gets its plaintext back."""
    assert door(vector).verify_url(query(vector, echostr=vector["encrypt"])) == vector["plaintext"]


@vectors("verify_url")
def test_a_raw_query_string_works_like_a_mapping(vector):
    """`echostr` arrives percent-encoded; a `+` in it is never taken for a blank."""
    raw = "&".join(f"{k}={v}" for k, v in query(vector).items()) + "&echostr="

    assert door(vector).verify_url(raw + vector["encrypt"]) == vector["plaintext"]
    quoted = vector["encrypt"].replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
    assert door(vector).verify_url(raw + quoted) == vector["plaintext"]


@vectors("decrypt_post")
def test_a_sealed_message_opens_to_its_fields(vector):
    """A POST sealed by somebody else's code becomes the Incoming its author meant."""
    agent = re.search(r"<AgentID>(\d+)", vector["plaintext"])
    content = re.search(r"<Content><!\[CDATA\[(.*?)]]", vector["plaintext"])
    assert agent
    assert content
    body = vector.get("body", "").encode() or wecom_side(vector).body(vector["encrypt"])
    now = datetime.fromtimestamp(int(vector["timestamp"]), UTC) + timedelta(seconds=30)

    got = door(vector, agent[1]).open(body, query(vector), now)

    assert opened(vector) == vector["plaintext"].encode()
    assert got.incoming.content == Text(content[1])
    assert got.incoming.key == "m:" + re.findall(r"<MsgId>(\d+)", vector["plaintext"])[0]
    assert got.signature == vector["msg_signature"]


@vectors("bad_signature")
def test_a_damaged_signature_is_refused(vector):
    """One changed character of nonce or signature is enough."""
    with pytest.raises(CallbackRefused, match="signature"):
        door(vector).verify_url(query(vector, echostr=vector["encrypt"]))


@vectors("encrypt", "encrypt_only")
def test_both_directions_agree_byte_for_byte(vector):
    """What other libraries seal we open, and our test double of WeCom seals exactly as they do."""
    sealed = wecom_side(vector).encrypt(vector["plaintext"].encode(), vector["random16"].encode())

    assert sealed == vector["encrypt"]
    assert opened(vector) == vector["plaintext"].encode()


@vectors("encrypt")
def test_the_signature_of_a_sealed_message_agrees(vector):
    """Token, timestamp, nonce and ciphertext, sorted and joined, hash to the published value."""
    parts = (vector["token"], vector["timestamp"], vector["nonce"], vector["encrypt"])

    assert sign(*parts) == vector["msg_signature"]
    assert envelope(vector).is_signed(vector["msg_signature"], *parts[1:])


@vectors("sha1_sorted_concat")
def test_signatures_join_sorted_parts_without_a_separator(vector):
    """The order of the parts does not matter."""
    assert sign(*vector["parts"]) == vector["msg_signature"]
    assert sign(*reversed(vector["parts"])) == vector["msg_signature"]
    assert sha1_signature(*vector["parts"]) == vector["msg_signature"]


@vectors("encrypt", "encrypt_only", "decrypt_post", "verify_url")
def test_another_company_is_refused(vector):
    """The same key and a good signature do not let another company's message in."""
    box = Envelope(vector["token"], vector["aes_key"], "wwsomebodyelse")

    with pytest.raises(CallbackRefused, match="receiver"):
        box.decrypt(box.decode(vector["encrypt"]))


@pytest.mark.parametrize("bad", DATA["invalid_aes_keys"], ids=lambda bad: bad["why"])
def test_a_malformed_aes_key_is_refused_at_birth(bad):
    """Empty, too short, too long, with `=` or outside base64: a ValueError, also under -O."""
    with pytest.raises(ValueError, match="43"):
        decode_aes_key(bad["key"])


def test_a_key_with_spare_bits_set_is_accepted():
    """WeCom's own sample key sets the two unused bits of its last character."""
    assert len(decode_aes_key("jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C")) == 32


@pytest.mark.parametrize("case", DATA["padding"], ids=lambda case: f"pad {case['pad']}")
def test_padding_runs_to_32_bytes(case):
    """Pads of 1 to 32 bytes are opened, full blocks included."""
    side = WeComSide(corp_id="")
    text = case["text"].encode()
    padded = text + bytes([case["pad"]]) * case["pad"]
    assert len(padded) % 32 == 0
    box = Envelope(side.token, side.aes_key, "")
    message = bytes(12) + text  # 16 random and 4 length bytes and these 12 fill whole blocks

    assert box.decrypt(box.decode(side.encrypt(message))) == message


@pytest.mark.parametrize("size", range(33))
def test_every_pad_value_is_opened(size):
    """Messages of every length modulo 32 come back whole."""
    side = WeComSide()
    box = Envelope(side.token, side.aes_key, side.corp_id)

    assert box.decrypt(box.decode(side.encrypt(b"m" * size))) == b"m" * size


@pytest.mark.parametrize("spoil", range(1, 31))
def test_every_pad_byte_is_checked(spoil):
    """A wrong byte anywhere in the padding is refused, not only the last one."""
    side = WeComSide(corp_id="")
    box = Envelope(side.token, side.aes_key, "")
    padded = bytearray(16 + 4 + 12) + bytearray([32] * 32)
    padded[19] = 12
    assert box.decrypt(box.decode(side.encrypt_bytes(bytes(padded)))) == bytes(12)

    padded[-1 - spoil] ^= 1

    with pytest.raises(CallbackRefused, match="padding"):
        box.decrypt(box.decode(side.encrypt_bytes(bytes(padded))))


@pytest.mark.parametrize("pad", [0, 33, 64, 255])
def test_impossible_pads_are_refused(pad):
    """Zero and more than a block are no padding."""
    side = WeComSide(corp_id="")
    box = Envelope(side.token, side.aes_key, "")

    with pytest.raises(CallbackRefused, match="padding"):
        box.decrypt(box.decode(side.encrypt_bytes(bytes([pad]) * 96)))


@pytest.mark.parametrize("length", [13, 2**31, 2**32 - 1])
def test_a_length_beyond_the_end_is_refused(length):
    """The inner length field cannot reach past the content."""
    side = WeComSide(corp_id="")
    box = Envelope(side.token, side.aes_key, "")
    padded = bytes(16) + length.to_bytes(4, "big") + bytes(12) + bytes([32] * 32)

    with pytest.raises(CallbackRefused, match="length"):
        box.decrypt(box.decode(side.encrypt_bytes(padded)))


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda s: s[:-1], id="cut"),
        pytest.param(lambda s: s + "\n", id="newline"),
        pytest.param(lambda s: " " + s, id="blank"),
        pytest.param(lambda s: s.replace("+", "-").replace("/", "_") + "-", id="url alphabet"),
        pytest.param(lambda s: s + "=", id="more padding"),
        pytest.param(lambda _: "", id="empty"),
        pytest.param(lambda s: s[:22] + "==", id="one AES block, half of WeCom's"),
        pytest.param(lambda s: s[:42] + "B=", id="spare bits set"),
        pytest.param(lambda s: s + "中", id="not ASCII"),
    ],
)
def test_base64_has_one_spelling(spoil):
    """Everything but the standard spelling of whole 32-byte blocks is refused."""
    side = WeComSide()
    box = Envelope(side.token, side.aes_key, side.corp_id)

    with pytest.raises(CallbackRefused, match="base64"):
        box.decode(spoil(side.encrypt(b"hello")))
