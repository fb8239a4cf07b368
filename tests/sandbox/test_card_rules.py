"""Each hard rule about template cards, with the errcode the platform names for it."""

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.card_rules import Check
from sandbox.errors import ApiError
from tests.sandbox.cards import KINDS, card

Change = Callable[[dict[str, Any]], object]


def rows(name: str, count: int, **row: Any) -> Change:
    return lambda made: made.update({name: [dict(row) for _ in range(count)]})


def put(*path: str | int, value: Any) -> Change:
    def change(made: Any) -> None:
        for step in path[:-1]:
            made = made[step]
        made[path[-1]] = value

    return change


def drop(*path: str | int) -> Change:
    def change(made: Any) -> None:
        for step in path[:-1]:
            made = made[step]
        del made[path[-1]]

    return change


OPTIONS = [{"id": str(number), "text": "x"} for number in range(30)]
BUTTON = {"text": "x", "key": "k"}
FAULTS: list[tuple[str, str, int, Change]] = [
    ("no title", "button_interaction", 42033, drop("main_title")),
    ("neither title nor sub title", "text_notice", 42033, drop("main_title")),
    ("no card_action", "text_notice", 42045, drop("card_action")),
    ("card_action without address", "text_notice", 42028, drop("card_action", "url")),
    ("card_action of type 0", "text_notice", 42045, put("card_action", "type", value=0)),
    ("address without scheme", "text_notice", 45034, put("card_action", "url", value="work.weixin.qq.com")),
    ("script as address", "text_notice", 45034, put("card_action", "url", value="javascript:alert(1)")),
    ("mini program without appid", "text_notice", 42030, put("card_action", value={"type": 2})),
    ("menu without task_id", "text_notice", 42014, put("action_menu", value={"action_list": [BUTTON]})),
    ("no picture", "news_notice", 42044, drop("card_image")),
    ("picture without address", "news_notice", 42044, put("card_image", value={"aspect_ratio": 1.5})),
    ("picture too flat", "news_notice", 40058, put("card_image", "aspect_ratio", value=3)),
    ("5 vertical", "news_notice", 42036, rows("vertical_content_list", 5, title="x")),
    ("vertical without title", "news_notice", 42033, rows("vertical_content_list", 1, desc="x")),
    ("4 jumps", "text_notice", 42042, rows("jump_list", 4, title="x", type=0)),
    ("jump without title", "text_notice", 42033, rows("jump_list", 1, type=0)),
    ("jump without address", "text_notice", 42028, rows("jump_list", 1, type=1, title="x")),
    ("7 pairs", "button_interaction", 42035, rows("horizontal_content_list", 7, keyname="x")),
    ("pair without keyname", "button_interaction", 42027, rows("horizontal_content_list", 1, value="x")),
    ("pair without address", "button_interaction", 42028, rows("horizontal_content_list", 1, type=1, keyname="x")),
    ("pair without file", "button_interaction", 42029, rows("horizontal_content_list", 1, type=2, keyname="x")),
    ("pair without member", "button_interaction", 42050, rows("horizontal_content_list", 1, type=3, keyname="x")),
    ("pair of type 4", "button_interaction", 40058, rows("horizontal_content_list", 1, type=4, keyname="x")),
    ("no task_id", "button_interaction", 42014, drop("task_id")),
    ("empty task_id", "vote_interaction", 42014, put("task_id", value="")),
    ("task_id with a colon", "button_interaction", 42014, put("task_id", value="op:1")),
    ("task_id in Chinese", "multiple_interaction", 42014, put("task_id", value="申请")),
    ("task_id of 129", "button_interaction", 42014, put("task_id", value="x" * 129)),
    ("no buttons", "button_interaction", 40058, put("button_list", value=[])),
    ("7 buttons", "button_interaction", 40058, rows("button_list", 7, **BUTTON)),
    ("button without text", "button_interaction", 42038, put("button_list", 0, "text", value="")),
    ("button without key", "button_interaction", 42039, drop("button_list", 0, "key")),
    ("key of 1025 bytes", "button_interaction", 42039, put("button_list", 0, "key", value="作" * 342)),
    ("same key twice", "button_interaction", 42051, rows("button_list", 2, **BUTTON)),
    ("link button without address", "button_interaction", 42028, drop("button_list", 2, "url")),
    ("4 menu entries", "button_interaction", 40058, put("action_menu", value={"action_list": [BUTTON] * 4})),
    ("selector without key", "button_interaction", 42043, drop("button_selection", "question_key")),
    ("11 options", "button_interaction", 42037, put("button_selection", "option_list", value=OPTIONS[:11])),
    ("no options", "button_interaction", 42037, put("button_selection", "option_list", value=[])),
    ("option without id", "button_interaction", 42040, drop("button_selection", "option_list", 0, "id")),
    ("option without text", "button_interaction", 42041, drop("button_selection", "option_list", 0, "text")),
    ("same option twice", "vote_interaction", 42040, put("checkbox", "option_list", 1, "id", value="a")),
    (
        "option id of 129 bytes",
        "vote_interaction",
        42040,
        put("checkbox", "option_list", 0, "id", value="x" * 129),
    ),
    ("21 choices", "vote_interaction", 40058, put("checkbox", "option_list", value=OPTIONS[:21])),
    ("mode 2", "vote_interaction", 40058, put("checkbox", "mode", value=2)),
    ("no check list", "vote_interaction", 40058, drop("checkbox")),
    ("no submit", "vote_interaction", 42046, drop("submit_button")),
    ("submit without key", "multiple_interaction", 42046, put("submit_button", value={"text": "x"})),
    (
        "4 selectors",
        "multiple_interaction",
        42047,
        rows("select_list", 4, question_key="q", option_list=OPTIONS[:1]),
    ),
    ("no selectors", "multiple_interaction", 42047, drop("select_list")),
    ("title as a number", "button_interaction", 40058, put("main_title", "title", value=7)),
    ("type as text", "button_interaction", 40058, put("button_list", 0, "type", value="0")),
    ("a card that is a list", "button_interaction", 40058, put("source", value=["x"])),
    ("unknown kind", "button_interaction", 40058, put("card_type", value="input_interaction")),
]


