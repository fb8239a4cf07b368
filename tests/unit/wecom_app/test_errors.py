"""The table of WeCom's codes covers every documented code."""

import re

import pytest

from bot.channels.wecom_app import errors
from bot.channels.wecom_app.errors import CAUSE_OF, REMEDIES, refusal
from core.domain.errors import Busy, CardRefused, PlatformMisconfigured, PlatformRefused

DOCUMENTED = {
    *(-1, 6000, 40001, 40003, 60111, 40007, 40008, 40013, 40014, 42001, *range(40016, 40021), 40023),
    *(40056, 301002, 40057, 40058, 40063, 40066, 40068, 40096, 40097, *range(40128, 40132), 41001, 41004),
    *(42014, 42015, 42016, *range(42027, 42032), 42033, *range(42035, 42048), *range(42049, 42053)),
    *(43012, 44001, 44004, 45001, 45002, 45009, 45022, 45033, 45035, 45034, 48001, 48002, 48004, 48009),
    *(48006, 49008, 50003, 60011, 60021, 60020, 60140, 81012, 81013, 82001, 82101, 82002, 82003, 82004),
    *(84061, 81017, 86001, *range(86003, 86009), *range(86201, 86208), 86215, 86216, 90500),
    *(93000, 93004, 93008, 301007, 301055, 701008, 846605, 853000),
}
"""The codes worth handling, from WeCom's documents (path/90313)."""


def test_every_documented_code_is_classified():
    """The table has exactly the documented codes."""
    assert set(CAUSE_OF) == DOCUMENTED


def test_no_code_has_two_causes():
    """No code is listed under two causes, of which only one would count."""
    listed = [code for codes in errors._CAUSES.values() for code in codes]

    assert len(listed) == len(set(listed))


@pytest.mark.parametrize("code", sorted(REMEDIES))
def test_a_misconfiguration_says_what_to_do(code):
    """The message of a misconfiguration holds its remedy in both languages."""
    error = refusal("message/send", code, "hint")

    assert isinstance(error, PlatformMisconfigured)
    assert error.remedy == REMEDIES[code]
    assert str(error) == f"message/send: errcode {code}: {error.remedy.zh} / {error.remedy.en}"
    assert re.search("[一-鿿]", error.remedy.zh)
    assert error.remedy.en.isascii()


def test_an_unknown_code_is_a_plain_refusal():
    """A code that WeCom adds later becomes a plain PlatformRefused."""
    assert type(refusal("x", 123456)) is PlatformRefused


@pytest.mark.parametrize(("code", "cause"), [(-1, Busy), (42045, CardRefused), (45033, Busy)])
def test_examples_of_causes(code, cause):
    """A few codes, checked by hand, give the right errors."""
    assert type(refusal("x", code)) is cause
