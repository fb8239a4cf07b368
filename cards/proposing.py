"""The confirm card (K2): a change is proposed, and the requester confirms it or not."""

from cards.keys import CardKeys, Press
from cards.model import ButtonCard
from cards.named_parts import NamedButton, buttons, card_lines, options
from cards.parts import Button, DropDown, KeyValue, Source, Style
from cards.reasons import reason_name
from cards.summary import (
    brief,
    count_of,
    full_name,
    holdings,
    needed_votes,
    numbered,
    subject,
    title,
)
from cards.texts.say import say
from cards.views import ConfirmView, Viewer
from cards.wording import Words, clean, day, days_between, moment
from core.domain.actions import Action
from core.domain.operation.labels import operation_label
from core.domain.operation.operation import Mode, Operation
from core.domain.operation.reason import ReasonCode
from core.domain.people import Language
from core.domain.records import Kind

REASON = "reason"
"""The question_key of the drop-down with reasons; its options are ReasonCode values."""
# The reasons that make sense for a segment; the first one is preset.
_SEGMENT_REASONS = (
    ReasonCode.NO_NEED,
    ReasonCode.ENDED,
    ReasonCode.DUPLICATE,
    ReasonCode.MOVED,
    ReasonCode.WRONG_DATA,
    ReasonCode.LEFT_MARKET,
    ReasonCode.OTHER,
)


def confirm_card(viewer: Viewer, view: ConfirmView, keys: CardKeys, task_id: str) -> ButtonCard:
    """Returns the card with all that a requester needs to be sure, and one tap to confirm it (K2)."""
    language, operation = viewer.language, view.operation
    parts, more = brief(holdings, language, view.impact)
    notes: list[str] = [say(language, "read_as_void")] if view.took_delete_as_void else []
    if more and operation.kind is not Kind.SEGMENT:
        notes.append(more)
    return ButtonCard(
        task_id=task_id,
        source=Source(say(language, "source", operation=operation.label)),
        title=_confirm_title(language, operation),
        desc=_effect(language, view),
        text=" ".join(notes),
        lines=_confirm_lines(viewer, view, parts),
        choice=_reasons(language, operation),
        buttons=_confirm_buttons(language, operation, keys),
    )


def _confirm_title(language: Language, operation: Operation) -> Words:
    if operation.mode is Mode.UNDO and operation.undo_of is not None:
        undone = Words(operation_label(operation.undo_of))
        return title(language, "confirm_undo_title", operation, undone=undone)
    return title(language, "confirm_title", operation)


def _effect(language: Language, view: ConfirmView) -> Words:
    operation = view.operation
    if operation.kind is Kind.SEGMENT and operation.action is Action.DELETE:
        members = count_of(language, Kind.CUSTOMER, view.impact.members)
        return say(language, "effect_segment_delete", members=members)
    return say(language, f"effect_{operation.action}")


def _confirm_lines(viewer: Viewer, view: ConfirmView, parts: str) -> tuple[KeyValue, ...]:
    language, operation = viewer.language, view.operation
    several = operation.targets.count > 1
    pairs = [(f"key_{operation.kind}", _what(language, view))]
    # A customer without an owner is worth a line; a segment without one is shared by all.
    if clean(view.owner) or (not several and operation.kind is not Kind.SEGMENT):
        pairs.append(("key_owner", clean(view.owner) or say(language, "no_owner")))
    if operation.kind is Kind.SEGMENT:
        pairs.append(("key_members", count_of(language, Kind.CUSTOMER, view.impact.members)))
    else:
        pairs += [] if several else [("key_last", last_contact(viewer, view))]
        pairs.append(("key_holdings", parts))
    if operation.action is Action.RESTORE and operation.targets.first:
        pairs.append(("key_now", say(language, f"status_{operation.targets.first[0].status}")))
    else:
        pairs.append(("key_undo", _undo(viewer, view)))
    pairs.append(("key_approval", needed_votes(language, view.approvers, view.votes_needed)))
    return card_lines(language, pairs)


def _what(language: Language, view: ConfirmView) -> str:
    targets = view.operation.targets
    if targets.count == 1 and targets.first and view.level:
        only, level = targets.first[0], say(language, "level", level=view.level)
        return numbered(full_name(only), only.ref.number, level)
    return subject(language, targets, view.operation.kind)


def last_contact(viewer: Viewer, view: ConfirmView) -> Words:
    """Returns the last contact, such as: 2025-04-18 电话（217天前）"""
    language, last = viewer.language, view.impact.last_contact
    if last is None:
        return say(language, "last_never")
    days = days_between(last.at, viewer.now, viewer.zone)
    return say(
        language,
        "last_contact" if days else "last_contact_today",
        day=day(last.at, viewer.zone),
        channel=say(language, f"channel_{last.medium}"),
        days=days,
    )


def _undo(viewer: Viewer, view: ConfirmView) -> str:
    if not view.operation.action.reversible:
        return say(viewer.language, "undo_never")
    if view.undo_until is None:
        return say(viewer.language, "undo_any_time")
    return moment(view.undo_until, viewer.zone)


def _reasons(language: Language, operation: Operation) -> DropDown | None:
    """Returns the drop-down with the reasons that fit; a reason outside the list that was said comes on top."""
    # A restore or an edit needs no reason.
    if operation.action in {Action.RESTORE, Action.EDIT_SEGMENT}:
        return None
    codes = list(_SEGMENT_REASONS if operation.kind is Kind.SEGMENT else ReasonCode)
    said = operation.reason.code if operation.reason else codes[0]
    if said not in codes:
        codes.insert(0, said)
    return DropDown(
        REASON,
        options(language, [(code, reason_name(operation.kind, code)) for code in codes]),
        title=say(language, "reason_title"),
        selected=said,
    )


def _confirm_buttons(language: Language, operation: Operation, keys: CardKeys) -> tuple[Button, ...]:
    wanted: list[NamedButton] = [(f"button_confirm_{operation.action}", Press.CONFIRM, Style.STRONG)]
    # Beside the void of a customer the gentler action is offered.
    if operation.action is Action.VOID and operation.kind is Kind.CUSTOMER:
        wanted.append(("button_archive_instead", Press.ARCHIVE_INSTEAD, Style.SOFT))
    wanted.append(("button_cancel", Press.CANCEL, Style.NEUTRAL))
    return buttons(language, keys, *wanted)
