"""Phrases that several cards share: subject, reason, impact, approvers, deadline, state."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from cards.texts.say import say
from cards.views import Names, Viewer
from cards.wording import ELLIPSIS, Words, clean, clock, cut, fit, monies, near_moment, shown
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
"""The number of characters in the value of a card line."""


def title_room(language: Language) -> int:
    """Returns the number of characters that fit in a title; Chinese ones are twice as wide."""
    # WeCom advises 36, but a phone shows only 26 Chinese characters on one line.
    return 26 if language is Language.ZH else 36


def verb(language: Language, action: Action) -> Words:
    return say(language, f"verb_{action}")


def count_of(language: Language, kind: Kind, count: int) -> Words:
    """Returns a count such as 3 个客户 or 3 customers."""
    # English needs a form for one and a form for many.
    return say(language, f"count_{kind}_one" if count == 1 else f"count_{kind}_many", count=count)


def numbered(name: str, number: str, tail: str = "", most: int = LINE) -> str:
    """Returns a record such as C1024 宏远科技（B级）. The number comes first, so that no name can fake it."""
    room = most - len(number) - 1 - len(tail)
    # Four characters of the name stay, however long the number is.
    return f"{clean(number)} {cut(shown(name), max(room, 4))}{tail}"


def subject(language: Language, targets: Targets, kind: Kind, most: int = LINE) -> str:
    """Returns one record as number and name, several as a count and as many names as there is room for."""
    if targets.count == 1 and targets.first:
        target = targets.first[0]
        return numbered(full_name(target), target.ref.number, most=most)
    head = say(language, "count_head", count=count_of(language, kind, targets.count))
    names: list[str] = [shown(target.name) for target in targets.first]
    if len(names) < targets.count:
        names.append(ELLIPSIS)
    listed, _ = fit(names, most - len(head), between=say(language, "comma"))
    return head + listed


def full_name(target: Target) -> str:
    """Returns the registered name: people know the short one, but contracts hold this one."""
    return target.facts.get(Fact.NAME) or target.name


def named_subject(language: Language, targets: Targets, kind: Kind, *, whole: bool = True) -> Words:
    """Returns the subject of a sentence: 「宏远科技」（C1024 上海宏远科技有限公司） or 3 个客户."""
    if targets.count != 1 or not targets.first:
        return count_of(language, kind, targets.count)
    target = targets.first[0]
    number = clean(target.ref.number)
    registered = shown(full_name(target))
    if whole and registered != shown(target.name):
        number = Words(f"{number} {cut(registered, 40)}")
    return say(language, "named", name=cut(shown(target.name), LINE), number=number)


def quoted_subject(language: Language, targets: Targets, kind: Kind, room: int) -> Words:
    """Returns the subject of a title: 「宏远科技」 or 3 个客户."""
    if targets.count == 1 and targets.first:
        name = cut(shown(targets.first[0].name), max(room - 2, 4))
        return say(language, "quoted", name=name)
    return count_of(language, kind, targets.count)


def title(language: Language, name: str, operation: Operation, **values: object) -> Words:
    """Returns a title about the operation's subject, whose name is cut until all else fits."""
    said = verb(language, operation.action)
    # The title without its subject shows how much room is left for the subject.
    empty = say(language, name, verb=said, subject=Words(), **values)
    room = title_room(language) - len(empty)
    about = quoted_subject(language, operation.targets, operation.kind, room)
    if operation.targets.count > 1:
        about = Words(f" {about}")  # 作废 36 个客户, but 作废「宏远科技」
    return Words(" ".join(say(language, name, verb=said, subject=about, **values).split()))


def request_line(language: Language, operation: Operation) -> Words:
    """Returns a request in short, such as #0312 作废."""
    return say(language, "request_line", operation=operation.label, verb=verb(language, operation.action))


def holdings(language: Language, impact: Impact) -> list[str]:
    """Returns what hangs on a customer, the most important first; empty parts are left out."""
    counted = [
        *_stakes(impact),
        ("part_contacts", impact.contacts, ""),
        ("part_records", impact.communications, ""),
        ("part_segments", impact.segments, ""),
    ]
    return _parts(language, counted) or [say(language, "part_nothing")]


