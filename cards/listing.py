"""Lists as plain text: hits of a search, my customers, my requests, what waits for me, the log."""

from collections.abc import Sequence

from cards.model import TextMessage, list_message
from cards.picking import FIRST_FEW, hit_line, only_near
from cards.reasons import reason_words
from cards.summary import LINE, holdings, named_subject, numbered, remaining, state_words, verb
from cards.texts.say import Words, knows, say
from cards.views import Deed, HitsView, Viewer
from cards.wording import cut, day, days_between, near_moment, shown
from core.domain.actions import LifeStatus
from core.domain.audit import Tag
from core.domain.impact import Impact
from core.domain.operation.labels import operation_label
from core.domain.operation.operation import Operation
from core.domain.people import Language
from core.domain.records import Kind, Medium, RecordState

_NAME = 40
ENDED = frozenset({Tag.OPERATION_FINISHED, Tag.OPERATION_UNDONE})
"""The entries that say how a record came to its status. A worker made them; people ask whose request it was."""


def find_text(viewer: Viewer, view: HitsView, impact: Impact | None = None) -> TextMessage:
    """Answers 查 with the hits and how they were found; a single hit comes with its last contact and impact."""
    language, hits = viewer.language, view.hits
    what = cut(shown(view.said), _NAME)
    if not hits.items:
        return TextMessage(say(language, "find_none", what=what))
    listed = hits.items[: 2 * FIRST_FEW]
    count = max(hits.total, len(hits.items))
    whole = not hits.more and count == len(listed)
    some = "" if whole else "_some"
    name = f"find_near{some}" if only_near(hits) else f"find_head{some}"
    head = say(language, name, count=count, what=what, shown=len(listed))
    rows: list[str] = [hit_line(language, place, hit, view.owners) for place, hit in enumerate(listed, start=1)]
    if len(listed) == 1:
        rows += _details(viewer, listed[0].record, impact)
    if whole:
        return list_message(head, rows)
    narrow = say(language, "pick_narrow", number=listed[0].record.ref.number, what=cut(what, 20))
    return list_message(head, rows, narrow)


def _details(viewer: Viewer, record: RecordState, impact: Impact | None) -> list[str]:
    language, kind = viewer.language, record.ref.kind
    if kind is Kind.SEGMENT:
        return [say(language, "find_members", count=record.member_count)]
    rows: list[str] = [_last(viewer, record)]
    if impact is not None:
        parts = Words(" · ".join(holdings(language, impact)))
        rows.append(say(language, "find_holdings", parts=parts))
    return rows


def _last(viewer: Viewer, record: RecordState) -> Words:
    language, at = viewer.language, record.last_contact_at
    if at is None:
        return say(language, "find_last_never")
    days = days_between(at, viewer.now, viewer.zone)
    medium = say(language, f"channel_{record.last_medium or Medium.OTHER}")
    name = "last_contact" if days else "last_contact_today"
    last = say(language, name, day=Words(day(at, viewer.zone)), channel=medium, days=days)
    return say(language, "find_last", last=Words(" ".join(last.split())))


def customers_text(viewer: Viewer, records: Sequence[RecordState], total: int) -> TextMessage:
    """Answers 我的客户 with the person's customers, of which there are `total`."""
    language = viewer.language
    if not records:
        return TextMessage(say(language, "mine_none"))
    rows = [
        say(
            language,
            "mine_line",
            position=place,
            record=Words(numbered(record.label, record.ref.number)),
            last=_silence(viewer, record),
        )
        for place, record in enumerate(records, start=1)
    ]
    more = say(language, "list_more", count=total - len(records)) if total > len(records) else ""
    return list_message(say(language, "mine_head", count=total), rows, more)


def _silence(viewer: Viewer, record: RecordState) -> Words:
    language, at = viewer.language, record.last_contact_at
    if at is None:
        return say(language, "mine_last_never")
    days = days_between(at, viewer.now, viewer.zone)
    return say(language, "mine_last_days", days=days) if days else say(language, "mine_last_today")


def requests_text(viewer: Viewer, operations: Sequence[Operation]) -> TextMessage:
    """Answers 我的申请 with the person's requests."""
    language = viewer.language
    if not operations:
        return TextMessage(say(language, "requests_none"))
    return list_message(say(language, "requests_head"), _request_rows(viewer, operations))


def undoable_text(viewer: Viewer, operations: Sequence[Operation]) -> TextMessage:
    """Lists the person's operations that can be undone, and asks which one is meant."""
    language = viewer.language
    head = say(language, "undoable_head", count=len(operations))
    listed = operations[: 2 * FIRST_FEW]
    how = say(language, "undoable_how", operation=listed[0].label)
    return list_message(head, _request_rows(viewer, listed), how)


def _request_rows(viewer: Viewer, operations: Sequence[Operation]) -> list[str]:
    language = viewer.language
    return [
        say(
            language,
            "request_item",
            operation=operation.label,
            verb=verb(language, operation.action),
            subject=named_subject(language, operation.targets, operation.kind, whole=False),
            state=Words(state_words(viewer, operation)),
        )
        for operation in operations
    ]


def waiting_text(viewer: Viewer, waiting: Sequence[tuple[Operation, str]]) -> TextMessage:
    """Answers 待我审批 with the operations that wait, each with its requester's name."""
    language = viewer.language
    if not waiting:
        return TextMessage(say(language, "waiting_none"))
    rows = [
        say(
            language,
            "waiting_item",
            operation=operation.label,
            requester=cut(shown(requester), 20),
            verb=verb(language, operation.action),
            subject=named_subject(language, operation.targets, operation.kind, whole=False),
            reason=Words(cut(reason_words(language, operation.kind, operation.reason), LINE)),
            left=remaining(viewer, operation),
        )
        for operation, requester in waiting
    ]
    return list_message(say(language, "waiting_head", count=len(waiting)), rows, say(language, "waiting_how"))


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
    at = Words(near_moment(deed.at, viewer.zone, viewer.now))
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
