"""The cards of a request on its way: submitted (K5), please decide (K6), final confirmation (K8)."""

from enum import StrEnum

from cards.keys import CardKeys, Press
from cards.model import ButtonCard
from cards.named_parts import buttons, card_lines, options
from cards.parts import DropDown, Source, Style
from cards.reasons import reason_words
from cards.summary import (
    LINE,
    brief,
    count_of,
    deadline,
    needed_votes,
    remaining,
    request_line,
    stakes,
    state_words,
    subject,
    title,
)
from cards.texts.say import say
from cards.views import DecideView, FinalView, RequestView, Viewer
from cards.wording import clock, cut, fit, shown
from core.domain.impact import Impact
from core.domain.operation.operation import Operation
from core.domain.people import Language
from core.domain.records import Kind

OBJECTION = "objection"
"""The question_key of the drop-down with reasons for a rejection; its options are Objection values."""


class Objection(StrEnum):
    """The reasons for which an approver rejects a request.

    A tap on 同意 sends the value of the drop-down too, so the first option, which is preset, means no reason.
    """

    NONE = "none"
    STILL_TALKING = "still_talking"  # 还在谈
    WRONG_RECORD = "wrong_record"  # 选错对象了
    OPEN_DEAL = "open_deal"  # 还有商机没结
    UNPAID = "unpaid"  # 款还没收齐
    ARCHIVE_FIRST = "archive_first"  # 先归档就好
    HAND_OVER = "hand_over"  # 转给同事跟进
    MORE_FACTS = "more_facts"  # 补充说明再提
    WEAK_REASON = "weak_reason"  # 理由不充分
    OTHER = "other"  # 其他(下条写)


def objection_words(language: Language, objection: Objection) -> str:
    """Returns the words that the vote keeps; "" when no reason was chosen or the approver writes one as a line."""
    if objection in {Objection.NONE, Objection.OTHER}:
        return ""
    return say(language, f"objection_{objection}")


def submitted_card(viewer: Viewer, view: RequestView, keys: CardKeys, task_id: str) -> ButtonCard:
    """Returns the card that shows a requester how the request stands (K5); it is redrawn at each change."""
    language, operation = viewer.language, view.operation
    nudged = (
        say(language, "submitted_nudged", at=clock(operation.pushed_at, viewer.zone, viewer.now))
        if operation.pushed_at
        else ""
    )
    now = state_words(viewer, operation)
    until = deadline(viewer, operation)
    lines = (
        (
            "key_request",
            request_line(language, operation),
        ),
        ("key_subject", subject(language, operation.targets, operation.kind)),
        ("key_approvers", needed_votes(language, view.approvers, operation.votes_needed)),
        ("key_deadline", f"{until} · {remaining(viewer, operation)}" if operation.expires_at else until),
        ("key_now", f"{now} · {nudged}" if nudged else now),
    )
    return ButtonCard(
        task_id=task_id,
        source=Source(say(language, "source", operation=operation.label)),
        title=title(language, "submitted_title", operation),
        desc=say(language, "submitted_desc"),
        lines=card_lines(language, lines),
        buttons=buttons(
            language,
            keys,
            ("button_nudge", Press.NUDGE, Style.SOFT),
            ("button_withdraw", Press.WITHDRAW, Style.NEUTRAL),
        ),
    )


def decide_card(viewer: Viewer, view: DecideView, keys: CardKeys, task_id: str) -> ButtonCard:
    """Returns the card on which an approver decides (K6).

    It shows the head of the log, so that an anchor is kept outside the database.
    """
    language, operation = viewer.language, view.operation
    lines = (
        ("key_subject", subject(language, operation.targets, operation.kind)),
        ("key_reason", reason_words(language, operation.kind, operation.reason)),
        *_stakes(language, operation, view.impact),
        *_owner(language, view),
        # A card has six lines, and that of a customer is full without this one.
        *((("key_backup", say(language, "backup_first")),) if operation.kind is Kind.SEGMENT else ()),
        ("key_version", say(language, "version_line", round=operation.round, head=view.head.short)),
    )
    return ButtonCard(
        task_id=task_id,
        source=Source(say(language, "decide_source", operation=operation.label)),
        title=title(language, "decide_title", operation, left=remaining(viewer, operation)),
        desc=say(language, "decide_desc", requester=cut(shown(view.requester), 20)),
        text=_background(language, view),
        lines=card_lines(language, lines),
        choice=_objections(language),
        buttons=buttons(
            language,
            keys,
            ("button_approve", Press.APPROVE, Style.STRONG),
            ("button_reject", Press.REJECT, Style.DANGER),
        ),
    )


def _stakes(language: Language, operation: Operation, impact: Impact) -> tuple[tuple[str, str], ...]:
    """Returns the lines on money and risk of customers; of a segment only its size matters."""
    if operation.kind is Kind.SEGMENT:
        return (("key_members", count_of(language, Kind.CUSTOMER, impact.members)),)
    return (("key_amount", brief(stakes, language, impact)[0]), ("key_risk", say(language, f"risk_{impact.risk}")))


def _owner(language: Language, view: DecideView) -> tuple[tuple[str, str], ...]:
    if not view.owners and view.operation.kind is Kind.SEGMENT:
        return ()  # a segment without an owner is shared by all, so nobody is missing
    names = fit([shown(name) for name in view.owners], LINE, between=say(language, "comma"))[0]
    return (("key_owner", names or say(language, "no_owner")),)


def _background(language: Language, view: DecideView) -> str:
    notes: list[str] = [say(language, "decide_bound")]
    if view.recent_changes is not None:
        history = say(
            language,
            "decide_history",
            requester=cut(shown(view.requester), 20),
            changes=view.recent_changes,
            undone=view.recent_undone,
        )
        notes.insert(0, history)
    _, more = brief(stakes, language, view.impact)
    return " ".join([more, *notes] if more else notes)


def _objections(language: Language) -> DropDown:
    return DropDown(
        OBJECTION,
        options(language, [(objection, f"objection_{objection}") for objection in Objection]),
        title=say(language, "objection_title"),
        selected=Objection.NONE,  # WeCom would preset the first option anyway
    )


def final_card(viewer: Viewer, view: FinalView, keys: CardKeys, task_id: str) -> ButtonCard:
    """Returns the card on which the requester of an approved request gives the final confirmation (K8)."""
    language, operation = viewer.language, view.operation
    lines = (
        (
            "key_request",
            request_line(language, operation),
        ),
        ("key_subject", subject(language, operation.targets, operation.kind)),
        ("key_deadline", deadline(viewer, operation)),
    )
    at = clock(view.approved_at, viewer.zone, viewer.now)
    return ButtonCard(
        task_id=task_id,
        source=Source(say(language, "source", operation=operation.label)),
        title=say(language, "final_title", approver=cut(shown(view.approver), 10), at=at),
        desc=say(language, "final_desc"),
        lines=card_lines(language, lines),
        buttons=buttons(
            language,
            keys,
            ("button_run", Press.RUN, Style.STRONG),
            ("button_not_now", Press.WITHDRAW, Style.NEUTRAL),
        ),
    )
