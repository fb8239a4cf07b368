"""The reading of a message while the bot waits for a line: it is the line, a command, or a change of mind.

A line is free text, so nearly every message could be one. Only what is clearly one of the three counts. For all
else the bot asks back, because a command that is taken for a reason would submit what nobody meant to submit.
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
    """The person has changed their mind: the question is dropped, and what it was about stays as it is."""
    UNSURE = auto()
    """The message may be either, so the bot asks back."""


# Commands that always count as such, because no reason reads like them.
_ALWAYS = (c.Cancel, c.Greet, c.Thanks, c.Help, c.MyCustomers, c.MyRequests, c.Speak, c.WaitingForMe)
# Commands that count as such only with the number of an operation.
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
# What separates a verb from its object: 恢复 宏远 is a command, 恢复合作了 a reason.
_BREAK = re.compile(r"(?:掉|了|一下)?(?:[\s:「『“\"《]|客\s?户|分\s?组|群\s?体|群\s?组|#)")
# English verbs always stand before a blank, so only a customer word or a number shows that an object follows.
_NAMED = re.compile(r"\s*(?:the )?(?:customer|client|account|group|segment)(?![a-z])|\s*[a-z]{1,3}-?\d{2,}")


def marked_line(text: str) -> str | None:
    """Returns what follows 原因： or reason: at the start of the text, or None without such a mark."""
    line = said(text)
    found = _MARKED.match(line.shadow)
    return line.cut(found.end()).text or None if found else None


def meant(text: str, command: c.Command, asking: Asking) -> Meant:
    """Returns what a message means while the bot asks for a line.

    `command` is what the text would mean if nothing were asked; `asking` is REASON or REJECTION.
    """
    line = without_greeting(said(text))
    if _GIVEN_UP.fullmatch(line.shadow):
        return Meant.DROP
    if isinstance(command, _ALWAYS):
        return Meant.COMMAND
    if isinstance(command, _WITH_NUMBER):
        return _decision(line, command, asking)
    if isinstance(command, c.Choose | c.Contacted | c.Snooze | c.BringBack):
        return Meant.UNSURE
    if isinstance(command, c.LeaveAlone):  # 先别删 can be the reason of a rejection, but of no request
        return Meant.UNSURE if asking is Asking.REASON else Meant.LINE
    if isinstance(command, c.NotOffered):
        return _not_offered(command, asking)
    if isinstance(command, c.Change | c.Find | c.Log):
        return _full(line, command)
    return Meant.LINE


def _decision(line: Said, command: c.Command, asking: Asking) -> Meant:
    """Read a word of decision. With a number it is a command; without one it must not become a reason.

    同意 as the reason of a rejection would be the opposite of what was meant.
    """
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
    """Read a verb that is not offered: 重复的 and 没联系的 are reasons; to purge, or to do nothing, is none."""
    return Meant.UNSURE if asking is Asking.REASON and command.verb in {"彻底删除", "影响"} else Meant.LINE


def _full(line: Said, command: c.Change | c.Find | c.Log) -> Meant:
    """Read a verb with an object: 恢复 宏远 is a command, 查无此人 a reason, 删除重复客户 may be either.

    他们黄了 only ends like a command, so it is a reason.
    """
    found = opening(line)
    if found is None:
        return Meant.LINE
    han = not found.word.isascii()
    if (_BREAK if han else _NAMED).match(found.rest.shadow):
        return Meant.COMMAND
    if isinstance(command, c.Change):
        return Meant.UNSURE
    return Meant.LINE if han else Meant.UNSURE
