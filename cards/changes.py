"""The changes of a record since a request was made: before → after, fact by fact."""

from datetime import datetime

from cards.named_parts import card_lines
from cards.parts import KeyValue
from cards.summary import LINE
from cards.texts.say import say
from cards.views import Changed, Names, Viewer
from cards.wording import NOTHING, Words, cut, day, monies, shown
from core.domain.facts import Fact, Facts, amounts_in, changed_facts
from core.domain.people import Language, PersonId

# A count and its amount are told in one line.
_AMOUNTS = {Fact.DEALS: Fact.DEAL_AMOUNTS, Fact.UNPAID: Fact.UNPAID_AMOUNTS}


def change_pairs(viewer: Viewer, change: Changed, names: Names) -> list[tuple[str, str]]:
    """Returns pairs of a text's name and `before → after`. A record that is gone has one pair."""
    language, before, after = viewer.language, change.before.facts, change.after
    if after is None:
        return [("key_status", say(language, "changed_gone"))]
    # Each line once, although its count and its amount may both have changed; a dict keeps their order.
    told = list(dict.fromkeys(_told_as(fact) for fact in changed_facts(before, after)))
    pairs: list[tuple[str, str]] = []
    for fact in told:
        old, new = (_value(viewer, fact, facts, names) for facts in (before, after))
        pairs.append((f"key_{fact}", _arrow(language, old, new)))
    # No pair: the version has changed, but none of the facts that were kept.
    return pairs or [("key_other", say(language, "changed_other"))]


def change_lines(viewer: Viewer, change: Changed, names: Names) -> tuple[KeyValue, ...]:
    return card_lines(viewer.language, change_pairs(viewer, change, names))


def changes_in_words(viewer: Viewer, change: Changed, names: Names) -> Words:
    """Returns the changes as one line, such as: 手机 138····5678 → 139····1111、级别 B → A"""
    language = viewer.language
    pairs = [f"{say(language, name)} {value}" for name, value in change_pairs(viewer, change, names)]
    return Words(say(language, "comma").join(pairs))


def _told_as(fact: Fact) -> Fact:
    return next((count for count, amounts in _AMOUNTS.items() if amounts is fact), fact)


def _value(viewer: Viewer, fact: Fact, facts: Facts, names: Names) -> str:
    value = facts.get(fact, "")
    if fact in _AMOUNTS:
        return f"{value} {monies(amounts_in(facts.get(_AMOUNTS[fact], '')))}".strip()
    if fact is Fact.STATUS:
        return say(viewer.language, f"status_{value}")
    if fact is Fact.LAST_CONTACT:
        return day(datetime.fromisoformat(value), viewer.zone) if value else NOTHING
    if fact is Fact.OWNER:
        return shown(names.get(PersonId(value), value)) if value else say(viewer.language, "no_owner")
    return shown(value)


def _arrow(language: Language, before: str, after: str) -> Words:
    """Returns `before → after` on one line. Two values that look alike when cut are said to differ."""
    room = LINE - 3  # for the arrow
    # A half each, or more for the longer value when the other one is short.
    half = max(room // 2, room - min(len(before), len(after)))
    old, new = cut(before, half), cut(after, half)
    if old == new:
        return say(language, "changed_lately")
    return say(language, "before_after", before=Words(old), after=Words(new))
