"""Both languages have the same texts; none is missing and none is unused."""

import ast
import re
from string import Formatter

import pytest

from cards.texts import en, en_answers, zh, zh_answers
from cards.texts.say import TEXTS, say
from cards.wording import Words
from core.domain.people import Language
from tests.house.tree import PRODUCT, modules

CODE = PRODUCT
REFUSALS = {
    "Refusal",
    "BadInput",
    "NotAllowed",
    "NotFound",
    "NotYours",
    "AlreadyClosed",
    "LimitReached",
    "NoApprover",
}
# The beginning of an f-string that can be the name of a text.
FREE = re.compile(r"[a-z]+(_[a-z]+)*")


def placeholders(text: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(text) if field}


def trees() -> list[ast.Module]:
    # The files of texts themselves do not count as a use of their names.
    return [m.tree for m in modules(*CODE) if "/texts/" not in m.path or m.path.endswith("/say.py")]


def pattern(node: ast.AST) -> str | None:
    """Returns a pattern for the text names that a string or an f-string in the code can stand for."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.escape(node.value)
    if isinstance(node, ast.JoinedStr):
        parts = [re.escape(str(p.value)) if isinstance(p, ast.Constant) else "[a-z_]+" for p in node.values]
        joined = "".join(parts)
        return joined if FREE.match(joined) else None
    return None


def test_both_languages_have_the_same_names():
    """Every text exists in both languages."""
    assert zh.TEXTS.keys() == en.TEXTS.keys()
    assert zh_answers.TEXTS.keys() == en_answers.TEXTS.keys()


def test_no_name_stands_twice():
    """No name of a text is defined in two files of one language."""
    assert zh.TEXTS.keys() & zh_answers.TEXTS.keys() == set()


def test_both_languages_have_the_same_placeholders():
    """A text has the same placeholders in both languages, so that both tell the same facts."""
    different = {
        name: (placeholders(text), placeholders(TEXTS[Language.EN][name]))
        for name, text in TEXTS[Language.ZH].items()
        if placeholders(text) != placeholders(TEXTS[Language.EN][name])
    }

    assert different == {}


def test_every_text_is_used():
    """Every text is used somewhere in the code; an unused one must be removed."""
    written = {found for tree in trees() for node in ast.walk(tree) if (found := pattern(node)) is not None}
    whole = re.compile("|".join(f"(?:{found})" for found in written if found))

    assert [name for name in TEXTS[Language.ZH] if not whole.fullmatch(name)] == []


def refusal_names() -> set[str]:
    """Returns the names of the texts of all refusals that the code raises."""
    found = {name for tree in trees() for node in ast.walk(tree) for name in _names_in(node)}
    return {name for name in found if name}


def _names_in(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ClassDef) and node.name in REFUSALS:
        assigned = [n.value for n in node.body if isinstance(n, ast.Assign)]
        return [str(value.value) for value in assigned if isinstance(value, ast.Constant)]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in REFUSALS and node.args:
        return [pattern(node.args[0]) or ""]
    return []


def test_every_refusal_has_a_text():
    """Every refusal that the code raises has a text."""
    known = TEXTS[Language.ZH]
    silent = [name for name in refusal_names() if not any(re.fullmatch(name, text) for text in known)]

    assert silent == []


def test_every_value_of_a_refusal_can_be_missing():
    """Every value of a refusal has words that replace it when it is missing."""
    known = TEXTS[Language.ZH]
    spoken = [text for name in refusal_names() for text in known if re.fullmatch(name, text)]
    needed = {field for text in spoken for field in placeholders(known[text])}

    assert {field for field in needed if f"missing_{field}" not in known} == set()


@pytest.mark.parametrize("language", list(Language), ids=str)
def test_names_of_lines_and_buttons_are_short(language):
    """Names of card lines have at most 5 characters; buttons and options are as short as a phone shows them."""
    most = {"key_": 5, "button_": 10, "reason_": 16, "segment_reason_": 16, "objection_": 16}
    # These begin like short names but are sentences or hold placeholders.
    free = {"reason_needed", "reason_with_words", "button_ask_again"}
    long = [
        name
        for name, text in TEXTS[language].items()
        for start, room in most.items()
        if name.startswith(start) and name not in free and len(text) > room
    ]

    assert long == []


def test_values_are_cleaned_and_our_own_words_are_not():
    """A plain value in a text loses its markup, while a text of the bot keeps its signs."""
    forged = say(Language.ZH, "quoted", name="a\n**b**」|")
    nested = say(Language.ZH, "quoted", name=Words("$1"))

    assert forged == "「a ＊＊b＊＊』｜」"
    assert nested == "「$1」"


def test_an_operation_number_stays_as_people_quote_it():
    """The number of an operation keeps its # in a text: #0312."""
    assert say(Language.ZH, "source", operation="#0312") == "客户助手 · #0312"


def test_english_quotes_are_straight():
    """English texts use straight quotes, because Chinese fonts draw “ and ” as wide as a Chinese character."""
    assert [name for name, text in TEXTS[Language.EN].items() if set(text) & set("“”‘’「」")] == []
