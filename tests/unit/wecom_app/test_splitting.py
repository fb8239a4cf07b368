"""Long texts are split into parts that WeCom does not cut."""

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wecom_app.splitting import split_text


def test_a_short_text_stays_whole():
    """A text of 2,048 bytes stays whole."""
    assert split_text("x" * 2048) == ["x" * 2048]
    assert split_text("x" * 2049) == ["x" * 2048, "x"]


def test_cuts_fall_on_line_ends():
    """A text is cut at line ends where the lines fit."""
    assert split_text("aaa\nbbb\nccc", 8) == ["aaa\nbbb", "ccc"]
    assert split_text("aaa\nbbb\nccc", 7) == ["aaa\nbbb", "ccc"]
    assert split_text("aaa\nbbb\nccc", 6) == ["aaa", "bbb", "ccc"]


def test_characters_are_never_broken():
    """No character is cut, neither the three bytes of a Chinese one nor the four of an emoji."""
    assert split_text("一二三", 8) == ["一二", "三"]
    assert split_text("😀😀", 7) == ["😀", "😀"]


def test_a_blank_text_has_no_parts():
    """A blank text has no parts."""
    assert split_text(" \n ") == []


@given(st.text(st.sampled_from("ab 一😀\n"), max_size=300), st.integers(4, 40))
def test_parts_fit_and_lose_nothing(text, limit):
    """For any text every part fits, and no word is lost or added."""
    parts = split_text(text, limit)

    assert all(0 < len(part.encode()) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())
