"""What people see, word for word, in both languages."""

from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from cards.menu import menu_json
from core.domain.people import Language
from tests.card_gallery import answers, closed, drawn

LANGUAGES = pytest.mark.parametrize("language", list(Language), ids=str)


def unsigned(body: dict[str, Any]) -> dict[str, Any]:
    """Signed keys say nothing to the eye; what they hold is tested with the keys."""
    for button in (*body.get("button_list", ()), body.get("submit_button", {})):
        if "key" in button:
            button["key"] = "…"
    return body


@LANGUAGES
def test_every_card(language: Language, snapshot: SnapshotAssertion) -> None:
    """Each card looks as it was agreed."""
    shown = {label: unsigned(dict(card.to_wecom())) for label, card in drawn(language).items()}

    assert shown == snapshot(extension_class=JSONSnapshotExtension)


@LANGUAGES
def test_every_closed_card(language: Language, snapshot: SnapshotAssertion) -> None:
    """Each end of a card says what became of it."""
    assert closed(language) == snapshot(extension_class=JSONSnapshotExtension)


@LANGUAGES
def test_every_answer(language: Language, snapshot: SnapshotAssertion) -> None:
    """Each text answer reads as it was agreed."""
    shown = {label: message.text.splitlines() for label, message in answers(language).items()}

    assert shown == snapshot(extension_class=JSONSnapshotExtension)


@LANGUAGES
def test_the_menu(language: Language, snapshot: SnapshotAssertion) -> None:
    """The menu holds the four ways in."""
    assert menu_json(language) == snapshot
