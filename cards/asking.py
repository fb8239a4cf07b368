"""Questions to the person who wants something: K1 which one, K2 confirm."""

from collections import Counter
from collections.abc import Sequence

from cards.facts import (
    brief,
    card_lines,
    count_of,
    full_name,
    holdings,
    needed_votes,
    numbered,
    subject,
    title,
    title_room,
)
from cards.keys import CardKeys, Press
from cards.model import ButtonCard, TextMessage, VoteCard, list_message
from cards.parts import OPTION, Button, CheckList, DropDown, KeyValue, Option, Source, Style, Submit
from cards.reasons import reason_name
from cards.texts.say import Words, say
from cards.views import ConfirmView, HitsView, Names, Reader
from cards.wording import clean, cut, cut_width, day, days_between, moment, shown, width
from core.domain.actions import Action
from core.domain.operation import Mode, Operation, ReasonCode
from core.domain.people import Language
from core.domain.records import FoundBy, Hit, Hits, Kind, RecordState

REASON = "reason"
"""question_key of the reason drop-down; its options are ReasonCode values."""
PICK = "pick"
"""question_key of the pick card; its options are record numbers, or NONE_OF_THEM."""
NONE_OF_THEM = "none"
MOST_TO_PICK = 19
"""WeCom allows twenty options, and the last one is 都不是."""
FIRST_FEW = 10

_OPTION_WIDTH = 22
"""Half-width columns of an option: eleven Chinese characters fit on one line of a phone."""
_NEAR = frozenset({FoundBy.PINYIN, FoundBy.INITIALS, FoundBy.TYPO})
_SEGMENT_REASONS = (
    ReasonCode.NO_NEED,
    ReasonCode.ENDED,
    ReasonCode.DUPLICATE,
    ReasonCode.MOVED,
    ReasonCode.WRONG_DATA,
    ReasonCode.LEFT_MARKET,
    ReasonCode.OTHER,
)


def confirm_card(reader: Reader, view: ConfirmView, keys: CardKeys, task_id: str) -> ButtonCard:
    """K2. Everything the person needs in order to be sure, and one tap to say so."""
    language, operation = reader.language, view.operation
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
        lines=_confirm_lines(reader, view, parts),
        choice=_reasons(language, operation),
        buttons=_confirm_buttons(language, operation, keys),
    )


def _confirm_title(language: Language, operation: Operation) -> Words:
    if operation.mode is Mode.UNDO and operation.undo_of is not None:
        undone = Words(f"#{operation.undo_of:04d}")
        return title(language, "confirm_undo_title", operation, undone=undone)
    return title(language, "confirm_title", operation)


def _effect(language: Language, view: ConfirmView) -> Words:
    operation = view.operation
    if operation.kind is Kind.SEGMENT and operation.action is Action.DELETE:
        members = count_of(language, Kind.CUSTOMER, view.impact.members)
        return say(language, "effect_segment_delete", members=members)
    return say(language, f"effect_{operation.action}")


def _confirm_lines(reader: Reader, view: ConfirmView, parts: str) -> tuple[KeyValue, ...]:
    language, operation = reader.language, view.operation
    several = operation.targets.count > 1
    pairs = [(f"key_{operation.kind}", _what(language, view))]
    if clean(view.owner) or (not several and operation.kind is not Kind.SEGMENT):
        pairs.append(("key_owner", clean(view.owner) or say(language, "no_owner")))
    if operation.kind is Kind.SEGMENT:
        pairs.append(("key_members", count_of(language, Kind.CUSTOMER, view.impact.members)))
    else:
        pairs += [] if several else [("key_last", last_contact(reader, view))]
        pairs.append(("key_holdings", parts))
    if operation.action is Action.RESTORE and operation.targets.first:
        pairs.append(("key_now", say(language, f"status_{operation.targets.first[0].status}")))
    else:
        pairs.append(("key_undo", _undo(reader, view)))
    pairs.append(("key_approval", needed_votes(language, view.approvers, view.votes_needed)))
    return card_lines(language, pairs)


