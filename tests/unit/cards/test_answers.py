"""Answers as text: refusals that say what to do next, examples that work as typed, the menu."""

import json
from datetime import timedelta

import pytest

from cards import answering
from cards.menu import MenuKey, menu_json
from cards.outcomes import closed_card
from cards.picking import too_many
from cards.reasons import reason_words
from cards.summary import remaining
from cards.texts.say import say
from cards.views import HitsView
from core.domain.actions import LifeStatus
from core.domain.condition_text import parse as parse_condition
from core.domain.conditions import All
from core.domain.errors import AlreadyClosed, BadInput, LimitReached, NotAllowed, NotFound, Refusal
from core.domain.operation.life import State
from core.domain.operation.reason import Reason, ReasonCode
from core.domain.people import Language, Right
from core.domain.records import FoundBy, Hits, Kind
from language import commands as c
from language.parsing import parse
from tests.card_gallery import APPROVER, REP
from tests.cards import NOW, approved, hits, operation, viewer

LANGUAGES = pytest.mark.parametrize("language", list(Language), ids=str)


@LANGUAGES
@pytest.mark.parametrize("words", ["", "重复", "重复了", "Duplicate", "DUPLICATE", "duplicate.", "dupe", "撞单"])
def test_a_reason_is_told_once(language, words):
    """A reason given by any of its names, in any language and case, is shown once, in the viewer's word for it."""
    told = reason_words(language, Kind.CUSTOMER, Reason(ReasonCode.DUPLICATE, words))

    assert told == say(language, "reason_duplicate")


@LANGUAGES
def test_many_similar_ones_are_not_called_found(language):
    """When there are too many hits to pick from and none has the name, the answer calls them only similar."""
    near = Hits(hits(FoundBy.INITIALS).items, 25)
    told = too_many(viewer(language), HitsView("hykj", near))

    assert told.text.startswith(say(language, "find_near_some", what="hykj", count=25, shown=3))


@LANGUAGES
def test_words_that_say_more_stand_behind_the_reason(language):
    """Words that say more than the listed reason, such as a customer number, are kept behind it."""
    told = reason_words(language, Kind.CUSTOMER, Reason(ReasonCode.DUPLICATE, "C7"))

    assert told.startswith(say(language, "reason_duplicate"))
    assert told.endswith("C7")


@LANGUAGES
def test_the_name_of_another_reason_is_that_reason(language):
    """The name of a listed reason that was stored as 其他 is still shown in the viewer's language."""
    told = reason_words(language, Kind.SEGMENT, Reason(ReasonCode.OTHER, "campaign over"))

    assert told == say(language, "segment_reason_ended")


@LANGUAGES
@pytest.mark.parametrize("rights", [REP, APPROVER, REP | APPROVER, frozenset({Right.VIEW}), frozenset(Right)])
def test_examples_work_as_typed(language, rights):
    """The parser understands each of the five examples of the help text."""
    typed = [example for example, _ in answering.examples(language, rights)]

    assert len(typed) == len(set(typed)) == 5
    assert [line for line in typed if isinstance(parse(line), c.NotRead | c.NotOffered)] == []


@LANGUAGES
@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("void", c.Change),
        ("archive", c.Change),
        ("restore", c.Change),
        ("find", c.Find),
        ("find_sound", c.Find),
        ("undo", c.Undo),
        ("mine", c.MyCustomers),
        ("requests", c.MyRequests),
        ("waiting", c.WaitingForMe),
        ("approve", c.Approve),
        ("reject", c.Reject),
        ("log", c.Log),
        ("log_operation", c.Log),
        ("help", c.Help),
    ],
)
def test_an_example_means_what_it_says(language, name, command):
    """Each example is read as the command that it explains."""
    assert isinstance(parse(say(language, f"example_{name}")), command)


def test_an_approver_without_void_right_is_not_told_to_void():
    """Help and greeting name only commands for which the person has the right."""
    told = answering.help_text(Language.ZH, APPROVER).text + answering.greeting(Language.ZH, "李强", APPROVER).text

    assert "作废" not in told
    assert "审批" in told


