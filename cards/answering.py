"""Answers as plain text: refusals, greetings, help, and notices to people about a request."""

import re
from collections.abc import Set as AbstractSet
from datetime import datetime
from string import Formatter

from cards.model import TextMessage
from cards.summary import LINE, named_subject, quoted_subject, remaining, verb
from cards.texts.say import TEXTS, knows, say
from cards.views import Viewer
from cards.wording import Words, clock, cut, fit, shown
from core.domain.actions import Action
from core.domain.approval.vote import Decision
from core.domain.audit import Head
from core.domain.errors import Refusal
from core.domain.incoming import MediaKind
from core.domain.operation.life import State
from core.domain.operation.operation import Operation
from core.domain.people import Language, Right
from core.domain.seals import Unsound

# `shown` widens every #, but the label of an operation in an example has to work when it is typed.
_TWIN_OF_HASH = re.compile(r"＃(?=\d{4})")


def log_broken(language: Language) -> TextMessage:
    """Tells administrators and auditors that all work has stopped, because the log does not hold."""
    return TextMessage(say(language, "alarm_log_broken"))


def row_unsound(language: Language, found: Unsound, *, last: bool) -> TextMessage:
    """Tells administrators and auditors of a row that somebody without the key wrote or changed.

    `last`: further rows of this hour stand in the log only.
    """
    alarm = say(language, "alarm_row_unsound", table=found.table, row=cut(found.row, 60))
    return TextMessage(f"{alarm}\n{say(language, 'alarm_more_unsound')}" if last else alarm)


def refusal(viewer: Viewer, why: Refusal) -> TextMessage:
    """Says no, and what to do next. A missing value is worded vaguely, because a refusal must reach the person."""
    language = viewer.language
    name = why.text if knows(why.text) else "refused"
    # Only the placeholders of the text are filled, so that a value too many or too few cannot raise an error.
    values = {
        field: _value(viewer, field, why.values.get(field))
        for _, field, _, _ in Formatter().parse(TEXTS[language][name])
        if field
    }
    return TextMessage(say(language, name, **values))


def _value(viewer: Viewer, field: str, value: object) -> object:
    """Returns a value of a refusal in words of the viewer's language."""
    if value is None or value == "":
        return say(viewer.language, f"missing_{field}")
    if isinstance(value, datetime):
        return clock(value, viewer.zone, viewer.now)
    if isinstance(value, tuple | list):
        return Words(fit([shown(str(part)) for part in value], 80, between=say(viewer.language, "comma"))[0])
    if isinstance(value, Right):
        return say(viewer.language, f"right_{value}")
    if isinstance(value, State):
        return say(viewer.language, f"state_{value}")
    if isinstance(value, Action):
        return verb(viewer.language, value)
    # Numbers are safe as they are; anything else may be what somebody has typed.
    return value if isinstance(value, int) else cut(shown(str(value)), 160)


def not_read(language: Language, nearest: tuple[str, ...]) -> TextMessage:
    """Says that no command reads like the message; `nearest` are examples that work as typed."""
    if not nearest:
        return TextMessage(say(language, "not_understood"))
    plain = [_TWIN_OF_HASH.sub("#", shown(example)) for example in nearest]
    listed = fit(plain, 120)[0]
    return TextMessage(say(language, "not_understood_nearest", nearest=Words(listed)))


def not_offered(language: Language, said: str) -> TextMessage:
    return TextMessage(say(language, "not_offered", verb=cut(shown(said), 20)))


def media(language: Language, kind: MediaKind) -> TextMessage:
    return TextMessage(say(language, f"media_{kind}"))


def not_known(language: Language, userid: str) -> TextMessage:
    """The only answer that a person gets whom the bot does not know."""
    return TextMessage(say(language, "not_known", userid=_account(userid)))


def returned(language: Language, userid: str, generation: int) -> TextMessage:
    """Tells a member who has returned without roles what gives the roles back, and who can do it."""
    return TextMessage(say(language, "returned", userid=_account(userid), generation=generation))


def admin_left(language: Language, name: str, userid: str) -> TextMessage:
    return TextMessage(say(language, "admin_left", name=name, userid=_account(userid)))


def admin_returned(language: Language, name: str, userid: str, generation: int) -> TextMessage:
    text = say(language, "admin_returned", name=name, userid=_account(userid), generation=generation)
    return TextMessage(text)


def _account(userid: str) -> Words:
    """Returns a user id that can be copied: WeCom's ids may hold an @, which `shown` would widen."""
    return Words(shown(userid).replace("＠", "@"))


def spoke(language: Language) -> TextMessage:
    """Says, in the new language, that the bot speaks it from now on."""
    return TextMessage(say(language, "spoke", language=say(language, f"language_{language}")))


# greeting and help

# What a person can do, with the rights of which one is enough.
_CAN = (
    ("greeting_view", {Right.VIEW}),
    ("greeting_change", {Right.VOID, Right.ARCHIVE, Right.RESTORE}),
    ("greeting_groups", {Right.GROUPS}),
    ("greeting_approve", {Right.APPROVE}),
    ("greeting_audit", {Right.AUDIT}),
)
_EXAMPLES = (
    ("void", Right.VOID),
    ("waiting", Right.APPROVE),
    ("approve", Right.APPROVE),
    ("reject", Right.APPROVE),
    ("log", Right.AUDIT),
    ("log_operation", Right.AUDIT),
    ("restore", Right.RESTORE),
    ("find", Right.VIEW),
    ("undo", Right.RESTORE),
    ("archive", Right.ARCHIVE),
    ("mine", Right.VIEW),
    ("requests", Right.HELP),
    ("find_sound", Right.VIEW),
    ("help", Right.HELP),
)
"""The examples of the help text, the most useful first; a person is shown the first five that they may use."""


