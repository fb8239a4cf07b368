"""Numbers, phones and words of a closed set, as people write them in sheets."""

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
_PHONE = re.compile(r"(?P<main>\+?\d{5,20})(?:(?:转|ext|x|#)(?P<inner>\d{1,6}))?", re.ASCII)
_PHONE_FILL = re.compile(r"[\s\-–—()./]")
_CHINA_MOBILE = re.compile(r"(?:\+86|0086)(1[3-9]\d{9})", re.ASCII)
_ROUNDED = re.compile(r"\d(?:\.\d+)?E\+\d+", re.ASCII | re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;.]+(?:\.[^@\s,;.]+)+")
_MEMBER_LIMIT = 32_767
"""Characters an XLSX cell can hold."""

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
PAID = {
    **dict.fromkeys(("paid", "yes", "y", "true", "1", "是", "已付", "已付款", "已支付", "已回款", "付清"), True),
    **dict.fromkeys(
        ("unpaid", "no", "n", "false", "0", "否", "未付", "未付款", "未支付", "未回款", "待付"), False
    ),
}


def squeeze(text: str) -> str:
    """For comparing words: width, case, spaces and dashes do not count."""
    return re.sub(r"[\s_\-]+", "", unicodedata.normalize("NFKC", text)).casefold()


def read_number(cell: Cell) -> str:
    """The number people quote. Case counts: some CRMs have ids that differ in nothing else. Raises CellFault."""
    text = unicodedata.normalize("NFKC", one_line(cell, _NUMBER_LIMIT))
    if _SEPARATORS.search(text):
        raise CellFault(Fault.BAD_NUMBER)
    if isinstance(cell, float) or _ROUNDED.fullmatch(text):
        _refuse_rounded(text)
    return text


def _refuse_rounded(text: str) -> None:
    """1.38E+10 and 1.5 are what is left of a number after a spreadsheet took it for a quantity."""
    if not text.isdigit():
        raise CellFault(Fault.ROUNDED_NUMBER)


def read_phone(cell: Cell) -> str:
    """Digits, with + for another country and -ext behind; 0086 and +86 go from mobiles. Raises CellFault."""
    text = unicodedata.normalize("NFKC", one_line(cell, _WORD_LIMIT))
    if _ROUNDED.fullmatch(text):
        raise CellFault(Fault.ROUNDED_NUMBER)
    found = _PHONE.fullmatch(_PHONE_FILL.sub("", text).casefold())
    if found is None:
        raise CellFault(Fault.BAD_PHONE)
    main = _CHINA_MOBILE.sub(r"\1", found["main"])
    return f"{main}-{found['inner']}" if found["inner"] else main


def read_email(cell: Cell) -> str:
    """Raises CellFault."""
    text = unicodedata.normalize("NFKC", one_line(cell, 254))
    if not _EMAIL.fullmatch(text):
        raise CellFault(Fault.BAD_EMAIL)
    return text


def read_level(cell: Cell) -> str:
    """`A级`, `ａ` and `A` are one level. Raises CellFault."""
    text = unicodedata.normalize("NFKC", one_line(cell, 32)).strip()
    text = text.removesuffix("级") or text
    return text.upper() if len(text) == 1 else text


def read_list(cell: Cell, limit: int = _MEMBER_LIMIT) -> tuple[str, ...]:
    """Parted by any of 、，,；; | or a space, each once, in their order. Raises CellFault."""
    text = one_line(" ".join(cell.splitlines()) if isinstance(cell, str) else cell, limit)
    return tuple(dict.fromkeys(part for part in _LIST_SEPARATORS.split(text) if part))


def read_members(cell: Cell) -> tuple[str, ...]:
    """Customer numbers. Raises CellFault."""
    return tuple(read_number(part) for part in read_list(cell))


def read_medium(cell: Cell) -> Medium:
    """Raises CellFault."""
    return _word(cell, MEDIA, Fault.BAD_MEDIUM)


def read_stage(cell: Cell) -> DealStage:
    """Raises CellFault."""
    return _word(cell, STAGES, Fault.BAD_STAGE)


def read_paid(cell: Cell) -> bool:
    """Raises CellFault."""
    return _word(cell, PAID, Fault.BAD_PAID)


def _word(cell: Cell, words: dict[str, T], fault: Fault) -> T:
    found = words.get(squeeze(one_line(cell, _WORD_LIMIT)))
    if found is None:
        raise CellFault(fault)
    return found
