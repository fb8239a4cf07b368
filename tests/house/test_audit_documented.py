"""docs/audit.md describes every kind of log entry, and no other."""

import re

import pytest

from core.domain.audit import Tag
from core.vault.bech32 import bech32
from core.vault.keys import derive, vault_keys
from tests.house.tree import ROOT

TEXT = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `([a-z_]+:[a-z_]+:[a-z_]+)` \| (.+ \| .+) \|$", TEXT, re.MULTILINE))


def test_every_tag_is_documented() -> None:
    """The table lists exactly the tags of the code, in the same order."""
    assert list(ROWS) == [tag.value for tag in Tag]


@pytest.mark.parametrize("tag", ROWS)
def test_every_tag_is_explained_in_both_languages(tag: str) -> None:
    """Each row has a line in Chinese and one in English."""
    chinese, english = ROWS[tag].split(" | ")
    assert re.search(r"[\u4e00-\u9fff]", chinese)
    assert re.fullmatch(r"[ -~]+", english)


def test_the_described_key_is_the_real_one() -> None:
    """Somebody who follows the page without the bot derives the same identity from the key."""
    info = re.search(r"info 为 `voidbot/1/([a-z ]+)`", TEXT)
    assert info is not None
    secret = bytes(range(32))
    scalar = derive(secret, info[1])
    assert vault_keys(secret).identity == bech32("age-secret-key-", scalar).upper()
