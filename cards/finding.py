"""What a search found, and a rep's own customers, as plain text."""

from collections.abc import Sequence

from cards.model import TextMessage, list_message
from cards.picking import FIRST_FEW, hit_line, only_near
from cards.summary import holdings, numbered
from cards.texts.say import say
from cards.views import HitsView, Viewer
from cards.wording import Words, cut, day, days_between, shown
from core.domain.impact import Impact
from core.domain.records import Kind, Medium, RecordState

_NAME = 40


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
    last = say(language, name, day=day(at, viewer.zone), channel=medium, days=days)
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
