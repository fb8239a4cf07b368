"""The reading of names: a record's name is cut out of the words around it without losing any of its characters."""

# ruff: noqa: E501  (a row of words is checked by eye, unbroken)

import re
from dataclasses import dataclass

from core.domain.records import Kind
from language.normal import Said

_QUOTED = re.compile(
    r"「([^「」\n]+)」|『([^『』\n]+)』|“([^“”\n]+)”|‘([^‘’\n]+)’|\"([^\"\n]+)\"|《([^《》\n]+)》|【([^【】\n]+)】"
)
_EDGES = " \n:,。.!;、~…?—-"
# Legal forms that follow a comma or a full stop inside a name: Acme Co., Ltd.
_FIRM_TAIL = re.compile(
    r"(?:inc|ltd|llc|co|corp|corporation|limited|gmbh|plc|s\.?a|pte|pty|ag|bv|kk|llp)(?![a-z])"
)
_SPLIT = re.compile(r"[,;、\n。!]|\.(?=\s|$)")

# Words for a customer before its name. 客户通, 客户宝 and the like stay whole, as they may be names themselves.
_BEFORE = re.compile(
    r"名(?:叫|为)|叫做?|"
    r"(?:这个|那个|该)?(?:客\s?户(?!通|宝|云|端)|公司(?=\s|:|[「『“\"]))|(?:the |that |this )?(?:customers?|clients?|accounts?)(?![a-z0-9])|(?:the|named|called)(?=\s)"
)
_OBJECT_ALONE = re.compile(
    r"(?:这个|那个|该|这家|那家)?(?:客\s?户|公司)|(?:the |this |that )?(?:customers?|clients?|accounts?|groups?|segments?)"
)
_AFTER = re.compile(
    r"\s?(?:这个|那个|这家|那家|该)(?:客户|公司)?$|\s客户$|(?<=[a-z0-9])\s(?:customer|client|account)$"
)
_POLITE_AFTER = re.compile(
    r"[\s,。!.~]*(?:谢谢(?:你|您|啦|了|大家)?|多谢|感谢|辛苦了?|麻烦了|拜托了?|(?<![a-z])(?:please|pls|plz|thanks?(?: you)?(?: a lot| very much)?|thx|asap))$"
)
# Particles at the end. The characters before 吧 and 了 are excluded because of names: 酒吧, 网吧, 饿了么, 娃哈哈.
_SOFT_AFTER = re.compile(
    r"(?:\s?一下|(?<=\s)吧|(?<![酒网书氧贴水茶陶迪清话影餐果奶咖歌啡吧])吧|(?<!饿)了|(?<=[\s吧了])[啊啦呗哦哈呀呢])$"
)

# Words for a segment before its name. 客户群英科技 is a customer called 群英科技, so some characters may not follow 群.
_SEGMENT = re.compile(
    r"(?:这个|那个)?(?:客\s?户)?\s?(?:群\s?体|群\s?组|分\s?组|人群|客户组)|客\s?户\s?群(?!英|星|众|兴|策|益|创|达|盛)|(?:the |that |this )?(?:customer )?(?:groups?|segments?)(?![a-z0-9])"
)
_SEGMENT_AFTER = re.compile(
    r"\s?(?:这个|那个|的)?(?:客户)?(?:群体|群组|分组|客户群)$|(?<=[a-z0-9\u3400-\u9fff])\ssegment$"
)

# A list of records: two numbers in a row, two names joined by 和, or three Chinese words between blanks.
_CODE = r"[a-z]{1,3}-?\d{2,}"
_CODES = re.compile(rf"{_CODE}(?:\s?(?:和|与|跟|及|and|&)?\s?{_CODE})+")
_JOINED = re.compile(r"以及|还有|\s(?:和|与|跟|及)\s?|\s?(?:和|与|跟|及)\s")
_HAN_WORDS = re.compile(r"[\u3400-\u9fff]{2,}(?:\s[\u3400-\u9fff]{2,}){2,}")
# Words that point at a record without naming it: 刚才那个, 昨天删的那三个, the last one.
_INDIRECT = re.compile(
    r"(?:它|他|她|这个|那个|这家|那家|这条|刚才(?:那个|的|删的)?(?:那个)?|刚刚(?:那个|的|删的)?|上一个|上次(?:那个|的)?|上一步|最近(?:一个|那个)|"
    r"(?:(?:昨天|前天|今天|刚才|刚刚|上午|下午)(?:上午|下午)?)?(?:我)?(?:误)?(?:删|作废|归档)(?:掉|除)?(?:了)?的?(?:那|这)?(?:[一二两三四五六七八九十\d]+)?(?:个|家|些)?(?:客户)?|"
    r"it|that|this|the last one|last one|the last|them|that one|this one)"
)


