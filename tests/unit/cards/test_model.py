"""Cards check WeCom's limits when they are made."""

import json

import pytest

from cards.model import (
    ButtonCard,
    MultipleCard,
    NewsNotice,
    TextMessage,
    TextNotice,
    VoteCard,
    card_json,
    list_message,
    update_json,
)
from cards.parts import Button, CardError, CheckList, DropDown, KeyValue, Option, Submit


def options(count: int) -> tuple[Option, ...]:
    return tuple(Option(f"o{n}", f"选项{n}") for n in range(count))


def button_card(**changes: object) -> ButtonCard:
    values: dict[str, object] = {"task_id": "t-1", "title": "标题", "buttons": (Button("好", "k1"),)}
    return ButtonCard(**{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    # `what` is not used: it names the case where a run fails.
    ("what", "make"),
    [
        ("no button", lambda: button_card(buttons=())),
        ("seven buttons", lambda: button_card(buttons=tuple(Button("好", f"k{n}") for n in range(7)))),
        ("two buttons with one key", lambda: button_card(buttons=(Button("好", "k"), Button("坏", "k")))),
        ("seven lines", lambda: button_card(lines=(KeyValue("键", "值"),) * 7)),
        ("empty title", lambda: button_card(title=" ")),
        ("line break in a title", lambda: button_card(title="一\n二")),
        ("direction mark in a title", lambda: button_card(title="a\u202eb")),
        ("zero-width sign in a value", lambda: KeyValue("键", "a\u200bb")),
        ("task id with a dot", lambda: button_card(task_id="a.b")),
        ("no task id", lambda: button_card(task_id="")),
        ("task id of 129", lambda: button_card(task_id="a" * 129)),
        ("key of 1025 bytes", lambda: Button("好", "k" * 1025)),
        ("no key", lambda: Button("好", "")),
        ("option id of 129 bytes", lambda: Option("长" * 43, "选")),
        ("option without text", lambda: Option("a", "")),
        ("eleven options in a drop-down", lambda: DropDown("q", options(11))),
        ("no options in a drop-down", lambda: DropDown("q", ())),
        ("a drop-down set to what it lacks", lambda: DropDown("q", options(2), selected="o9")),
        ("21 options in a check list", lambda: CheckList("q", options(21))),
        ("two options with one id", lambda: CheckList("q", (Option("a", "一"), Option("a", "二")))),
        (
            "two ticks in a single choice",
            lambda: CheckList("q", (Option("a", "一", ticked=True), Option("b", "二", ticked=True))),
        ),
        ("question key of 1025 bytes", lambda: CheckList("q" * 1025, options(1))),
        ("no submit key", lambda: Submit("交", "")),
        (
            "four drop-downs",
            lambda: MultipleCard(
                task_id="t",
                title="标",
                submit=Submit("交", "k"),
                drop_downs=tuple(DropDown(f"q{n}", options(1)) for n in range(4)),
            ),
        ),
        (
            "two drop-downs with one key",
            lambda: MultipleCard(
                task_id="t", title="标", submit=Submit("交", "k"), drop_downs=(DropDown("q", options(1)),) * 2
            ),
        ),
        ("a notice that opens nothing", lambda: TextNotice(title="标", url="")),
        ("a picture without address", lambda: NewsNotice(title="标", url="https://a.cn", image_url="a.png")),
        ("an empty message", lambda: TextMessage(" \n")),
    ],
)
def test_what_wecom_would_refuse_is_never_born(what, make):
    """A card that breaks a hard limit raises an error where it is made, not where it is sent."""
    with pytest.raises(CardError):
        make()


def test_long_text_is_cut_with_an_ellipsis():
    """A text above the advised length is cut with an ellipsis, so that the card stays readable."""
    card = button_card(
        title="题" * 40,
        desc="述" * 50,
        text="文" * 200,
        lines=(KeyValue("键键键键键键", "值" * 40),),
        buttons=(Button("按" * 11, "k"),),
    )

    body = card.to_wecom()

    assert body["main_title"] == {"title": "题" * 35 + "…", "desc": "述" * 43 + "…"}
    assert body["sub_title_text"] == "文" * 159 + "…"
    assert body["horizontal_content_list"] == [{"keyname": "键键键键…", "value": "值" * 29 + "…"}]
    assert body["button_list"] == [{"text": "按" * 9 + "…", "style": 1, "key": "k"}]


def test_an_update_has_no_task_id_and_dead_choices():
    """An update carries no task id, because the card keeps its own, and disables choices with the buttons."""
    card = button_card(choice=DropDown("q", options(2)))

    body = card.to_update(replace_text="已同意")

    assert "task_id" not in body
    assert body["replace_text"] == "已同意"
    assert body["button_selection"]["disable"] is True  # type: ignore[index]


def test_an_update_without_replacing_text_stays_alive():
    """An update without a replacing text keeps the buttons and choices enabled."""
    body = button_card(choice=DropDown("q", options(2))).to_update()

    assert "replace_text" not in body
    assert "disable" not in body["button_selection"]  # type: ignore[operator]


def test_vote_and_multiple_cards_close_too():
    """Closing a vote card or a card with drop-downs disables its choices."""
    vote = VoteCard(task_id="t", title="标", choices=CheckList("q", options(2)), submit=Submit("交", "k"))
    multiple = MultipleCard(
        task_id="t", title="标", drop_downs=(DropDown("q", options(2)),), submit=Submit("交", "k")
    )

    assert vote.to_update(replace_text="完")["checkbox"]["disable"] is True  # type: ignore[index]
    assert multiple.to_update(replace_text="完")["select_list"][0]["disable"] is True  # type: ignore[index]


def test_equal_cards_have_equal_bodies():
    """Equal cards have the same body and other cards another, so that the log can tell who was shown the same."""
    one, same, other = button_card(), button_card(), button_card(title="别的")

    assert card_json(one) == card_json(same)
    assert card_json(one) != card_json(other)
    assert json.loads(card_json(one))["task_id"] == "t-1"
    assert json.loads(update_json(one, replace_text="完"))["replace_text"] == "完"


def test_a_long_message_ends_at_a_whole_line():
    """A message above 2048 bytes, which WeCom would cut silently, is cut at the end of a line and marked."""
    message = TextMessage("\n".join(f"{n}. 宏远科技有限公司" for n in range(200)))

    assert len(message.text.encode()) <= 2048
    assert message.text.endswith("司\n…")


def test_a_long_list_keeps_its_last_line():
    """A list that is too long loses rows, which is marked, and keeps its last line, which says what to do next."""
    message = list_message("头", [f"{n}. 宏远科技有限公司" for n in range(200)], "尾")

    lines = message.text.splitlines()
    assert len(message.text.encode()) <= 2048
    assert (lines[0], lines[1], lines[-2], lines[-1]) == ("头", "0. 宏远科技有限公司", "…", "尾")


def test_a_short_list_is_whole():
    """A list that fits is whole and not marked as cut."""
    assert list_message("头", ["一", "二"]).text == "头\n一\n二"


def test_a_long_line_is_cut_at_a_whole_character():
    """A single line that is too long is cut after a whole character and marked with an ellipsis."""
    message = TextMessage("长" * 2000)

    assert len(message.text.encode()) <= 2048
    assert set(message.text) == {"长", "…"}
