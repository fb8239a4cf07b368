"""There is one list of use cases: every door names its entry, and every entry says what it does."""

import re
from dataclasses import replace

import pytest

from bot.docs_command_line import command_line_rows
from cards.keys import Press
from core.domain.actions import Action
from core.domain.use_cases import Confirmation, Effect, ForWhom, UseCase
from core.services import use_cases
from core.services.use_cases import USE_CASES
from handlers.table import ROUTES

MORE_THAN_ONE_PERSON = {Confirmation.TWO_PEOPLE, Confirmation.COMMAND}
TYPED = [row.use_case for row in command_line_rows()]
CHAT = [route.use_case for route in ROUTES]


def test_every_command_says_what_it_does() -> None:
    """Each command and sub-command of the command line names a use case of the list."""
    assert [row.usage for row in command_line_rows() if row.use_case not in USE_CASES] == []


def test_every_route_says_what_it_does() -> None:
    """Each row of the route table names a use case of the list; any other would be missing in the docs."""
    assert [case.name for case in CHAT if case not in USE_CASES] == []


def test_every_use_case_has_a_door() -> None:
    """The list has no use case that no door offers."""
    assert [case.name for case in USE_CASES if case not in CHAT and case not in TYPED] == []


def test_a_thing_is_said_or_typed() -> None:
    """A use case for operators has no route in the chat, and every command is for operators."""
    assert [case.name for case in CHAT if case.for_whom is ForWhom.OPERATOR] == []
    assert [case for case in TYPED if case is None or case.for_whom is not ForWhom.OPERATOR] == []


def test_a_command_has_a_use_case_of_its_own() -> None:
    """No two commands have the same use case, and its name is what an operator types."""
    typed = [" ".join(re.findall(r"^[a-z]+(?: [a-z]+)?", row.usage)) for row in command_line_rows()]
    assert [case and case.name for case in TYPED] == typed


def test_words_and_button_are_one_thing() -> None:
    """Whatever a button does can also be said, with the same use case, except the tick on a reminder."""
    tapped = {route.use_case for route in ROUTES if isinstance(route.on, Press)}
    said = {route.use_case for route in ROUTES if not isinstance(route.on, Press)}
    assert tapped - said == {use_cases.FOLLOW_UP}


def test_names_stay_apart() -> None:
    """Names of use cases are unique, and each is found in the code under its name."""
    assert len({case.name for case in USE_CASES}) == len(USE_CASES)
    for case in USE_CASES:
        assert re.fullmatch(r"[a-z]+( [a-z]+)*", case.name)
        assert getattr(use_cases, case.name.upper().replace(" ", "_")) is case


@pytest.mark.parametrize("case", USE_CASES, ids=lambda case: case.name)
def test_every_use_case_is_worded(case: UseCase) -> None:
    """Each use case has a line in Chinese and one in English."""
    assert re.search(r"[\u4e00-\u9fff]", case.zh)
    assert re.fullmatch(r"[ -~]+", case.en)


def test_nobody_changes_anything_for_good_alone() -> None:
    """A use case that cannot be undone needs more than one person, or an operator at the machine."""
    final = [case for case in USE_CASES if case.effect is Effect.FOR_GOOD]
    assert final
    assert [case.name for case in final if case.confirmation not in MORE_THAN_ONE_PERSON] == []


@pytest.mark.parametrize("weak", [one for one in Confirmation if one not in MORE_THAN_ONE_PERSON])
def test_a_final_use_case_cannot_be_made_weaker(weak: Confirmation) -> None:
    """A use case with too weak a confirmation raises when it is made."""
    with pytest.raises(ValueError, match="for good"):
        replace(use_cases.IMPORT, confirmation=weak)


def test_a_right_and_members_belong_together() -> None:
    """A use case for members without a right, or one for others with a right, raises when it is made."""
    with pytest.raises(ValueError, match="right"):
        replace(use_cases.FIND, right=None)
    with pytest.raises(ValueError, match="right"):
        replace(use_cases.FIND, for_whom=ForWhom.ANYBODY)


def test_only_an_operator_confirms_by_typing() -> None:
    """The command itself confirms what an operator changes, and nothing else."""
    typed = [case for case in USE_CASES if case.confirmation is Confirmation.COMMAND]
    assert typed == [
        case for case in USE_CASES if case.for_whom is ForWhom.OPERATOR and case.effect is not Effect.LOOKS
    ]


def test_looking_needs_no_confirmation() -> None:
    """A use case that only looks needs no confirmation."""
    asked = [case for case in USE_CASES if case.effect is Effect.LOOKS]
    assert [case.name for case in asked if case.confirmation is not Confirmation.NONE] == []


def test_the_words_for_an_action_need_its_right_and_tell_its_effect() -> None:
    """A use case such as 作废 needs the right of its request, and says so when the request cannot be undone."""
    offered = [(route.use_case, route.action) for route in ROUTES if route.action is not None]
    assert [action for _, action in offered] == [Action.VOID, Action.ARCHIVE, Action.DELETE, Action.RESTORE]
    for case, action in offered:
        assert case.right is action.right
        assert (case.effect is Effect.FOR_GOOD) is not action.reversible


@pytest.mark.parametrize(
    "case", [use_cases.CONFIRM, use_cases.ASK_AGAIN, use_cases.APPROVE, use_cases.RUN], ids=lambda case: case.name
)
def test_a_step_of_a_request_tells_the_worst_that_can_come_of_it(case: UseCase) -> None:
    """Confirming and approving state the strongest effect of all actions that can be asked for."""
    effects = {route.use_case.effect for route in ROUTES if route.action is not None}
    assert case.effect is max(effects, key=list(Effect).index)