@dataclass(frozen=True, slots=True)
class Object:
    """The object of a verb: the kind and the name of a record; the name is empty when none was said."""

    kind: Kind
    name: Said


def mask_quotes(shadow: str) -> str:
    """Returns the shadow with quoted names blanked out; its length stays the same, so that places still fit."""
    return _QUOTED.sub(lambda found: "\0" * len(found[0]), shadow)


def clauses(line: Said) -> list[Said]:
    """Returns the parts between punctuation and line ends; a quoted name and `Acme Co., Ltd` stay whole."""
    masked = mask_quotes(line.shadow)
    parts: list[Said] = []
    start = 0
    for sign in _SPLIT.finditer(masked):
        if sign[0] in {",", "."} and _FIRM_TAIL.match(masked[sign.end() :].lstrip(" ,")):
            continue
        # The full stop of an initial or an abbreviation ends no clause: J. Smith, No. 7.
        if sign[0] == "." and re.search(
            r"(?:^|[^a-z])(?:[a-z]|co|inc|ltd|corp|no|mr|mrs|dr|st)$", masked[: sign.start()]
        ):
            continue
        parts.append(line.cut(start, sign.start()))
        start = sign.end()
    parts.append(line.cut(start))
    trimmed = [part.trim() for part in parts]
    return [part for part in trimmed if part.text]


def without_courtesy(line: Said) -> Said:
    """Returns the line without 谢谢, please and the like at its end."""
    # Only the last 64 characters are searched, so that a long line costs no more than a short one.
    while found := _POLITE_AFTER.search(line.shadow, max(0, len(line.shadow) - 64)):
        line = line.cut(0, found.start()).trim()
    return line


def clean_name(part: Said, *, soften: bool = True) -> Said:
    """Returns the name without words for a customer, quotes and particles around it; a quoted name stays as it is.

    `soften`: 吧, 了, 一下 … at the end may be cut as well.
    """
    part = part.trim(_EDGES)
    while (found := _BEFORE.match(part.shadow)) and found.end() < len(part.text):
        part = part.cut(found.end()).trim(_EDGES)
    part = without_courtesy(part)
    if found := _QUOTED.search(part.shadow):
        outside = part.without(*found.span()).trim(_EDGES).shadow
        if not outside or _only_fillers(outside):
            # One of the seven kinds of quotes has matched, each with a group of its own.
            group = next(index for index in range(1, 8) if found[index])
            return part.cut(*found.span(group)).trim()
        return part
    if _OBJECT_ALONE.fullmatch(part.shadow):
        return part.cut(0, 0)
    while found := _AFTER.search(part.shadow) or (soften and _SOFT_AFTER.search(part.shadow)) or None:
        if found.start() == 0:  # the whole text looks like a particle, so it is a name
            break
        part = part.cut(0, found.start()).trim(_EDGES)
    return part


def _only_fillers(outside: str) -> bool:
    return (
        re.fullmatch(r"(?:这个|那个|这家|该|客户|公司|的|吧|了|一下|啊|啦|\s|please|customer|client)*", outside)
        is not None
    )


def object_of(part: Said) -> Object:
    """Returns kind and name of texts like `客户 宏远科技`, `分组「展会线索2024」`, `展会线索2024 这个分组`."""
    part = part.trim(_EDGES)
    if found := _SEGMENT.match(part.shadow):
        return Object(Kind.SEGMENT, clean_name(part.cut(found.end())))
    found = _SEGMENT_AFTER.search(part.shadow)
    if found and found.start() > 0:
        return Object(Kind.SEGMENT, clean_name(part.cut(0, found.start())))
    return Object(Kind.CUSTOMER, clean_name(part))


def after_verb(rest: Said) -> Said:
    """Returns the rest without a particle of the verb before it: 作废一下宏远, but not 作废 一下科技."""
    found = re.match(r"\s?(?:掉|了|一下)+(?=\s)|(?:掉|了|一下)+", rest.shadow)
    return rest.cut(found.end()) if found else rest


def is_indirect(name: Said) -> bool:
    """Returns whether the text points at a record without naming it: 刚才那个, 昨天删的那三个, the last one."""
    return _INDIRECT.fullmatch(name.shadow) is not None


def is_list(name: Said) -> bool:
    """Returns whether more than one record is named."""
    if _QUOTED.search(name.shadow):
        return len(_QUOTED.findall(name.shadow)) > 1
    shadow = name.shadow
    return bool(_CODES.search(shadow) or _JOINED.search(shadow) or _HAN_WORDS.fullmatch(shadow))
