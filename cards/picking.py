"""The pick card (K1): which of these records did you mean?"""

from collections import Counter
from collections.abc import Sequence

from cards.keys import CardKeys, Press
from cards.model import TextMessage, VoteCard, list_message
from cards.parts import OPTION, CheckList, Option, Submit
from cards.summary import (
    numbered,
    title_room,
)
from cards.texts.say import say
from cards.views import HitsView, Names, Viewer
from cards.wording import Words, clean, cut, cut_width, shown, width
from core.domain.people import Language
from core.domain.records import FoundBy, Hit, Hits, Kind, RecordState

PICK = "pick"
"""The question_key of the pick card; its options are record numbers and NONE_OF_THEM."""
NONE_OF_THEM = "none"
MOST_TO_PICK = 19
"""The number of records that fit: WeCom allows twenty options, and the last one is 都不是."""
FIRST_FEW = 10

# In half-width columns: eleven Chinese characters fit on one line of a phone.
_OPTION_WIDTH = 22
_NEAR = frozenset({FoundBy.PINYIN, FoundBy.INITIALS, FoundBy.TYPO})


def pick_card(viewer: Viewer, view: HitsView, keys: CardKeys, task_id: str) -> VoteCard | TextMessage:
    """Returns the card that asks which record is meant (K1), or a text when there are more hits than it can hold.

    `keys` carry the id of the prompt as `ref`.
    """
    language, hits = viewer.language, view.hits
    if hits.more or hits.total > MOST_TO_PICK or len(hits.items) > MOST_TO_PICK:
        return too_many(viewer, view)
    texts, desc = _option_texts(language, hits.items, view.owners)
    options = [Option(hit.record.ref.number, text) for hit, text in zip(hits.items, texts, strict=True)]
    return VoteCard(
        task_id=task_id,
        title=_pick_title(language, view),
        desc=desc,
        choices=CheckList(PICK, (*options, Option(NONE_OF_THEM, say(language, "pick_none")))),
        submit=Submit(say(language, "button_pick"), keys.of(Press.PICK)),
    )


def pick_list(viewer: Viewer, view: HitsView) -> TextMessage:
    """Lists number, full name and way of finding of each hit, for which the options of the card are too short."""
    rows = [
        hit_line(viewer.language, place, hit, view.owners) for place, hit in enumerate(view.hits.items, start=1)
    ]
    return list_message(say(viewer.language, "pick_list", what=cut(shown(view.said), 40)), rows)


def picked_words(language: Language, record: RecordState) -> Words:
    """Returns the words for a closed pick card, such as: 已选 C1024 上海宏远科技有限公司"""
    return say(language, "picked", what=Words(numbered(record.name, record.ref.number)))


def _pick_title(language: Language, view: HitsView) -> Words:
    """Returns the title. Hits that only sound or look like the name must not read as if the name was found."""
    count = len(view.hits.items)
    name = "pick_title_only" if count == 1 else "pick_title"
    if only_near(view.hits):
        name = "pick_title_near"
    # The title without the name shows how much room is left for the name.
    room = title_room(language) - len(say(language, name, count=count, what=Words()))
    return say(language, name, count=count, what=cut(shown(view.said), room))


def only_near(hits: Hits) -> bool:
    """Returns whether no hit carries the name that was said, and all of them only sound or look like it."""
    return all(hit.found_by in _NEAR for hit in hits.items)


def too_many(viewer: Viewer, view: HitsView) -> TextMessage:
    """Answers too many hits with their count, the first ten, and three ways to narrow the search down."""
    language, hits = viewer.language, view.hits
    first = hits.items[:FIRST_FEW]
    found = "pick_too_many_more" if hits.more else "pick_too_many"
    head = say(
        language,
        "find_near_some" if only_near(hits) else found,
        count=max(hits.total, len(hits.items)),
        what=cut(shown(view.said), 40),
        shown=len(first),
    )
    rows = [hit_line(viewer.language, place, hit, view.owners) for place, hit in enumerate(first, start=1)]
    narrow = say(
        language,
        "pick_narrow",
        number=first[0].record.ref.number if first else "C1024",
        what=cut(shown(view.said), 20),
    )
    return list_message(head, rows, narrow)


def hit_line(language: Language, place: int, hit: Hit, owners: Names) -> Words:
    """Returns a hit as a line, such as: 1. C1024 宏远科技 · 王敏 · 在用（拼音）"""
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
    return shown(owners.get(record.owner, record.owner))


def _option_texts(language: Language, items: Sequence[Hit], owners: Names) -> tuple[list[str], Words]:
    """Returns the texts of the options, such as 宏远科技·王敏, and the description above them.

    The way of finding is added where it differs; the number is shown where two options would look alike.
    """
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
    # Two numbers may look alike too once they are cut; places never do.
    for place, hit in _alike(texts, items):
        texts[place] = _option(hit.record.label, str(place + 1), tails[place])
    return texts, desc


def _whose(language: Language, record: RecordState, owners: Names) -> str:
    """Returns the owner's name; a segment without an owner, which all share, is told apart by its number."""
    if record.owner is None and record.ref.kind is Kind.SEGMENT:
        return clean(record.ref.number)
    return owner_name(language, record, owners)


def _alike(texts: Sequence[str], items: Sequence[Hit]) -> list[tuple[int, Hit]]:
    seen = Counter(texts)
    return [(place, hit) for place, hit in enumerate(items) if seen[texts[place]] > 1]


def _option(name: str, second: str, tail: str) -> str:
    """Returns the text of an option. The name is cut first, so that what tells two options apart stays."""
    second = cut(cut_width(second, 10), OPTION - len(tail) - 4)  # four characters stay for the name
    end = f"·{second}{tail}"
    name = cut_width(shown(name), max(_OPTION_WIDTH - width(end), 6))
    return cut(name, OPTION - len(end)) + end