def greeting(language: Language, name: str, rights: AbstractSet[Right]) -> TextMessage:
    """Says who the bot is and what this person can do."""
    can = [say(language, text) for text, any_of in _CAN if any_of & rights]
    hello = say(language, "greeting", name=cut(shown(name), 20))
    return TextMessage("\n".join([hello, *can, say(language, "greeting_end")]))


def examples(language: Language, rights: AbstractSet[Right]) -> tuple[tuple[str, str], ...]:
    """Returns five messages that work as typed, each with its purpose."""
    # The examples that need only HELP are shown to everybody.
    usable = [name for name, right in _EXAMPLES if right in rights or right is Right.HELP]
    return tuple((say(language, f"example_{name}"), say(language, f"meaning_{name}")) for name in usable[:5])


def help_text(language: Language, rights: AbstractSet[Right]) -> TextMessage:
    rows = [
        say(language, "help_example", example=Words(example), meaning=Words(meaning))
        for example, meaning in examples(language, rights)
    ]
    return TextMessage("\n".join([say(language, "help_title"), *rows, say(language, "help_end")]))


# questions and notices about one operation


def ask_reason(language: Language, operation: Operation, minutes: int) -> TextMessage:
    """Asks for the reason, which is the next line, after 其他(下条写) was chosen."""
    about = quoted_subject(language, operation.targets, operation.kind, LINE)
    text = say(language, "ask_reason", verb=verb(language, operation.action), subject=about, minutes=minutes)
    return TextMessage(text)


def ask_rejection(language: Language, operation: Operation, minutes: int) -> TextMessage:
    return TextMessage(say(language, "ask_rejection", operation=operation.label, minutes=minutes))


def took_vote(language: Language, operation: Operation, decision: Decision) -> TextMessage:
    """Confirms a vote in words, because its card may have scrolled out of sight."""
    return TextMessage(say(language, f"took_vote_{decision}", operation=operation.label))


def see_card_first(language: Language, operation: Operation) -> TextMessage:
    """Answers a vote in words by somebody who has not yet been shown what they would decide."""
    return TextMessage(say(language, "see_card_first", operation=operation.label))


def took_reason(language: Language, words: str) -> TextMessage:
    return TextMessage(say(language, "took_reason", reason=cut(shown(words), 60)))


def pushed(viewer: Viewer, operation: Operation, requester: str) -> TextMessage:
    """Reminds an approver by the wish of the requester (催一下)."""
    return _remind(viewer, "nudge_approver", operation, requester)


def half_time(viewer: Viewer, operation: Operation, requester: str) -> TextMessage:
    """Reminds an approver when half of the term is over."""
    return _remind(viewer, "nudge_half_time", operation, requester)


def _remind(viewer: Viewer, name: str, operation: Operation, requester: str) -> TextMessage:
    language = viewer.language
    about = named_subject(language, operation.targets, operation.kind)
    return TextMessage(
        say(
            language,
            name,
            requester=cut(shown(requester), 20),
            operation=operation.label,
            verb=verb(language, operation.action),
            subject=about,
            left=remaining(viewer, operation),
        )
    )


def push_sent(language: Language, names: tuple[str, ...]) -> TextMessage:
    """Tells the requester that the approvers were reminded."""
    return TextMessage(say(language, "nudge_sent", names=_people(language, names)))


def anchor_notice(language: Language, head: Head) -> TextMessage:
    """Gives approvers the day's head of the log, a copy that an administrator of the database cannot change."""
    return TextMessage(say(language, "anchor_notice", head=Words(str(head))))


def vote_counted(language: Language, operation: Operation, who: str, got: int) -> TextMessage:
    """Tells the requester that one of several votes was given."""
    return TextMessage(
        say(
            language,
            "vote_counted",
            operation=operation.label,
            who=cut(shown(who), 20),
            got=got,
            needed=operation.votes_needed,
        )
    )


def handed_on(language: Language, operation: Operation, names: tuple[str, ...]) -> TextMessage:
    """Tells the requester that other people decide now."""
    return TextMessage(say(language, "handed_on", operation=operation.label, names=_people(language, names)))


def undelivered(
    language: Language, operation: Operation, names: tuple[str, ...], *, everybody: bool
) -> TextMessage:
    """Tells the requester which approvers WeCom could not reach; `everybody` is true when it reached none."""
    if everybody:
        return TextMessage(say(language, "undelivered_all", operation=operation.label))
    people = _people(language, names)
    return TextMessage(say(language, "undelivered", operation=operation.label, names=people))


def nobody_left(language: Language, operation: Operation) -> TextMessage:
    """Tells the requester that everybody who could decide the request has left or lost the right."""
    return TextMessage(say(language, "nobody_left", operation=operation.label))


def _people(language: Language, names: tuple[str, ...]) -> Words:
    return Words(fit([shown(name) for name in names], 60, between=say(language, "comma"))[0])
