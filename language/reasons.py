"""The reading of reasons: words that name one of the ten reasons of the confirm card."""

# ruff: noqa: E501  (a row of words is checked by eye, unbroken)

import re

from core.domain.operation.reason import Reason, ReasonCode
from language import normal
from language.normal import Said

# The order matters: the first reason whose words fit is taken.
_WORDS: tuple[tuple[ReasonCode, str], ...] = (
    (ReasonCode.DUPLICATE, r"重复|撞单|录了?两[次遍]|有两个|duplicat\w*|\bdupes?\b|twice"),
    (ReasonCode.COMPETITOR, r"竞品|竞争对手|对手|被.{0,6}(?:签走|抢走|挖走)|competitors?|rival"),
    (ReasonCode.UNREACHABLE, r"联系不[上到]|打不通|空号|失联|不接电话|找不到人|unreachable|no (?:answer|reply)|can'?t (?:be )?reach\w*|cannot (?:be )?reach\w*"),
    (ReasonCode.CUSTOMER_ASKED, r"(?:客户|对方|他们?|她|本人)(?:自己)?(?:要求|请求|提出|让我?们?(?:删|作废))|客户要|(?:customer|client|they) (?:asked|requested|wants? (?:out|it))|at (?:the |their )?(?:customer'?s? )?request"),
    (ReasonCode.MOVED, r"搬迁|搬走|搬家|迁走|迁址|搬到|\bmoved\b|relocated"),
    (ReasonCode.LEFT_MARKET, r"退出市场|退市|倒闭|破产|注销|关门|停业|不做这行|left the market|bankrupt\w*|insolven\w*|closed down|out of business"),
    (ReasonCode.NO_NEED, r"无需求|没有?需求|不需要|用不[着上]|没预算|no (?:longer )?need\w*|not interested|no (?:demand|budget)|don'?t need"),
    (ReasonCode.WRONG_DATA, r"信息(?:有误|错误|不对|不实)|资料(?:有误|错误|不对)|(?:录|填|输|写|建)错|错误信息|数据(?:错误|有误)|假的|测试|wrong (?:data|info\w*|entry)|incorrect|invalid data|typo|\btest\b|fake"),
    (ReasonCode.ENDED, r"不(?:再)?合作|不跟我们合作|合作(?:结束|终止)|终止合作|黄了|没戏|凉了|死单|谈崩|丢单|不买了|不行了|no longer (?:works?|buys?|a customer)|ended|cooperation over|\bdead\b|deal (?:is )?(?:dead|lost|off)|fell through|churned"),
)  # fmt: skip
_BY_WORDS = tuple((code, re.compile(words)) for code, words in _WORDS)

# 不是重复 is some other reason, not a duplicate.
_DENIED = re.compile(r"(?:不是|并非|不算|(?<![a-z])not (?:an? |the )?)$")

_MARKER = re.compile(
    r"(?:作废|删除|归档)?(?:原因|理由)(?:是|为)?\s?[:=]?\s?|因为\s?|由于\s?|"
    r"(?<![a-z0-9])(?:because(?: of)?|reason(?:\s?[:=]|\s+is)|due to|since (?=they|it|we|he|she|the ))\s?"
)


def reason_of(words: str, shadow: str) -> Reason | None:
    """Returns the reason that the words name, or None when they name none of the ten."""
    for code, pattern in _BY_WORDS:
        found = pattern.search(shadow)
        if found and not _DENIED.search(shadow, 0, found.start()):
            return Reason(code, words)
    return None


def any_reason(said: Said) -> Reason | None:
    """Returns what somebody gave as a reason: one of the ten, or OTHER with their words; None for an empty text."""
    kept = said.trim(" \n:,。.!、;()")
    if not kept:
        return None
    if kept.shadow in {"其他", "其它", "other"}:
        return Reason(ReasonCode.OTHER)  # the person still has to write what the other reason is
    return reason_of(kept.text, kept.shadow) or Reason(ReasonCode.OTHER, kept.text)


def split_reason(line: Said) -> tuple[Said, Reason | None]:
    """Split `作废宏远 因为重复` into the command and the reason; `因为重复，作废宏远` works as well."""
    found = _MARKER.search(line.shadow)
    if found is None:
        return line, None
    before, after = line.cut(0, found.start()).trim(" \n,。.;、("), line.cut(found.end()).trim(" \n)")
    if before:
        return before, any_reason(after)
    comma = re.search(r"[,。;\n]", after.shadow)
    if comma is None:
        return line, None
    return after.cut(comma.end()).trim(), any_reason(after.cut(0, comma.start()))


_SUBJECT_TAIL = re.compile(r"(?:已经|已|都|也|说|现在|早就|好像|一直|被|是)+$")
# Behind a blank or in brackets, and only these: 重复 directly after a name could belong to it.
_SPACED = re.compile(
    r"(?:\s\(?|\()(?:重复(?:了|的)?|不再合作|信息有误|已搬迁|退出市场|联系不上|无需求|被竞品签走|客户要求|倒闭了?|黄了|duplicate|dupe|no longer needed)\)?$"
)


def ends_in_reason(clause: Said, *, spaced: bool = False) -> Said | None:
    """Returns what stands before a reason at the end of the clause: 宏远 in `宏远联系不上了`; None without a reason.

    `spaced`: only the listed reasons behind a blank count, because other words may be a part of the name.
    """
    if spaced:
        found = _SPACED.search(clause.shadow)
        return clause.cut(0, found.start()) if found and found.start() else None
    starts = [found.start() for _, pattern in _BY_WORDS if (found := pattern.search(clause.shadow))]
    if not starts or min(starts) < 2:  # fewer than two characters before the reason are no name
        return None
    before = clause.cut(0, min(starts)).trim()
    tail = _SUBJECT_TAIL.search(before.shadow)
    kept = before.cut(0, tail.start()) if tail else before
    return kept if len(kept.text) >= 2 else None


def reason_in(words: str) -> Reason:
    """Returns the reason for a whole line that the bot asked for: a listed one if the line says just that, else OTHER.

    Other words are kept as they are and not filed under a reason that they only touch upon.
    """
    line = normal.said(words).trim(" \n:,。.!、;()")
    code = next((code for code, pattern in _BY_WORDS if pattern.fullmatch(line.shadow)), ReasonCode.OTHER)
    return Reason(code, words.strip())
