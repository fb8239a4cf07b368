"""The reading of restores by when and how many, not by name: 恢复 昨天删的那三个, 恢复刚才那个, 撤销刚才那个."""

import re
from functools import cache

from core.domain.actions import Action
from language.commands import BringBack, Undo
from language.names import after_verb, is_indirect
from language.normal import Said
from language.numbers import DIGITS
from language.verbs import any_of, opening, verb

_DAYS = (("前天", 2), ("昨天", 1), ("今天", 0), ("上午", 0), ("下午", 0), ("yesterday", 1), ("today", 0))
_COUNT = re.compile(r"(?<!上)(?<!最近)([一二两三四五六七八九十]|\d{1,4})\s?(?:个|家|张)")


def last_of_mine(head: Said) -> Undo | BringBack | None:
    """Returns the undo or restore of the person's own last operations, or None when the text is about a name."""
    taken_back = _taken_back().match(head.shadow)
    found = opening(head)
    if taken_back:
        rest = head.cut(taken_back.end())
    elif found and found.verb.action is Action.RESTORE:
        rest = found.rest
    else:
        return None
    thing = after_verb(rest).trim(" :,。.!")
    if not is_indirect(thing):
        return None
    meant = what_is_meant(thing)
    return Undo() if taken_back and meant == BringBack() else meant


@cache
def _taken_back() -> re.Pattern[str]:
    """Returns the pattern of 撤销 before its object: 撤销刚才那个, but not 撤销作废, which means 恢复."""
    # Longest first, because the first alternative that fits is taken.
    words = sorted(verb("撤销").words, key=len, reverse=True)
    return re.compile(rf"(?:{any_of(words)})(?!作废$|归档$|删除$)")


def what_is_meant(thing: Said) -> BringBack:
    """Returns the operations that an indirect text points at, such as 昨天作废的那三个."""
    shadow = thing.shadow
    count = _COUNT.search(shadow)
    return BringBack(
        days_ago=next((days for word, days in _DAYS if word in shadow), None),
        count=(DIGITS.get(count[1]) or int(count[1])) if count else None,
        action=Action.ARCHIVE if "归档" in shadow else Action.VOID if "作废" in shadow else None,
    )
