"""A person's own requests, and those that wait for their decision, as plain text."""

from collections.abc import Sequence

from cards.model import TextMessage, list_message
from cards.picking import FIRST_FEW
from cards.reasons import reason_words
from cards.summary import LINE, named_subject, remaining, state_words, verb
from cards.texts.say import say
from cards.views import Viewer
from cards.wording import Words, cut, shown
from core.domain.operation.operation import Operation


def requests_text(viewer: Viewer, operations: Sequence[Operation]) -> TextMessage:
    """Answers 我的申请 with the person's requests."""
    language = viewer.language
    if not operations:
        return TextMessage(say(language, "requests_none"))
    return list_message(say(language, "requests_head"), _request_rows(viewer, operations))


def undoable_text(viewer: Viewer, operations: Sequence[Operation]) -> TextMessage:
    """Lists the person's operations that can be undone, and asks which one is meant."""
    language = viewer.language
    head = say(language, "undoable_head", count=len(operations))
    listed = operations[: 2 * FIRST_FEW]
    how = say(language, "undoable_how", operation=listed[0].label)
    return list_message(head, _request_rows(viewer, listed), how)


def _request_rows(viewer: Viewer, operations: Sequence[Operation]) -> list[str]:
    language = viewer.language
    return [
        say(
            language,
            "request_item",
            operation=operation.label,
            verb=verb(language, operation.action),
            subject=named_subject(language, operation.targets, operation.kind, whole=False),
            state=Words(state_words(viewer, operation)),
        )
        for operation in operations
    ]


def waiting_text(viewer: Viewer, waiting: Sequence[tuple[Operation, str]], *, more: bool = False) -> TextMessage:
    """Answers 待我审批 with the operations that wait, each with its requester's name.

    `more`: more wait than are listed.
    """
    language = viewer.language
    if not waiting:
        return TextMessage(say(language, "waiting_none"))
    rows = [
        say(
            language,
            "waiting_item",
            operation=operation.label,
            requester=cut(shown(requester), 20),
            verb=verb(language, operation.action),
            subject=named_subject(language, operation.targets, operation.kind, whole=False),
            reason=Words(cut(reason_words(language, operation.kind, operation.reason), LINE)),
            left=remaining(viewer, operation),
        )
        for operation, requester in waiting
    ]
    head = "waiting_head_some" if more else "waiting_head"
    return list_message(say(language, head, count=len(waiting)), rows, say(language, "waiting_how"))
