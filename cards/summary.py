"""Sentences several cards share: what it is about, why, what hangs on it, who must agree."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from cards.parts import KeyValue
from cards.texts.say import Words, say
from cards.views import Names, Viewer
from cards.wording import ELLIPSIS, clean, clock, cut, fit, monies, near_moment, shown
from core.domain.actions import Action
from core.domain.approval.vote import Decision
from core.domain.facts import Fact
from core.domain.impact import Impact
from core.domain.operation.life import State
from core.domain.operation.operation import Operation
from core.domain.operation.targets import Target, Targets
from core.domain.people import Language
from core.domain.records import Kind

LINE = 30


def title_room(language: Language) -> int:
    """Characters a title may have: Chinese ones are twice as wide."""
    return 26 if language is Language.ZH else 36


def card_lines(language: Language, pairs: Iterable[tuple[str, str]]) -> tuple[KeyValue, ...]:
    """(name of a text, value) pairs as lines of a card."""
    return tuple(KeyValue(say(language, name), value) for name, value in pairs)


def verb(language: Language, action: Action) -> Words:
    return say(language, f"verb_{action}")


def count_of(language: Language, kind: Kind, count: int) -> Words:
    """3 个客户 / 3 customers"""
    return say(language, f"count_{kind}_one" if count == 1 else f"count_{kind}_many", count=count)


def numbered(name: str, number: str, tail: str = "", most: int = LINE) -> str:
    """C1024 宏远科技（B级）: the number comes first, so that no name can push it away or fake it."""
    room = most - len(number) - 1 - len(tail)
    return f"{clean(number)} {cut(shown(name), max(room, 4))}{tail}"


def subject(language: Language, targets: Targets, kind: Kind, most: int = LINE) -> str:
    """One record by number and name; several as a count and as many names as there is room for."""
    if targets.count == 1 and targets.first:
        target = targets.first[0]
        return numbered(full_name(target), target.ref.number, most=most)
    head = say(language, "count_head", count=count_of(language, kind, targets.count))
    names = [shown(target.name) for target in targets.first]
    if len(names) < targets.count:
        names.append(ELLIPSIS)
    listed, _ = fit(names, most - len(head), between=say(language, "comma"))
    return head + listed


def full_name(target: Target) -> str:
    """The registered one: people know the short one, and contracts hold this."""
    return target.facts.get(Fact.NAME) or target.name


def named_subject(language: Language, targets: Targets, kind: Kind, *, whole: bool = True) -> Words:
    """「宏远科技」（C1024 上海宏远科技有限公司） or 3 个客户, for sentences."""
    if targets.count != 1 or not targets.first:
        return count_of(language, kind, targets.count)
    target = targets.first[0]
    number = Words(clean(target.ref.number))
    registered = shown(full_name(target))
    if whole and registered != shown(target.name):
        number = Words(f"{number} {cut(registered, 40)}")
    return say(language, "named", name=cut(shown(target.name), LINE), number=number)


def quoted_subject(language: Language, targets: Targets, kind: Kind, room: int) -> Words:
    """「宏远科技」 or 3 个客户, for titles."""
    if targets.count == 1 and targets.first:
        name = cut(shown(targets.first[0].name), max(room - 2, 4))
        return say(language, "quoted", name=name)
    return count_of(language, kind, targets.count)


def title(language: Language, name: str, operation: Operation, **values: object) -> Words:
    """A title about the operation's subject; the subject's name gives way until all else fits."""
    said = verb(language, operation.action)
    empty = say(language, name, verb=said, subject=Words(), **values)
    room = title_room(language) - len(empty)
    about = quoted_subject(language, operation.targets, operation.kind, room)
    if operation.targets.count > 1:
        about = Words(f" {about}")  # 作废 36 个客户, but 作废「宏远科技」
    return Words(" ".join(say(language, name, verb=said, subject=about, **values).split()))


def request_line(language: Language, operation: Operation) -> Words:
    """#0312 作废"""
    return say(language, "request_line", operation=operation.label, verb=verb(language, operation.action))


def holdings(language: Language, impact: Impact) -> list[str]:
    """What hangs on a customer, weightiest first; empty parts are left out."""
    counted = [
        *_stakes(impact),
        ("part_contacts", impact.contacts, ""),
        ("part_records", impact.communications, ""),
        ("part_segments", impact.segments, ""),
    ]
    return _parts(language, counted) or [say(language, "part_nothing")]