def _what(language: Language, view: ConfirmView) -> str:
    targets = view.operation.targets
    if targets.count == 1 and targets.first and view.level:
        only, level = targets.first[0], say(language, "level", level=view.level)
        return numbered(full_name(only), only.ref.number, level)
    return subject(language, targets, view.operation.kind)


def last_contact(reader: Reader, view: ConfirmView) -> Words:
    """2025-04-18 电话（217天前）"""
    language, last = reader.language, view.impact.last_contact
    if last is None:
        return say(language, "last_never")
    days = days_between(last.at, reader.now, reader.zone)
    return say(
        language,
        "last_contact" if days else "last_contact_today",
        day=Words(day(last.at, reader.zone)),
        channel=say(language, f"channel_{last.channel}"),
        days=days,
    )


def _undo(reader: Reader, view: ConfirmView) -> str:
    if not view.operation.action.reversible:
        return say(reader.language, "undo_never")
    if view.undo_until is None:
        return say(reader.language, "undo_any_time")
    return moment(view.undo_until, reader.zone)


def _reasons(language: Language, operation: Operation) -> DropDown | None:
    """The reasons that fit, with the one already said on top of the closed list."""
    if operation.action in {Action.RESTORE, Action.EDIT_SEGMENT}:
        return None
    codes = list(_SEGMENT_REASONS if operation.kind is Kind.SEGMENT else ReasonCode)
    said = operation.reason.code if operation.reason else codes[0]
    if said not in codes:
        codes.insert(0, said)
    return DropDown(
        REASON,
        tuple(Option(code, say(language, reason_name(operation.kind, code))) for code in codes),
        title=say(language, "reason_title"),
        selected=said,
    )


def _confirm_buttons(language: Language, operation: Operation, keys: CardKeys) -> tuple[Button, ...]:
    confirm = say(language, f"button_confirm_{operation.action}")
    buttons = [Button(confirm, keys.of(Press.CONFIRM), Style.STRONG)]
    if operation.action is Action.VOID and operation.kind is Kind.CUSTOMER:
        archive = say(language, "button_archive_instead")
        buttons.append(Button(archive, keys.of(Press.ARCHIVE_INSTEAD), Style.SOFT))
    buttons.append(Button(say(language, "button_cancel"), keys.of(Press.CANCEL), Style.NEUTRAL))
    return tuple(buttons)


# K1


def pick_card(reader: Reader, view: HitsView, keys: CardKeys, task_id: str) -> VoteCard | TextMessage:
    """K1: which of these? More hits than a card can hold are answered with a text.

    `keys` carry the prompt's id as `ref`.
    """
    language, hits = reader.language, view.hits
    if hits.more or hits.total > MOST_TO_PICK or len(hits.items) > MOST_TO_PICK:
        return too_many(reader, view)
    texts, desc = _option_texts(language, hits.items, view.owners)
    options = [Option(hit.record.ref.number, text) for hit, text in zip(hits.items, texts, strict=True)]
    return VoteCard(
        task_id=task_id,
        title=_pick_title(language, view),
        desc=desc,
        choices=CheckList(PICK, (*options, Option(NONE_OF_THEM, say(language, "pick_none")))),
        submit=Submit(say(language, "button_pick"), keys.of(Press.PICK)),
    )


def pick_list(reader: Reader, view: HitsView) -> TextMessage:
    """Number, full name and how it was found of each: the options of the card are too short for them."""
    rows = [
        hit_line(reader.language, place, hit, view.owners) for place, hit in enumerate(view.hits.items, start=1)
    ]
    return list_message(say(reader.language, "pick_list", what=cut(shown(view.said), 40)), rows)


def picked_words(language: Language, record: RecordState) -> Words:
    """已选 C1024 上海宏远科技有限公司"""
    return say(language, "picked", what=Words(numbered(record.name, record.ref.number)))


