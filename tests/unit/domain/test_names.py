"""The reading and comparison of names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.names import allowed_edits, asked_name, grams, name_key, name_parts, phone_digits


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("北京宏远科技有限公司", "北京宏遠科技 有限公司"),
        ("ＡＢＣ科技", "abc 科技"),
        ("宏远（上海）贸易", "宏远(上海)贸易"),
        ("Acme Trading Co., Ltd.", "ACME  TRADING CO LTD"),
        ("長沙銀行", "长沙银行"),
    ],
)
def test_spellings_of_one_name_are_equal(one, other):
    """Names that differ only in width, case, spaces, punctuation or traditional characters are equal."""
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(
    ("name", "region", "brand", "industry"),
    [
        ("北京市宏远科技有限公司", "北京", "宏远", "科技"),
        ("广东省深圳市腾讯科技股份有限公司", "广东深圳", "腾讯", "科技"),
        ("宏远（上海）国际贸易有限公司", "上海", "宏远", "国际贸易"),
        ("上海银行股份有限公司", "", "上海银行", ""),
        ("长沙银行", "", "长沙银行", ""),
        ("长沙市长城汽车有限公司", "长沙", "长城", "汽车"),
        ("城市之星有限公司", "", "城市之星", ""),
        ("科技", "", "科技", ""),
        ("公司", "", "公司", ""),
        ("张三", "", "张三", ""),
        ("北京", "", "北京", ""),
        ("义乌市小商品城集团", "义乌", "小商品城", "集团"),
        ("Acme Co., Ltd.", "", "acme", ""),
        ("", "", "", ""),
    ],
)
def test_parts_of_a_name(name, region, brand, industry):
    """Place, industry and legal form are cut off, unless nothing would be left that tells names apart."""
    parts = name_parts(name)
    assert (parts.region, parts.brand, parts.industry) == (region, brand, industry)


@given(st.text(max_size=40))
def test_any_text_is_a_name(text):
    """Any text can be read as a name, and a name with at least one letter never becomes empty."""
    parts = name_parts(text)
    assert bool(parts.core) == bool(parts.key)
    # A normal form is its own normal form.
    assert name_key(parts.key) == parts.key
    assert all(len(gram) in {2, 3} for gram in grams(parts.body))


@given(st.text())
def test_what_was_typed_can_be_stored(text):
    """A typed name never brings a control character or half of a surrogate pair into the database."""
    # `encode` raises for half of a pair.
    asked_name(text).encode()
    assert "\x00" not in asked_name(text)


def test_grams_stay_within_one_script():
    """Chinese is cut into two characters each, letters and digits into three, and never across the border."""
    assert grams("abcd科技园") == ["abc", "bcd", "科技", "技园"]


def test_longer_names_forgive_more():
    """A name of one character allows no typo, up to six characters allow one, longer names two."""
    assert [allowed_edits(length) for length in (1, 2, 6, 7)] == [0, 1, 1, 2]


@pytest.mark.parametrize(
    ("field", "numbers"),
    [
        ("138-0000-5678", ["13800005678"]),
        ("+86 139 1234 4321 / ０１０-66668888", ["8613912344321", "01066668888"]),
        ("12", []),
        ("", []),
    ],
)
def test_phone_numbers_of_a_field(field, numbers):
    """Every phone number in a field is found, however it is written."""
    assert phone_digits(field) == numbers
