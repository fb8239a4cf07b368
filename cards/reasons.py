"""Reasons in the viewer's language: the listed ones, and the words that name one of them."""

from cards.texts.say import say
from cards.wording import clean
from core.domain.operation.reason import Reason, ReasonCode
from core.domain.people import Language
from core.domain.records import Kind

_ALSO_CALLED: dict[ReasonCode, str] = {
    ReasonCode.ENDED: "合作结束|合作终止|终止合作|no longer a customer",
    ReasonCode.WRONG_DATA: "信息错误|资料有误|资料错误|wrong info|wrong information|incorrect data",
    ReasonCode.DUPLICATE: "重复客户|客户重复|资料重复|重复录入|撞单|duplicated|duplicates|dupe|dupes|a duplicate"
    "|duplicate record|duplicate customer|it is a duplicate|it's a duplicate",
    ReasonCode.MOVED: "搬迁|moved|relocated",
    ReasonCode.LEFT_MARKET: "退市|market left",
    ReasonCode.UNREACHABLE: "失联|联系不到|not reachable|cannot be reached",
    ReasonCode.NO_NEED: "没需求|没有需求|不需要|no longer needed|not needed",
    ReasonCode.COMPETITOR: "被竞争对手签走|被对手签走|lost to a competitor",
    ReasonCode.CUSTOMER_ASKED: "客户请求|at the customer's request|the customer asked",
}
"""Other names that say no more than the listed ones. 破产 says more than 退出市场, so it is not here."""


def reason_name(kind: Kind, code: ReasonCode) -> str:
    """Returns the name of the text for a reason."""
    return f"segment_reason_{code}" if kind is Kind.SEGMENT else f"reason_{code}"


def reason_words(language: Language, kind: Kind, reason: Reason | None) -> str:
    """Returns the reason as the person gave it: own words follow the listed reason if they say more than it."""
    if reason is None:
        return say(language, "no_reason")
    words = clean(reason.words)
    # Words that are only the name of a listed reason may have been stored under OTHER: the name decides.
    named = _LISTED[kind].get(_plain(words))
    listed = say(language, reason_name(kind, named or reason.code))
    if not words or named is not None:
        return listed
    if reason.code is ReasonCode.OTHER:
        return words
    return say(language, "reason_with_words", reason=listed, words=words)


def _listed(kind: Kind) -> dict[str, ReasonCode]:
    """Returns the reasons by every name that they have in any language."""
    codes = [code for code in ReasonCode if code is not ReasonCode.OTHER]
    also = {_plain(name): code for code, names in _ALSO_CALLED.items() for name in names.split("|")}
    ours = {
        _plain(say(language, name)): code
        for code in codes
        for language in Language
        for name in (reason_name(Kind.CUSTOMER, code), reason_name(kind, code))
    }
    return also | ours  # our own names win where both know one


def _plain(words: str) -> str:
    """Returns a form for comparing reasons: 重复了。 is 重复, DUPLICATE! is duplicate."""
    # 了 and 的 at the end are particles: 重复, 重复了 and 重复的 mean the same.
    return words.casefold().rstrip(" .!。！，,").removesuffix("了").removesuffix("的")


# Made once: the texts do not change while the bot runs.
_LISTED = {kind: _listed(kind) for kind in Kind}
