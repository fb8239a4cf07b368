"""Notices about other people's requests, to owners, approvers and administrators."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from cards.model import TextMessage
from cards.outcomes import end_notice, failure_words
from cards.reasons import reason_words
from cards.summary import count_of, named_subject, verb
from cards.texts.say import knows, say
from cards.views import Viewer
from cards.wording import Words, clean, cut, day, fit, shown
from core.domain.facts import Fact
from core.domain.incoming import Standing
from core.domain.operation.labels import failure_label
from core.domain.operation.life import State
from core.domain.operation.operation import Operation
from core.domain.operation.targets import Outcome
from core.domain.people import Language
from core.domain.records import Kind

# Characters for the list of fields in a notice.
_ROOM = 200


def owner_notice(viewer: Viewer, operation: Operation, who: str, count: int) -> TextMessage:
    """Tells the owner of `count` of the records that somebody else's request has changed them."""
    language = viewer.language
    about = named_subject(language, operation.targets, operation.kind)
    # Of several records only those of this owner are counted.
    if operation.targets.count > 1:
        about = count_of(language, operation.kind, count)
    why = Words(reason_words(language, operation.kind, operation.reason)) if operation.reason else Words()
    return TextMessage(
        say(
            language,
            "notice_owner_why" if why else "notice_owner",
            who=cut(shown(who), 20),
            verb=verb(language, operation.action),
            subject=about,
            reason=cut(why, 60),
            operation=operation.label,
        )
    )


def restored_notice(viewer: Viewer, operation: Operation, before: Operation, who: str) -> TextMessage:
    """Tells the requester and approvers of `before` that its effect was taken back by a restore of the record."""
    language = viewer.language
    return TextMessage(
        say(
            language,
            "notice_restored_by_name",
            who=cut(shown(who), 20),
            subject=named_subject(language, operation.targets, operation.kind),
            operation=operation.label,
            before=before.label,
            verb=verb(language, before.action),
        )
    )


def undone_notice(
    viewer: Viewer, undone: Operation, changed_since: tuple[str, ...] | None, who: str = ""
) -> TextMessage:
    """Tells what an undo brought back (K13).

    `who` is the person who undid it, if that is somebody else. `changed_since` holds the fields that differ from
    the backup; None means that there was no backup to compare with.
    """
    language = viewer.language
    by = say(language, "undone_by", who=cut(shown(who), 20)) if who else Words()
    about = named_subject(language, undone.targets, undone.kind)
    told = {"operation": undone.label, "by": by, "subject": about}
    if changed_since is None:
        return TextMessage(say(language, "notice_undone_unproven", **told))
    if changed_since:
        return TextMessage(say(language, "notice_undone_but", fields=_fields(language, changed_since), **told))
    parts = Words(say(language, "comma").join(_came_back(language, undone)))
    said = verb(language, undone.action)
    return TextMessage(say(language, "notice_undone_whole", parts=parts, verb=said, **told))


def _came_back(language: Language, undone: Operation) -> list[str]:
    """Returns what came back, counted: 3 个客户、37 条记录、2 个分组."""
    facts = [target.facts for target in undone.targets.first]
    counted = [(undone.kind, undone.targets.count)]
    # A fact that was not looked up when the request was made counts as none.
    for kind, fact in ((Kind.COMMUNICATION, Fact.RECORDS), (Kind.SEGMENT, Fact.SEGMENTS)):
        counted.append((kind, sum(int(each.get(fact) or 0) for each in facts)))
    if undone.kind is Kind.SEGMENT:
        counted.append((Kind.CUSTOMER, sum(int(each.get(Fact.MEMBERS) or 0) for each in facts)))
    return [count_of(language, kind, count) for kind, count in counted if count]


def _fields(language: Language, paths: Iterable[str]) -> Words:
    """Returns the names of the fields that the paths of a record set point to, such as: 手机、商机"""
    # A dict keeps the order and names each field once, although several paths may lead to it.
    names = dict.fromkeys(_field(path) for path in paths)
    return Words(fit([say(language, name) for name in names], _ROOM, between=say(language, "comma"))[0])


def _field(path: str) -> str:
    """Returns the name of a text: `customer.phone` → field_phone, `deals[D1].amount` → field_deals."""
    head, _, inner = path.partition(".")
    part = head.partition("[")[0]
    name = f"field_{inner if part in {'customer', 'segment', 'communication'} else part}"
    return name if knows(name) else "field_other"


def backup_notice(viewer: Viewer, operation: Operation, done: int, left: int) -> TextMessage:
    """Tells requester, owners and administrators that the command line has restored records from a backup."""
    language = viewer.language
    return TextMessage(
        say(
            language,
            "notice_backup_left" if left else "notice_backup",
            operation=operation.label,
            count=count_of(language, operation.kind, done),
            left=left,
            subject=named_subject(language, operation.targets, operation.kind),
            verb=verb(language, operation.action),
        )
    )


def failed_notice(viewer: Viewer, operation: Operation, *, unproven: bool) -> TextMessage:
    """Tells that nothing was changed; `unproven`: because the backup could not be proven."""
    if not unproven or operation.state is not State.FAILED:
        return end_notice(viewer, operation)
    about = named_subject(viewer.language, operation.targets, operation.kind)
    return TextMessage(
        say(
            viewer.language,
            "notice_backup_unproven",
            operation=operation.label,
            subject=about,
            number=_failure_number(operation),
        )
    )


def failure_for_admin(
    viewer: Viewer, operation: Operation, who: str, failures: Mapping[Outcome, int]
) -> TextMessage:
    """Tells administrators what went wrong, in the words of the part that refused.

    `failures` counts the records by what stood in the way; they are the cause where no part has said anything.
    """
    language = viewer.language
    return TextMessage(
        say(
            language,
            "notice_failed_admin",
            number=_failure_number(operation),
            operation=operation.label,
            who=cut(shown(who), 20),
            verb=verb(language, operation.action),
            subject=named_subject(language, operation.targets, operation.kind),
            state=say(language, f"state_{operation.state}"),
            why=cut(clean(operation.note), 300)
            or failure_words(language, failures, 300)
            or say(language, "notice_why_none"),
        )
    )


def _failure_number(operation: Operation) -> Words:
    return Words(failure_label(operation.number))


def app_standing(viewer: Viewer, standing: Standing, effective_at: int) -> TextMessage:
    """Tells administrators that the platform is about to stop the app, has stopped it, or lets it run again."""
    if standing is not Standing.THREATENED:
        return TextMessage(say(viewer.language, f"app_{standing}"))
    if not effective_at:
        return TextMessage(say(viewer.language, "app_threatened_soon"))
    from_then = day(datetime.fromtimestamp(effective_at, UTC), viewer.zone)
    return TextMessage(say(viewer.language, "app_threatened", day=from_then))