@LANGUAGES
def test_a_refusal_puts_values_in_words(language):
    """A refusal shows rights, times and numbers in words of the viewer's language."""
    told = [
        answering.refusal(viewer(language), why).text
        for why in (
            NotAllowed(right=Right.VOID, who=("李强", "赵军")),
            LimitReached(limit=30, done=30),
            NotFound(what="宏元"),
            AlreadyClosed("undo_too_late", operation="#0312", until=NOW),
            AlreadyClosed("closed_done", operation="#0312"),
            BadInput("already_voided", what="宏远科技"),
        )
    ]

    for text, part in zip(told, ("李强", "30", "宏元", "10:43", "#0312", "宏远科技"), strict=True):
        assert part in text
    assert say(language, "right_void") in told[0]


@LANGUAGES
@pytest.mark.parametrize("kind", Refusal.__subclasses__(), ids=lambda kind: kind.__name__)
def test_a_refusal_without_values_is_still_a_sentence(language, kind):
    """A refusal without values shows neither an empty placeholder nor the name of an error."""
    text = answering.refusal(viewer(language), kind()).text

    assert "{" not in text
    assert kind.text not in text


@LANGUAGES
def test_the_example_of_a_condition_can_be_read(language):
    """The example in the refusal of a condition is itself a condition that can be read."""
    told = say(language, "condition_unreadable", rest="?")

    assert isinstance(parse_condition(told[told.index("level") :]), All)


def test_an_unknown_refusal_is_answered_kindly():
    """A refusal whose text does not exist is answered with the sentence that nothing was changed."""
    assert "什么都没改" in answering.refusal(viewer(), BadInput("no_such_text")).text


@LANGUAGES
@pytest.mark.parametrize("state", State)
def test_every_state_has_its_refusals(language, state):
    """A tap on a closed card, and an undo that is not possible, get an answer in every state."""
    r = viewer(language)

    for family in ("closed", "no_undo"):
        assert "#0312" in answering.refusal(r, AlreadyClosed(f"{family}_{state}", operation="#0312")).text


@LANGUAGES
@pytest.mark.parametrize("status", LifeStatus)
def test_every_status_has_its_refusal(language, status):
    """A request for a status that the record already has is refused with the record's name."""
    why = BadInput(f"already_{status}", what="宏远科技")

    assert "宏远科技" in answering.refusal(viewer(language), why).text


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(days=5), "剩 5 天"),
        (timedelta(hours=23, minutes=59), "剩 23 小时"),
        (timedelta(minutes=59), "剩 59 分钟"),
        (timedelta(seconds=30), "已到时限"),
        (timedelta(days=-1), "已到时限"),
    ],
)
def test_remaining_time_is_never_rounded_up(left, words):
    """The remaining time is rounded down, so that a card never promises more than there is."""
    op = operation(state=State.PENDING)
    object.__setattr__(op, "expires_at", NOW + left)  # operations are frozen

    assert remaining(viewer(), op) == words


def test_a_number_of_nobody_is_never_shown_as_agreed():
    """A closed card names the people who approved, and nobody when there was no vote."""
    body = json.loads(closed_card(viewer(), operation(state=State.EXPIRED), names={}))
    agreed = json.loads(closed_card(viewer(), approved(operation(), State.DONE), names={}))

    assert body["replace_text"] == "已过期"
    assert agreed["replace_text"] == "liqiang 已同意 10:42 · 已执行 10:43"


@LANGUAGES
def test_the_menu_fits_wecom(language):
    """The menu has at most three entries with names of at most 16 bytes, and the bot knows every key in it."""
    entries = json.loads(menu_json(language))["button"]
    leaves = [leaf for entry in entries for leaf in entry.get("sub_button", [entry])]

    assert len(entries) <= 3
    assert all(len(entry["name"].encode()) <= 16 for entry in [*entries, *leaves])
    assert {leaf["key"] for leaf in leaves} == set(MenuKey)
    assert {leaf["type"] for leaf in leaves} == {"click"}
