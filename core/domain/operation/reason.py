"""The reasons that a requester gives for a change."""

from dataclasses import dataclass
from enum import StrEnum


class ReasonCode(StrEnum):
    """The options in the drop-down of the confirm card. `language/reasons.py` reads the same codes from words."""

    ENDED = "ended"  # 不再合作
    WRONG_DATA = "wrong_data"  # 信息有误
    DUPLICATE = "duplicate"  # 重复
    MOVED = "moved"  # 已搬迁
    LEFT_MARKET = "left_market"  # 退出市场
    UNREACHABLE = "unreachable"  # 联系不上
    NO_NEED = "no_need"  # 无需求
    COMPETITOR = "competitor"  # 被竞品签走
    CUSTOMER_ASKED = "customer_asked"  # 客户要求
    OTHER = "other"  # 其他(下条写)


@dataclass(frozen=True, slots=True)
class Reason:
    code: ReasonCode
    words: str = ""
    """What the person wrote; OTHER needs it."""