@pytest.mark.parametrize(("kind", "errcode", "change"), [pytest.param(*f[1:], id=f[0]) for f in FAULTS])
def test_faults_have_their_code(kind: str, errcode: int, change: Change) -> None:
    """A card with one fault is refused with the platform's code for that fault."""
    made = card(kind)
    change(made)

    with pytest.raises(ApiError) as refusal:
        Check(updating=False).card(made)
    assert refusal.value.errcode == errcode, refusal.value.errmsg


@pytest.mark.parametrize("kind", KINDS)
def test_sound_cards_pass_whole(kind: str) -> None:
    """A sound card is drawn as it was sent and leaves no note."""
    made, check = card(kind), Check(updating=False)

    assert check.card(made) == made
    assert check.notes == []


def test_limits_are_inclusive() -> None:
    """Six pairs, six buttons, ten options, a key of 1024 bytes and a task_id of 128 are still allowed."""
    made = card("button_interaction", task_id="Az09_-@" + "x" * 121)
    made["horizontal_content_list"] = [{"keyname": "x"}] * 6
    made["button_list"] = [{"text": "x", "key": str(number) + "k" * 1023} for number in range(6)]
    made["button_selection"]["option_list"] = OPTIONS[:10]

    assert Check(updating=False).card(made) == made


def test_what_is_swallowed_is_noted() -> None:
    """Fields the kind does not use, over-long advice and update-only fields are dropped or drawn, and told."""
    made = card("vote_interaction", jump_list=[{"title": "x"}], replace_text="已完成")
    made["main_title"]["title"] = "长" * 37
    made["checkbox"]["disable"] = True
    check = Check(updating=False)
    drawn = check.card(made)

    assert "jump_list" not in drawn
    assert "replace_text" not in drawn
    assert "disable" not in drawn["checkbox"]
    assert drawn["main_title"]["title"] == "长" * 37
    assert len(check.notes) == 4


def test_updates_may_disable_and_replace() -> None:
    """In an update replace_text and disable count, and no task_id is asked for."""
    made = card("vote_interaction", task_id=None, replace_text="已完成")
    made["checkbox"]["disable"] = True

    assert Check(updating=True).card(made) == made
