"""Who did what to a record, as plain text read from the log."""

from collections.abc import Sequence

from cards.model import TextMessage, list_message
from cards.summary import LINE, verb
from cards.texts.say import knows, say
from cards.views import Deed, Viewer
from cards.wording import Words, cut, near_moment, shown
from core.domain.actions import LifeStatus
from core.domain.audit import Tag
from core.domain.operation.labels import operation_label
from core.domain.people import Language

_NAME = 40
ENDED = frozenset({Tag.OPERATION_FINISHED, Tag.OPERATION_UNDONE})
"""The entries that say how a record came to its status. A worker made them; people ask whose request it was."""


def log_text(
    viewer: Viewer, what: str, deeds: Sequence[Deed], status: LifeStatus | None = None, agreed: str = ""
) -> TextMessage:
    """Answers 日志 X with the log of a record or an operation, the newest entry first.

    When the record's `status` is given, one sentence on top says who brought it there and why; `agreed` holds the
    names of those who approved that.
    """
    language = viewer.language
    about = cut(shown(what), _NAME)
    if not deeds:
        return TextMessage(say(language, "log_none", what=about))
    head: str = say(language, "log_head", what=about)
    # The list is newest first, so the first entry of this kind explains the present status.
    last = next((deed for deed in deeds if deed.tag in ENDED), None)
    if status is not None and last is not None:
        head = f"{_log_lead(viewer, about, status, last, agreed)}\n{head}"
    return list_message(head, [log_line(viewer, deed) for deed in deeds])


def _log_lead(viewer: Viewer, about: str, status: LifeStatus, last: Deed, agreed: str) -> Words:
    """Returns the sentence on top of the log, such as:

    「宏远科技」现在已作废：11-22 10:43 王敏 作废了 宏远科技（不再合作）#0312，李强 同意。
    """
    language = viewer.language
    return say(
        language,
        "log_lead",
        what=about,
        status=say(language, f"status_{status}"),
        line=log_line(viewer, last),
        agreed=say(language, "log_agreed", names=cut(shown(agreed), LINE)) if agreed else Words(),
    )


def log_line(viewer: Viewer, deed: Deed) -> Words:
    """Returns one entry as a line, such as: 11-22 10:43 王敏 作废了 宏远科技（不再合作）#0312"""
    language = viewer.language
    reason = say(language, "log_reason", reason=cut(shown(deed.reason), LINE)) if deed.reason else Words(" ")
    sentence = say(
        language,
        _sentence(deed),
        who=cut(shown(deed.who), 20) if deed.who else say(language, "log_bot"),
        what=cut(shown(deed.what), _NAME) if deed.what else Words(),
        verb=verb(language, deed.action) if deed.action else Words(),
        reason=reason,
        operation=_label(language, deed),
        tag=deed.tag.value,
    )
    at = near_moment(deed.at, viewer.zone, viewer.now)
    # Parts that were left empty leave double blanks behind, which `split` takes out.
    return say(language, "log_line", at=at, deed=Words(" ".join(sentence.split())))


def _sentence(deed: Deed) -> str:
    if deed.tag is Tag.OPERATION_FINISHED and deed.action:
        told = f"log_{deed.state}"  # failed, stale, needs_human
        return told if knows(told) else f"log_did_{deed.action}"
    _, thing, happened = deed.tag.value.split(":")  # source:subject:action
    name = f"log_{happened}" if thing == "operation" else f"log_{thing}_{happened}"
    return name if knows(name) else "log_other"


def _label(language: Language, deed: Deed) -> Words:
    if deed.operation is None:
        return Words()
    return say(language, "log_operation", operation=operation_label(deed.operation))
