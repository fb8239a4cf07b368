"""While the bot waits for one line of text: is this that line, a command, or a change of mind?

A line is free text, so nearly every line reads as something. Only what is plainly one of the three counts; all
else is asked back, because a command taken for a reason submits what nobody meant to submit.
"""

import re
from enum import Enum, auto

from core.domain.prompts import Asking
from language import commands as c
from language.answers import phrase
from language.normal import Said, said
from language.opening import without_greeting
from language.verbs import opening, verb


class Meant(Enum):
    LINE = auto()
    COMMAND = auto()
    DROP = auto()
    """Thought better of it: the question goes, and what it was about stays as it is."""
    UNSURE = auto()


_ALWAYS = (c.Cancel, c.Greet, c.Thanks, c.Help, c.MyCustomers, c.MyRequests, c.Speak, c.WaitingForMe)
_WITH_NUMBER = (
    c.Approve,
    c.Reject,
    c.Confirm,
    c.Undo,
    c.Run,
    c.Nudge,
    c.Withdraw,
    c.Keep,
    c.AskAgain,
    c.ArchiveInstead,
)
_MARKED = re.compile(r"(?:原因|理由|reason)\s?:\s?")
_GIVEN_UP = re.compile(r"(?:我?不想?写了?|懒得写)[,。\s]*(?:就)?(?:回复)?[:\s]*(?:取消)?[吧了啊。!]*")
_BREAK = re.compile(r"(?:掉|了|一下)?(?:[\s:「『“\"《]|客\s?户|分\s?组|群\s?体|群\s?组|#)")
_NAMED = re.compile(r"\s*(?:the )?(?:customer|client|account|group|segment)(?![a-z])|\s*[a-z]{1,3}-?\d{2,}")


def marked_line(text: str) -> str | None:
    """What follows 原因： or reason: at the very start; None without such a mark."""
    line = said(text)
    found = _MARKED.match(line.shadow)
    return line.cut(found.end()).text or None if found else None


def meant(text: str, command: c.Command, asking: Asking) -> Meant:
    """`command`: how the text reads when nothing is asked. `asking`: REASON or REJECTION."""
    line = without_greeting(said(text))
    if _GIVEN_UP.fullmatch(line.shadow):
        return Meant.DROP
    if isinstance(command, _ALWAYS):
        return Meant.COMMAND
    if isinstance(command, _WITH_NUMBER):
        return _decision(line, command, asking)
    if isinstance(command, c.Choose | c.Contacted | c.Snooze | c.BringBack):
        return Meant.UNSURE
    if isinstance(command, c.LeaveAlone):  # 先别删 says why not; it never says why
        return Meant.UNSURE if asking is Asking.REASON else Meant.LINE
    if isinstance(command, c.NotOffered):
        return _not_offered(command, asking)
    if isinstance(command, c.Change | c.Find | c.Log):
        return _full(line, command)
    return Meant.LINE


def _decision(line: Said, command: c.Command, asking: Asking) -> Meant:
    """With a number it is plain. Without one, a word of decision is no reason, least of all for its opposite."""
    if getattr(command, "operation", None) is not None:
        return Meant.COMMAND
    if isinstance(command, c.Reject) and command.words:
        return Meant.LINE
    if isinstance(command, c.Confirm) and asking is Asking.REASON:
        return Meant.COMMAND
    if isinstance(command, c.Withdraw) or phrase(line) is verb("撤销"):
        return Meant.DROP
    return Meant.UNSURE


def _not_offered(command: c.NotOffered, asking: Asking) -> Meant:
    """重复的 and 没联系的 are reasons; to purge, or not to do it at all, is none."""
    return Meant.UNSURE if asking is Asking.REASON and command.verb in {"彻底删除", "影响"} else Meant.LINE


def _full(line: Said, command: c.Change | c.Find | c.Log) -> Meant:
    """恢复 宏远 is a command, 查无此人 a reason, 删除重复客户 either; 他们黄了 only ends like a command."""
    found = opening(line)
    if found is None:
        return Meant.LINE
    han = not found.word.isascii()
    if (_BREAK if han else _NAMED).match(found.rest.shadow):
        return Meant.COMMAND
    if isinstance(command, c.Change):
        return Meant.UNSURE
    return Meant.LINE if han else Meant.UNSURE