def stakes(language: Language, impact: Impact) -> list[str]:
    """Returns the money at stake, the most important first: 未付2 ¥9,000, 商机1 ¥48,000."""
    return _parts(language, _stakes(impact)) or [say(language, "amount_none")]


def brief(parts: Callable[[Language, Impact], list[str]], language: Language, impact: Impact) -> tuple[str, str]:
    """Returns a line of the card, and a sentence for the text above it with the parts that do not fit the line."""
    every = parts(language, impact)
    line = every[0]
    if len(line) > LINE:
        # Even the first part is too long: the line shows the counts, the sentence all amounts.
        counts = replace(impact, open_amounts=(), unpaid_amounts=())
        said = say(language, "holdings_all", parts=Words(" · ".join(every)))
        return fit(parts(language, counts), LINE)[0], said
    rest = every[1:]
    while rest and len(line) + len(rest[0]) + 3 <= LINE:  # three characters for the separator
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
    """Returns who must approve, such as one name or several names and the number of votes."""
    if not votes:
        return say(language, "approval_none")
    # Not the whole line: the number of votes may stand behind the names.
    names, _ = fit([shown(name) for name in approvers], 18, between=say(language, "comma"))
    if votes == 1 and len(approvers) == 1:
        return say(language, "approval_one", names=Words(names))
    return say(language, "approval_some", names=Words(names), votes=votes)


def remaining(viewer: Viewer, operation: Operation) -> Words:
    """Returns the time left, such as 剩 23 小时 or 23 h left; in the last hour it counts minutes."""
    if operation.expires_at is None:
        return say(viewer.language, "left_open")
    # Rounded down, so that a card never promises more time than there is.
    minutes = int((operation.expires_at - viewer.now).total_seconds() // 60)
    if minutes <= 0:
        return say(viewer.language, "left_none")
    if minutes < 60:
        return say(viewer.language, "left_minutes", count=minutes)
    if minutes < 72 * 60:  # up to three days in hours, which is more exact than days
        return say(viewer.language, "left_hours", count=minutes // 60)
    return say(viewer.language, "left_days", count=minutes // (24 * 60))


def deadline(viewer: Viewer, operation: Operation) -> str:
    if operation.expires_at is None:
        return say(viewer.language, "left_open")
    return near_moment(operation.expires_at, viewer.zone, viewer.now)


def vote_words(viewer: Viewer, operation: Operation, names: Names) -> str:
    """Returns who approved and when, such as 李强 已同意 10:42."""
    said = [
        say(
            viewer.language,
            "voted_for",
            who=shown(names.get(vote.person, vote.person)),
            at=clock(vote.at, viewer.zone, viewer.now),
        )
        for vote in operation.current_votes(Decision.APPROVE)
    ]
    return say(viewer.language, "comma").join(said)


def state_words(viewer: Viewer, operation: Operation) -> str:
    """Returns how the operation stands, such as 已执行 10:43, 已驳回：还在谈 or 已撤回."""
    language = viewer.language
    if operation.state is State.REJECTED and clean(operation.note):
        return cut(say(language, "rejected_because", words=operation.note), 40)
    if operation.state is State.PENDING and operation.votes_needed > 1:
        got = len(operation.current_votes(Decision.APPROVE))
        return say(language, "state_pending_count", got=got, needed=operation.votes_needed)
    now = say(language, f"state_{operation.state}")
    ended = operation.undone_at or operation.finished_at
    if ended:
        now = say(language, "state_at", state=now, at=clock(ended, viewer.zone, viewer.now))
    return now


def state_and_votes(viewer: Viewer, operation: Operation, names: Names, now: str) -> str:
    """Returns how the operation stands (`now`) after those who approved: 李强 已同意 10:42 · 已执行 10:43."""
    counted = operation.state is State.PENDING and operation.votes_needed > 1
    if counted or (operation.state is State.REJECTED and clean(operation.note)):
        return now
    agreed = vote_words(viewer, operation, names)
    return f"{agreed} · {now}" if agreed else now
