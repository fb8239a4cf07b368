"""Describes template_card field by field, as tables (path/90236, 94888).

Counts and limits in bytes are hard; `advice` is a length in characters that WeCom recommends and does not enforce.
The numbers are the error codes that path/90313 names for a field; where it names none, it is 40058 (bad or missing
parameter).
"""

from dataclasses import dataclass

PARAMETER = 40058


@dataclass(frozen=True, slots=True)
class Text:
    """A string field. `missing` is the errcode when it is absent or empty; 0 means optional.

    `when` names another field and the value at which this one is required; `link` wants an http or https address.
    """

    name: str
    missing: int = 0
    when: tuple[str, int] | None = None
    max_bytes: int = 0
    advice: int = 0
    link: bool = False


@dataclass(frozen=True, slots=True)
class Number:
    """A number field. A value outside `allowed` is refused with 40058, or only noted when `lenient` is set."""

    name: str
    missing: int = 0
    allowed: tuple[int, ...] = ()
    lenient: bool = False
    between: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Flag:
    """A field that is true or false. With `only_in_updates` it is noted and dropped when a card is first sent."""

    name: str
    only_in_updates: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """An object with fields of its own."""

    name: str
    fields: "tuple[Field, ...]"
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Rows:
    """A list of `least` to `most` objects; `count` is the errcode for a wrong number of them.

    `unique` names a field whose values must differ, and the errcode when they do not.
    """

    name: str
    fields: "tuple[Field, ...]"
    least: int
    most: int
    count: int = PARAMETER
    missing: int = 0
    unique: tuple[str, int] | None = None


Field = Text | Number | Flag | Group | Rows

# The three fields of a link: url for type 1, a mini program for type 2.
_LINK = (Text("url", 42028, ("type", 1), link=True), Text("appid", 42030, ("type", 2)), Text("pagepath"))
_OPTION = (Text("id", 42040, max_bytes=128), Text("text", 42041, advice=16))
_UNIQUE_ID = ("id", 42040)


def _selector() -> tuple[Field, ...]:
    """Returns the fields of a drop-down: button_selection, and each row of select_list."""
    return (
        Text("question_key", 42043, max_bytes=1024),
        Text("title", advice=13),
        Flag("disable", only_in_updates=True),
        Text("selected_id"),
        Rows("option_list", _OPTION, 1, 10, 42037, missing=42037, unique=_UNIQUE_ID),
    )


SOURCE = Group(
    "source",
    (Text("icon_url"), Text("desc", advice=20), Number("desc_color", allowed=(0, 1, 2, 3), lenient=True)),
)
ACTION_MENU = Group(
    "action_menu",
    (
        Text("desc"),
        Rows(
            "action_list",
            (Text("text", PARAMETER), Text("key", 42051, max_bytes=1024)),
            1,
            10,  # path/90241; Doubts.action_menu_max narrows it to the 3 of path/90236
            missing=PARAMETER,
            unique=("key", 42051),
        ),
    ),
)
MAIN_TITLE = Group("main_title", (Text("title", advice=36), Text("desc", advice=44)))
EMPHASIS = Group("emphasis_content", (Text("title", advice=14), Text("desc", advice=22)))
QUOTE = Group("quote_area", (Number("type", allowed=(0, 1, 2)), *_LINK, Text("title"), Text("quote_text")))
SUB_TITLE = Text("sub_title_text", advice=160)
HORIZONTAL = Rows(
    "horizontal_content_list",
    (
        Number("type", allowed=(0, 1, 2, 3)),
        Text("keyname", 42027, advice=5),
        Text("value", advice=30),
        Text("url", 42028, ("type", 1), link=True),
        Text("media_id", 42029, ("type", 2)),
        Text("userid", 42050, ("type", 3)),
    ),
    0,
    6,
    42035,
)
VERTICAL = Rows("vertical_content_list", (Text("title", 42033, advice=38), Text("desc", advice=160)), 0, 4, 42036)
JUMPS = Rows(
    "jump_list", (Number("type", allowed=(0, 1, 2)), Text("title", 42033, advice=18), *_LINK), 0, 3, 42042
)
# The page says above 1.3 and below 2.25; both ends are let through here, as 1.3 is the default.
CARD_IMAGE = Group("card_image", (Text("url", 42044), Number("aspect_ratio", between=(1.3, 2.25))))
IMAGE_TEXT = Group(
    "image_text_area",
    (Number("type", allowed=(0, 1, 2)), *_LINK, Text("title"), Text("desc"), Text("image_url", 42044)),
)
BUTTONS = Rows(
    "button_list",
    (
        Number("type", allowed=(0, 1)),
        Text("text", 42038, advice=10),
        Number("style", allowed=(1, 2, 3, 4), lenient=True),
        Text("key", 42039, ("type", 0), max_bytes=1024),
        Text("url", 42028, ("type", 1), link=True),
    ),
    1,
    6,
    missing=PARAMETER,
    unique=("key", 42051),
)
SELECTION = Group("button_selection", _selector())
CHECKBOX = Group(
    "checkbox",
    (
        Text("question_key", 42043, max_bytes=1024),
        Number("mode", allowed=(0, 1)),
        Flag("disable", only_in_updates=True),
        Rows(
            "option_list",
            (Text("id", 42040, max_bytes=128), Text("text", 42041, advice=17), Flag("is_checked")),
            1,
            20,
            missing=PARAMETER,
            unique=_UNIQUE_ID,
        ),
    ),
    missing=PARAMETER,
)
SELECTS = Rows("select_list", _selector(), 1, 3, 42047, missing=42047, unique=("question_key", 42043))
SUBMIT = Group("submit_button", (Text("text", advice=10), Text("key", 42046, max_bytes=1024)), missing=42046)
REPLACE = Text("replace_text")


def _action(*types: int, missing: int) -> Group:
    return Group("card_action", (Number("type", 42045, allowed=types), *_LINK), missing=missing)


# Which fields each kind of card uses; WeCom ignores the others (path/90236).
KINDS: dict[str, tuple[Field, ...]] = {
    "text_notice": (
        SOURCE, ACTION_MENU, MAIN_TITLE, EMPHASIS, QUOTE, SUB_TITLE, HORIZONTAL, JUMPS,
        _action(1, 2, missing=42045),
    ),
    "news_notice": (
        SOURCE, ACTION_MENU, MAIN_TITLE, QUOTE, HORIZONTAL, VERTICAL, CARD_IMAGE, IMAGE_TEXT, JUMPS,
        _action(1, 2, missing=42045),
    ),
    "button_interaction": (
        SOURCE, ACTION_MENU, MAIN_TITLE, QUOTE, SUB_TITLE, HORIZONTAL, _action(0, 1, 2, missing=0),
        SELECTION, BUTTONS, REPLACE,
    ),
    "vote_interaction": (SOURCE, MAIN_TITLE, CHECKBOX, SUBMIT, REPLACE),
    "multiple_interaction": (SOURCE, MAIN_TITLE, SELECTS, SUBMIT, REPLACE),
}  # fmt: skip
INTERACTIVE = frozenset({"button_interaction", "vote_interaction", "multiple_interaction"})
