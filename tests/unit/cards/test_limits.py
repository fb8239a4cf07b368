"""Every card keeps WeCom's limits, whatever people and customers are called."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cards.wording import clean, cut_width, fit, hidden, width
from core.domain.people import Language
from tests.card_gallery import answers, closed, drawn
from tests.wecom_limits import HIDDEN, faults

LANGUAGES = pytest.mark.parametrize("language", list(Language), ids=str)
# Names that try to forge a card: markup, mentions, line breaks, a turned reading direction, invisible characters,
# piles of accents, quotes, placeholders, half characters, great length.
NASTY = (
    "宏远|科技",
    "**同意**",
    "a\n风险  低：无商机",
    "\u202e技科远宏",
    "宏\u200b远\ufeff",
    "<@liqiang> $userName=liqiang$",
    "[点我](http://evil.example)",
    "# 已批准",
    "「宏远」？已获同意。「",
    "\U000e0041\U000e0042",
    "ह\u0300\u0301\u0302\u0303\u0304\u0305\u0306",
    "\u3164\u3164",
    "\x00\x1b[31m",
    "{name} {0} %s",
    "\ud800",
    "宏远" * 200,
    "W" * 300,
    "&lt;b&gt; </a>",
)
MIXED = st.lists(st.sampled_from(NASTY), min_size=1, max_size=4).map("".join)
NAMES = st.sampled_from(NASTY) | st.text(min_size=1, max_size=60) | MIXED
PLAIN = "宏远科技"
QUOTED = re.compile('「[^「」]*」|"[^"]*"')


@LANGUAGES
def test_every_card_fits_wecom(language):
    """No card breaks a limit of WeCom, hard or advised, or holds a hidden character."""
    found = {label: faults(card.to_wecom()) for label, card in drawn(language).items()}

    assert {label: what for label, what in found.items() if what} == {}


@LANGUAGES
def test_every_closed_card_fits_wecom(language):
    """No closed card breaks a limit, and each has a text on its grey button."""
    found = {label: faults(body, update=True) for label, body in closed(language).items()}

    assert {label: what for label, what in found.items() if what} == {}
    assert all(body["replace_text"] for body in closed(language).values())


@LANGUAGES
def test_titles_fit_one_line(language):
    """A title fits on one line of a phone, which shows 26 Chinese characters."""
    titles = [card.title for card in drawn(language, PLAIN * 9, "欧阳" * 9).values()]

    assert max(map(len, titles)) <= (26 if language is Language.ZH else 36)


def facts(card: dict[str, Any]) -> dict[str, Any]:
    """Returns a card without what a name may change: names inside quotes, and values of lines that hold names."""
    lines = card.get("horizontal_content_list", [])
    # The lines that hold names, by their Chinese titles.
    named = {"客户", "分组", "对象", "负责", "原因", "审批", "审批人", "名称"}
    return {
        "kind": card["card_type"],
        "source": card.get("source"),
        "title": QUOTED.sub("", card["main_title"]["title"]),
        "lines": [(line["keyname"], "" if line["keyname"] in named else line["value"]) for line in lines],
        "buttons": [(b["text"], b["style"]) for b in card.get("button_list", [])],
        "choice": card.get("button_selection"),
        "ids": [option["id"] for option in card.get("checkbox", {}).get("option_list", [])],
    }


# How the line of a card that names records begins: with a number or a count, never with the name.
BEGINS = ("C1024 ", "C9 ", "C7 ", "G12 ", "36 个客户：")
PLAIN_FACTS = {label: facts(dict(card.to_wecom())) for label, card in drawn(Language.ZH, PLAIN).items()}


@pytest.mark.slow
@settings(max_examples=500, deadline=None)
@given(name=NAMES)
def test_no_name_can_forge_a_card(name):
    """Whatever a customer is called, the card shows the same facts in the same places."""
    for label, card in drawn(Language.ZH, name).items():
        body: dict[str, Any] = dict(card.to_wecom())

        assert faults(body) == []
        assert facts(body) == PLAIN_FACTS[label]
        for line in body.get("horizontal_content_list", []):
            if line["keyname"] in {"客户", "分组", "对象"} and label != "k18_several":
                assert line["value"].startswith(BEGINS)


@settings(max_examples=100, deadline=None)
@given(name=NAMES)
def test_no_name_can_add_a_line_to_an_answer(name):
    """Whatever a customer is called, an answer has the same number of lines and no hidden character."""
    plain, hostile = answers(Language.ZH, PLAIN, "王敏"), answers(Language.ZH, name, name)

    for label, message in hostile.items():
        assert message.text.count("\n") == plain[label].text.count("\n")
        assert not HIDDEN.search(message.text.replace("\n", ""))
        assert len(message.text.encode()) <= 2048


@given(NAMES)
def test_cleaning_is_done_once(name):
    """Cleaning a clean text changes nothing, and a clean text has no hidden character and no markup."""
    once = clean(name)

    assert clean(once) == once
    assert not any(map(hidden, once))
    assert not set(once) & set('|*`<>[]@$\\「」“”"')


@given(st.lists(st.text(min_size=1, max_size=20), max_size=8), st.integers(8, 60))
def test_fitting_never_lies(parts, most):
    """A list that did not fit is marked with an ellipsis; one that fits is whole."""
    text, whole = fit(parts, most)

    assert len(text) <= most
    assert whole == (text == " · ".join(parts)) or "…" in text


@given(st.text(max_size=40), st.integers(2, 30))
def test_width_is_kept(text, most):
    """A cut text is never wider than asked, with two columns for a Chinese character."""
    assert width(cut_width(text, most)) <= most
