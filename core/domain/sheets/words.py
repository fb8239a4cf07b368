"""The reading of numbers, phones and words of a closed set, as people write them in sheets."""

import re
import unicodedata
from typing import TypeVar

from core.domain.records import DealStage, Medium
from core.domain.sheets.cells import Cell, one_line
from core.domain.sheets.faults import CellFault, Fault

T = TypeVar("T")
_NUMBER_LIMIT = 64
_WORD_LIMIT = 64
_SEPARATORS = re.compile(r"[\s、，,;；]")
_LIST_SEPARATORS = re.compile(r"[\s、，,;；|]+")
# An extension may follow the number: 0571-88888888转801.
_PHONE = re.compile(r"(?P<main>\+?\d{5,20})(?:(?:转|ext|x|#)(?P<inner>\d{1,6}))?", re.ASCII)
# Signs that people put between the digits of a phone number.
_PHONE_FILL = re.compile(r"[\s\-–—()./]")
# Mobile numbers are stored without the country code, so that one number has one form.
_CHINA_MOBILE = re.compile(r"(?:\+86|0086)(1[3-9]\d{9})", re.ASCII)
# Scientific notation, such as 1.38E+10: a spreadsheet has taken a number for a quantity.
_ROUNDED = re.compile(r"\d(?:\.\d+)?E\+\d+", re.ASCII | re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;.]+(?:\.[^@\s,;.]+)+")
# The number of characters that an XLSX cell can hold.
_MEMBER_LIMIT = 32_767

MEDIA = {
    **dict.fromkeys(
        ("phone", "call", "tel", "telephone", "mobile", "电话", "通话", "来电", "去电", "手机"), Medium.PHONE
    ),
    **dict.fromkeys(("wechat", "weixin", "wecom", "wx", "微信", "企业微信", "企微"), Medium.WECHAT),
    **dict.fromkeys(("visit", "meeting", "onsite", "拜访", "上门", "面谈", "会议", "见面", "来访"), Medium.VISIT),
    **dict.fromkeys(("email", "mail", "e-mail", "邮件", "电子邮件", "邮箱"), Medium.EMAIL),
    **dict.fromkeys(("other", "其他", "其它"), Medium.OTHER),
}
STAGES = {
    **dict.fromkeys(("open", "ongoing", "inprogress", "进行中", "跟进中", "未结束"), DealStage.OPEN),
    **dict.fromkeys(("won", "closedwon", "赢单", "赢", "成交", "已成交"), DealStage.WON),
    **dict.fromkeys(("lost", "closedlost", "输单", "输", "丢单", "已丢单"), DealStage.LOST),
}
# "true" and "false" are boolean cells, as `as_text` writes them.
PAID = {
    **dict.fromkeys(("paid", "yes", "y", "true", "1", "是", "已付", "已付款", "已支付", "已回款", "付清"), True),
    **dict.fromkeys(
        ("unpaid", "no", "n", "false", "0", "否", "未付", "未付款", "未支付", "未回款", "待付"), False
    ),
}


def squeeze(text: str) -> str:
    """Returns a form for comparing words, in which width, case, spaces and dashes do not count."""
    return re.sub(r"[\s_\-]+", "", unicodedata.normalize("NFKC", text)).casefold()


def read_number(cell: Cell) -> str:
    """Returns the number that people quote. Raises CellFault.

    Case is kept, because some CRMs have ids that differ in nothing else.
    """
    text = unicodedata.normalize("NFKC", one_line(cell, _NUMBER_LIMIT))
    if _SEPARATORS.search(text):
        raise CellFault(Fault.BAD_NUMBER)
    if isinstance(cell, float) or _ROUNDED.fullmatch(text):
        _refuse_rounded(text)
    return text


def _refuse_rounded(text: str) -> None:
    """Refuse what a spreadsheet leaves of a number that it took for a quantity, such as 1.38E+10 or 1.5."""
    if not text.isdigit():
        raise CellFault(Fault.ROUNDED_NUMBER)


def read_phone(cell: Cell) -> str:
    """Returns the digits of a phone number. Raises CellFault.

    A + stays for other countries, an extension follows after -, and mobiles lose 0086 or +86.
    """
    text = unicodedata.normalize("NFKC", one_line(cell, _WORD_LIMIT))
    if _ROUNDED.fullmatch(text):
        raise CellFault(Fault.ROUNDED_NUMBER)
    found = _PHONE.fullmatch(_PHONE_FILL.sub("", text).casefold())
    if found is None:
        raise CellFault(Fault.BAD_PHONE)
    main = _CHINA_MOBILE.sub(r"\1", found["main"])
    return f"{main}-{found['inner']}" if found["inner"] else main


def read_email(cell: Cell) -> str:
    """Returns an e-mail address. Raises CellFault."""
    text = unicodedata.normalize("NFKC", one_line(cell, 254))  # the longest address that mail can carry (RFC 5321)
    if not _EMAIL.fullmatch(text):
        raise CellFault(Fault.BAD_EMAIL)
    return text


def read_level(cell: Cell) -> str:
    """Returns a customer's level: `A级`, `ａ` and `A` are the same one. Raises CellFault."""
    text = unicodedata.normalize("NFKC", one_line(cell, 32)).strip()
    text = text.removesuffix("级") or text  # 级 alone is kept
    return text.upper() if len(text) == 1 else text  # a single letter is a grade; VIP stays as it is written


def read_list(cell: Cell, limit: int = _MEMBER_LIMIT) -> tuple[str, ...]:
    """Returns the words of a list, each once, in their order. Raises CellFault.

    Any of 、 ， , ； ; | or a blank separates the words.
    """
    # A line break separates words as well, but `one_line` would refuse it.
    text = one_line(" ".join(cell.splitlines()) if isinstance(cell, str) else cell, limit)
    return tuple(dict.fromkeys(part for part in _LIST_SEPARATORS.split(text) if part))


def read_members(cell: Cell) -> tuple[str, ...]:
    """Returns the customer numbers of a list. Raises CellFault."""
    return tuple(read_number(part) for part in read_list(cell))


def read_medium(cell: Cell) -> Medium:
    """Returns the medium that the cell names. Raises CellFault."""
    return _word(cell, MEDIA, Fault.BAD_MEDIUM)


def read_stage(cell: Cell) -> DealStage:
    """Returns the deal stage that the cell names. Raises CellFault."""
    return _word(cell, STAGES, Fault.BAD_STAGE)


def read_paid(cell: Cell) -> bool:
    """Returns whether the cell says that the invoice is paid. Raises CellFault."""
    return _word(cell, PAID, Fault.BAD_PAID)


def _word(cell: Cell, words: dict[str, T], fault: Fault) -> T:
    found = words.get(squeeze(one_line(cell, _WORD_LIMIT)))
    if found is None:
        raise CellFault(fault)
    return found
