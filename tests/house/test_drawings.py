"""The life cycles drawn in README.md are those that the code enforces."""

import re

from core.domain.actions import Action, LifeStatus, after, allowed_from
from core.domain.operation.life import State, moves_from
from tests.house.tree import ROOT

Arrow = tuple[str, str]


def _drawing(name: str) -> str:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    (drawn,) = re.findall(rf"<!-- {name}: \S+ -->\n```mermaid\nstateDiagram-v2\n(.+?)```", page, re.DOTALL)
    return str(drawn)


def _arrows(drawing: str) -> dict[Arrow, str]:
    """Returns the first word beside each arrow by (from, to). Every line of the drawing must be an arrow."""
    found: dict[Arrow, str] = {}
    for line in drawing.strip().splitlines():
        parts = re.fullmatch(r"\s*(\S+) --> (\S+?)(?:: (\S+).*)?", line)
        assert parts is not None, line
        start, end, word = parts.groups()
        assert (start, end) not in found, line
        found[start, end] = word or ""
    return found


def _moves(arrows: dict[Arrow, str]) -> dict[Arrow, str]:
    return {arrow: word for arrow, word in arrows.items() if "[*]" not in arrow}


def _ends(arrows: dict[Arrow, str]) -> set[str]:
    return {start for start, end in arrows if end == "[*]"}


def test_the_life_of_a_record_is_drawn_as_it_is() -> None:
    """Every change of a record's status is an arrow that names its action, and no other arrow is drawn."""
    before = [None, LifeStatus.VOIDED, LifeStatus.ARCHIVED]
    real = {
        (status.value, after(action, status, was).value): action.value
        for action in Action
        for status in allowed_from(action)
        for was in before
    }
    drawn = _arrows(_drawing("record"))
    assert _moves(drawn) == real
    assert _ends(drawn) == {status.value for status in LifeStatus} - {start for start, _ in real}
    assert ("[*]", LifeStatus.ACTIVE.value) in drawn


def test_the_life_of_an_operation_is_drawn_as_it_is() -> None:
    """Every move of an operation is an arrow, no other arrow is drawn, and states without a move are ends."""
    real = {(state.value, to.value) for state in State for to in moves_from(state)}
    drawn = _arrows(_drawing("operation"))
    assert set(_moves(drawn)) == real
    assert _ends(drawn) == {state.value for state in State if not moves_from(state)}
    assert ("[*]", State.DRAFT.value) in drawn