def _pick_title(language: Language, view: HitsView) -> Words:
    """What only sounds or looks like the said name must not read as if that name had been found."""
    count = len(view.hits.items)
    name = "pick_title_only" if count == 1 else "pick_title"
    if only_near(view.hits):
        name = "pick_title_near"
    room = title_room(language) - len(say(language, name, count=count, what=Words()))
    return say(language, name, count=count, what=cut(shown(view.said), room))


def only_near(hits: Hits) -> bool:
    """Nothing carries the said name: these only sound or look like it."""
    return all(hit.found_by in _NEAR for hit in hits.items)


def too_many(reader: Reader, view: HitsView) -> TextMessage:
    """The count, the first ten, and three ways to narrow it down."""
    language, hits = reader.language, view.hits
    first = hits.items[:FIRST_FEW]
    found = "pick_too_many_more" if hits.more else "pick_too_many"
    head = say(
        language,
        "find_near_some" if only_near(hits) else found,
        count=max(hits.total, len(hits.items)),
        what=cut(shown(view.said), 40),
        shown=len(first),
    )
    rows = [hit_line(reader.language, place, hit, view.owners) for place, hit in enumerate(first, start=1)]
    narrow = say(
        language,
        "pick_narrow",
        number=first[0].record.ref.number if first else "C1024",
        what=cut(shown(view.said), 20),
    )
    return list_message(head, rows, narrow)


def hit_line(language: Language, place: int, hit: Hit, owners: Names) -> Words:
    """1. C1024 宏远科技 · 王敏 · 在用（拼音）"""
    record = hit.record
    return say(
        language,
        "find_line",
        position=place,
        record=Words(numbered(record.name, record.ref.number, most=40)),
        owner=owner_name(language, record, owners),
        status=say(language, f"status_{record.status}"),
        way=say(language, f"way_{hit.found_by}"),
    )


def owner_name(language: Language, record: RecordState, owners: Names) -> str:
    if record.owner is None:
        return say(language, "no_owner")
    return Words(shown(owners.get(record.owner, record.owner)))


def _option_texts(language: Language, items: Sequence[Hit], owners: Names) -> tuple[list[str], Words]:
    """宏远科技·王敏 for each, with how it was found where that differs; by number where two would look alike."""
    ways = [say(language, f"way_{hit.found_by}") for hit in items]
    one_way = len(set(ways)) == 1
    tails = ["" if one_way else f"·{way}" for way in ways]
    desc = say(language, "pick_desc_one_way", way=ways[0]) if one_way else say(language, "pick_desc_ways")
    texts = [
        _option(hit.record.label, _whose(language, hit.record, owners), tail)
        for hit, tail in zip(items, tails, strict=True)
    ]
    for place, hit in _alike(texts, items):
        texts[place] = _option(hit.record.label, clean(hit.record.ref.number), tails[place])
    for place, hit in _alike(texts, items):
        texts[place] = _option(hit.record.label, str(place + 1), tails[place])
    return texts, desc


def _whose(language: Language, record: RecordState, owners: Names) -> str:
    """A group that nobody in particular looks after is told by its number."""
    if record.owner is None and record.ref.kind is Kind.SEGMENT:
        return clean(record.ref.number)
    return owner_name(language, record, owners)


def _alike(texts: Sequence[str], items: Sequence[Hit]) -> list[tuple[int, Hit]]:
    seen = Counter(texts)
    return [(place, hit) for place, hit in enumerate(items) if seen[texts[place]] > 1]


def _option(name: str, second: str, tail: str) -> str:
    """The name gives way: what tells two options apart stays."""
    second = cut(cut_width(second, 10), OPTION - len(tail) - 4)
    end = f"·{second}{tail}"
    name = cut_width(shown(name), max(_OPTION_WIDTH - width(end), 6))
    return cut(name, OPTION - len(end)) + end
