"""The reading of operation numbers, list numbers and counts, as people write them."""

import re

from language.normal import Said

# 3号楼 and 2号店 are parts of addresses and names, so 号 before such a word makes no operation number.
_OPERATION = re.compile(r"#\s?(\d{1,9})(?!\d)(?:\s?号)?|(?<![\w#-])(\d{1,9})\s?号(?!楼|院|店|线|码|公馆|机|仓)")
_BARE = re.compile(r"\d{1,9}")
DIGITS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
_CHOICE = re.compile(
    r"(?:我?选|就?第|就选第?|no\.? ?|number |option |pick |choose )?\s?"
    r"(\d{1,2}|[一二两三四五六七八九十])\s?(?:个|项|条)?"
)


def find_operation(said: Said) -> tuple[int | None, Said]:
    """Returns the first number like `#0312` or `312号`, or None, and the text without it."""
    found = _OPERATION.search(said.shadow)
    if found is None:
        return None, said
    return int(found[1] or found[2]), said.without(*found.span()).trim()


def count_operations(said: Said) -> int:
    return len(_OPERATION.findall(said.shadow))


def only_operation(said: Said) -> tuple[int | None, bool]:
    """Returns (number, True) for `#0312`, `312号`, `312`; (None, True) for an empty text; else (None, False)."""
    rest = said.trim(" \n:,。.!")
    if not rest:
        return None, True
    if _BARE.fullmatch(rest.shadow):
        return int(rest.shadow), True
    number, left = find_operation(rest)
    return (None, False) if number is None or left.trim(" \n:,。.!") else (number, True)


def choice(said: Said) -> int | None:
    """Returns the place in a list for `2`, `选2`, `第二个`, or None when the text is anything else."""
    found = _CHOICE.fullmatch(said.shadow)
    if found is None:
        return None
    # 二 alone is no answer, while 2 and 第二个 are.
    bare_han = found[0] == found[1] and not found[1].isdigit()
    return None if bare_han else DIGITS.get(found[1]) or int(found[1])