def stakes(language: Language, impact: Impact) -> list[str]:
    """The money in it, weightiest first: 未付2 ¥9,000, 商机1 ¥48,000."""
    return _parts(language, _stakes(impact)) or [say(language, "amount_none")]


def brief(parts: Callable[[Language, Impact], list[str]], language: Language, impact: Impact) -> tuple[str, str]:
    """A line of the card, and a sentence for the text above it with what the line has no room for."""
    every = parts(language, impact)
    line = every[0]
    if len(line) > LINE:
        counts = replace(impact, open_amounts=(), unpaid_amounts=())
        said = say(language, "holdings_all", parts=Words(" · ".join(every)))
        return fit(parts(language, counts), LINE)[0], said
    rest = every[1:]
    while rest and len(line) + len(rest[0]) + 3 <= LINE:
        line = f"{line} · {rest.pop(0)}"
    return line, say(language, "holdings_rest", parts=Words(" · ".join(rest))) if rest else ""


def _stakes(impact: Impact) -> list[tuple[str, int, str]]:
    return [
        ("part_unpaid", impact.unpaid_invoices, monies(impact.unpaid_amounts)),
        ("part_deals", impact.open_deals, monies(impact.open_amounts)),
    ]


def _parts(language: Language, counted: list[tuple[str, int, str]]) -> list[str]:
    return [say(language, name, count=n, money=Words(amount)).rstrip() for name, n, amount in counted if n]


def needed_votes(language: Language, approvers: Sequence[str], votes: int) -> str:
    """Who must agree."""
    if not votes:
        return say(language, "approval_none")
    names, _ = fit([shown(name) for name in approvers], 18, between=say(language, "comma"))
    if votes == 1 and len(approvers) == 1:
        return say(language, "approval_one", names=Words(names))
    return say(language, "approval_some", names=Words(names), votes=votes)


def remaining(viewer: Viewer, operation: Operation) -> Words:
    """剩 23 小时 / 23 h left; minutes in the last hour."""
    if operation.expires_at is None:
        return say(viewer.language, "left_open")
    minutes = int((operation.expires_at - viewer.now).total_seconds() // 60)
    if minutes <= 0:
        return say(viewer.language, "left_none")
    if minutes < 60:
        return say(viewer.language, "left_minutes", count=minutes)
    if minutes < 72 * 60:
        return say(viewer.language, "left_hours", count=minutes // 60)
    return say(viewer.language, "left_days", count=minutes // (24 * 60))


def deadline(viewer: Viewer, operation: Operation) -> str:
    if operation.expires_at is None:
        return say(viewer.language, "left_open")
    return near_moment(operation.expires_at, viewer.zone, viewer.now)


def vote_words(viewer: Viewer, operation: Operation, names: Names) -> str:
    """李强 已同意 10:42, for each who agreed."""
    said = [
        say(
            viewer.language,
            "voted_for",
            who=shown(names.get(vote.person, vote.person)),
            at=Words(clock(vote.at, viewer.zone, viewer.now)),
        )
        for vote in operation.current_votes(Decision.APPROVE)
    ]
    return say(viewer.language, "comma").join(said)


def state_words(viewer: Viewer, operation: Operation, names: Names | None = None) -> str:
    """How it stands now, in a few words: 李强 已同意 10:42 · 已执行 10:43, 已驳回：还在谈, 已撤回."""
    language = viewer.language
    if operation.state is State.REJECTED and clean(operation.note):
        return cut(say(language, "rejected_because", words=operation.note), 40)
    if operation.state is State.PENDING and operation.votes_needed > 1:
        got = len(operation.current_votes(Decision.APPROVE))
        return say(language, "state_pending_count", got=got, needed=operation.votes_needed)
    now = say(language, f"state_{operation.state}")
    ended = operation.undone_at or operation.finished_at
    if ended:
        now = say(language, "state_at", state=now, at=Words(clock(ended, viewer.zone, viewer.now)))
    agreed = vote_words(viewer, operation, names) if names is not None else ""
    return f"{agreed} · {now}" if agreed else now
