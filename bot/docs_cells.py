"""Words the table cells of docs/commands.md that describe a use case: who may, the effect, the confirmation."""

from cards.keys import Press
from cards.texts.say import say
from core.domain.people import Language, Right
from core.domain.use_cases import Confirmation, Effect, ForWhom, RightOf, UseCase

_EFFECTS = {
    Effect.LOOKS: "只看 · looks",
    Effect.REVERSIBLE: "可撤回 · can be taken back",
    Effect.FOR_GOOD: "不可撤回 · for good",
}
_CONFIRMATIONS = {
    Confirmation.NONE: "—",
    Confirmation.CARD: "确认卡，再审批 · own card, then approval",
    Confirmation.APPROVAL: "审批 · approval",
    Confirmation.TWO_PEOPLE: "两人同意并等待 · two people and a wait",
    Confirmation.COMMAND: "命令本身 · the command itself",
}
_HANGING = {
    RightOf.REQUEST: "申请的那个动作 · that of the request's action",
    RightOf.QUESTION: "所问的那件事 · that of what was asked",
}
_FOR_WHOM = {
    ForWhom.ANYBODY: "谁都可以 · anybody",
    ForWhom.PLATFORM: "企业微信自己 · WeCom itself",
    ForWhom.OPERATOR: "只有这台机器的操作者 · only an operator of the machine",
}
_BUTTONS = {
    Press.CONFIRM: (
        "button_confirm_void",
        "button_confirm_archive",
        "button_confirm_delete",
        "button_confirm_restore",
    ),
    Press.CANCEL: ("button_cancel",),
    Press.APPROVE: ("button_approve",),
    Press.REJECT: ("button_reject",),
    Press.UNDO: ("button_undo",),
    Press.RUN: ("button_run",),
    Press.WITHDRAW: ("button_withdraw", "button_not_now"),
    Press.NUDGE: ("button_nudge",),
    Press.KEEP: ("button_keep_customer", "button_keep_segment"),
    Press.ASK_AGAIN: ("button_ask_again",),
    Press.PICK: ("button_pick",),
    Press.ARCHIVE_INSTEAD: ("button_archive_instead",),
    Press.FOLLOW_UP_PICK: ("button_follow_up",),
    Press.CONTACTED: ("button_contacted",),
    Press.SNOOZE: ("button_snooze",),
    Press.FOLLOW_UP_VOID: ("button_void",),
}
"""The names of the texts on each button; the `verb` of those that name an action is left open."""


def use_case_cells(case: UseCase) -> tuple[str, str, str]:
    """Returns who may, the effect, and the confirmation."""
    return _who_may(case), _EFFECTS[case.effect], _CONFIRMATIONS[case.confirmation]


def button_words(press: Press) -> tuple[str, str]:
    """Returns what stands on the button of a card, in Chinese and in English."""
    return _button(Language.ZH, press), _button(Language.EN, press)


def _button(language: Language, press: Press) -> str:
    shown = (say(language, name, verb="…") for name in _BUTTONS[press])
    return " / ".join(dict.fromkeys(shown))  # without repeats: in English several buttons have the same word


def _who_may(case: UseCase) -> str:
    match case.right:
        case None:
            return _FOR_WHOM[case.for_whom]
        case RightOf() as hanging:
            return _HANGING[hanging]
        case Right() as right:
            return f"{say(Language.ZH, f'right_{right}')} · {right}"
