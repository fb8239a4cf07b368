"""The reading of answers: a whole phrase, a number, a decision on an operation."""

import re

from language import commands as c
from language.guards import mentions_change, mentions_purge
from language.nearest import not_read
from language.normal import Said
from language.numbers import choice, count_operations, find_operation, only_operation
from language.verbs import VERBS, Takes, Verb, opening, verb

_EDGES = " \n。.!,~、;:"
# Particles at the end of a phrase, which change nothing: 同意吧 is 同意.
_SOFT = re.compile(r"(?:吧|啊|啦|呀|呗|哦|哈|的)+$")
_COUNT = re.compile(r"\s?(\d{1,9})\s?(?:个|家|条|位)?\s?(?:客户|customers?|records?)?")
# Words by which an approval covers only a part of the list: 同意 #0312 除了第三个.
_EXCEPT = re.compile(r"除了|除去|除开|勾选|逐条|except|but not|without|only")
# Words of rejection that may also begin other words (不同意见, no longer): a break must follow them.
_NEEDS_A_BREAK = frozenset({"不行", "不可以", "不通过", "不批", "不同意", "不批准", "no"})
_REASON = re.compile(r"(?:原因|理由)(?:是)?\s?:?\s?|因为\s?|because\s|reason:?\s")


def _squeeze(shadow: str) -> str:
    """Returns the text without blanks next to Chinese characters; English words keep a single one."""
    return re.sub(r"\s*(?=[^\x00-\x7f])|(?<=[^\x00-\x7f])\s*", "", " ".join(shadow.split()))


_PHRASES = {_squeeze(word): row for row in VERBS for word in row.words}


def phrase(line: Said) -> Verb | None:
    """Returns the verb that the whole text consists of, apart from particles, or None."""
    squeezed = _squeeze(line.trim(_EDGES).shadow)
    return _PHRASES.get(squeezed) or _PHRASES.get(_SOFT.sub("", squeezed))


def whole(line: Said) -> c.Command | None:
    """Read a text that is an answer and nothing else: 我的申请, 确认, 同意, 2, 回收站."""
    if row := phrase(line):
        return _build(row, None)
    place = choice(line.trim(_EDGES))
    return None if place is None else c.Choose(place)


def numbered(line: Said) -> c.Command | None:
    """Read a verb with one number and nothing else: 同意 #0312, 312号通过, 确认 36."""
    found = opening(line)
    # An approval with exceptions must not be read as an approval of the whole list.
    if found and found.verb.command is c.Approve and _EXCEPT.search(found.rest.shadow):
        return c.NotOffered("逐条审")
    if count_operations(line) == 1:
        number, left = find_operation(line)
        row = phrase(left)
        return _build(row, number) if row and row.offered else _bare(line, left)
    if found is None or found.verb.takes is not Takes.NUMBER:
        return None
    if found.verb.command is c.Confirm:
        count = _COUNT.fullmatch(found.rest.trim(_EDGES).shadow)
        return c.Confirm(int(count[1])) if count else None
    number, alone = only_operation(found.rest)
    return _build(found.verb, number) if alone else None


def _bare(line: Said, left: Said) -> c.NotRead | None:
    """Offer what could be meant by a number alone, such as #0312."""
    if left.trim(_EDGES):
        return None
    return not_read(line, verb("同意"), verb("驳回"), verb("撤销"), verb("记录"))


def rejection(line: Said) -> c.Command | None:
    """Read a rejection with free words: 驳回 #0312 还在谈; 不行，还在谈.

    Without a number the words must not hold another command, which would be lost in them.
    """
    early, rest = find_operation(line) if line.shadow.startswith("#") else (None, line)
    found = opening(rest)
    if found is None or found.verb.command is not c.Reject:
        return None
    number, words = _number_first(found.rest) if early is None else (early, found.rest)
    if number is None:
        # After "no" a blank alone is no break, because "no longer" and the like are ordinary sentences.
        needs = r"\s*(?:$|[,.!:;。#])" if found.word == "no" else r"\s*$|[\s,.!:;。]"
        if found.word in _NEEDS_A_BREAK and not re.match(needs, found.rest.shadow):
            return None
        if mentions_change(words) or mentions_purge(words) or words.shadow.endswith("?"):
            return None
    words = words.trim(_EDGES)
    # 原因： in front of the words says that they are the reason, and is no part of it.
    marker = _REASON.match(words.shadow)
    return c.Reject(number, (words.cut(marker.end()) if marker else words).trim(_EDGES).text)


def _number_first(rest: Said) -> tuple[int | None, Said]:
    bare = re.match(r"[\s:]*(\d{1,9})(?=$|[\s,。.:;])", rest.shadow)
    return (int(bare[1]), rest.cut(bare.end())) if bare else find_operation(rest)


def _build(row: Verb, number: int | None) -> c.Command | None:
    """Returns the command of a verb that was said without a name, or None when the number does not fit it."""
    if row.command in {
        c.Undo,
        c.Approve,
        c.Withdraw,
        c.Run,
        c.Nudge,
        c.Reject,
        c.Keep,
        c.AskAgain,
        c.ArchiveInstead,
    }:
        return row.command(number)  # the first field of each is the number of the operation
    if row.command is c.Log:
        return c.Log("", number)
    if number is not None:
        return _with_number(row, number)
    if row.command is c.NotOffered:
        return c.NotOffered(row.zh)
    return _PLAIN.get(row.zh)


def _with_number(row: Verb, number: int) -> c.Command | None:
    if row is verb("取消"):
        return c.Withdraw(number)
    if row is verb("确认"):
        return c.Confirm(operation=number)
    return c.Undo(number) if row is verb("恢复") else None


# By the canonical Chinese name: the commands of verbs that take nothing.
_PLAIN: dict[str, c.Command] = {
    "确认": c.Confirm(),
    "取消": c.Cancel(),
    "我的客户": c.MyCustomers(),
    "我的申请": c.MyRequests(),
    "待我审批": c.WaitingForMe(),
    "帮助": c.Help(),
    "已联系": c.Contacted(),
    "下周再提醒": c.Snooze(),
    "说中文": c.Speak("zh"),
    "说英文": c.Speak("en"),
    "选": c.Choose(None),
    "都不是": c.Choose(0),
}
