"""The cards at the end of an operation: done (K9), partly done (K10), records changed (K12), and closed cards."""

from collections.abc import Mapping

from cards.changes import change_lines, changes_in_words
from cards.keys import CardKeys, Press
from cards.model import ButtonCard, TextMessage, update_json
from cards.named_parts import buttons, card_lines
from cards.parts import Button, Colour, KeyValue, Source, Style
from cards.reasons import reason_words
from cards.summary import (
    LINE,
    deadline,
    full_name,
    named_subject,
    numbered,
    state_and_votes,
    state_words,
    subject,
    title,
    verb,
)
from cards.texts.say import say
from cards.views import ChangedView, DoneView, Names, Viewer
from cards.wording import Words, clean, cut, fit, moment, shown
from core.domain.approval.vote import Decision
from core.domain.operation.life import State
from core.domain.operation.operation import Operation
from core.domain.operation.targets import Outcome
from core.domain.people import Language

# WeCom demands a button even on a closed card. The key is no valid button key, so a tap on it does nothing.
_DEAD_KEY = "closed"
_COLOURS = {State.DONE: Colour.GREEN, State.UNDONE: Colour.GREEN, State.NEEDS_HUMAN: Colour.RED}


def done_card(viewer: Viewer, view: DoneView, keys: CardKeys, task_id: str) -> ButtonCard:
    """Returns the card of an operation that is done (K9) or partly done (K10), with a button to undo it.

    It is for operations with an `undo_until`; `end_notice` tells of the others.
    """
    language, operation = viewer.language, view.operation
    partly = bool(view.tally.failed or view.tally.conflicts or view.tally.unknown)
    return ButtonCard(
        task_id=task_id,
        source=Source(say(language, "source", operation=operation.label), Colour.RED if partly else Colour.GREEN),
        title=title(language, "partly_title" if partly else "done_title", operation),
        desc=say(language, "partly_desc" if partly else "done_desc"),
        lines=card_lines(language, _done_lines(viewer, view)),
        buttons=buttons(language, keys, ("button_undo", Press.UNDO, Style.NEUTRAL)),
    )


def failure_words(language: Language, failures: Mapping[Outcome, int], most: int) -> str:
    """Returns what stood in the way of how many records, in at most so many characters."""
    why = [
        say(language, "failure_line", why=say(language, f"outcome_{outcome}"), count=count)
        for outcome, count in sorted(failures.items())
    ]
    return fit(why, most)[0]


def _done_lines(viewer: Viewer, view: DoneView) -> list[tuple[str, str]]:
    language, operation, tally = viewer.language, view.operation, view.tally
    result = say(
        language,
        "result_line",
        verb=verb(language, operation.action),
        done=tally.done,
        failed=tally.failed + tally.conflicts + tally.unknown,
    )
    pairs: list[tuple[str, str]] = [("key_result", result)]
    if view.failures:
        pairs.append(("key_failed", failure_words(language, view.failures, LINE)))
    pairs += [
        ("key_subject", subject(language, operation.targets, operation.kind)),
        ("key_operation", Words(operation.label)),
        ("key_backup", say(language, "backup_proven", backup=Words(operation.backup_label))),
    ]
    if operation.undo_until:
        pairs.append(("key_undo", moment(operation.undo_until, viewer.zone)))
    if view.kept_until:
        pairs.append(("key_kept", moment(view.kept_until, viewer.zone)))
    return pairs[:6]  # a card has six lines; the least important ones stand last


def changed_card(viewer: Viewer, view: ChangedView, keys: CardKeys, task_id: str) -> ButtonCard:
    """Returns the card that asks whether to keep records that changed after the vote, or to ask again (K12)."""
    language, operation = viewer.language, view.operation
    pairs = _changed_lines(viewer, view)
    return ButtonCard(
        task_id=task_id,
        source=Source(say(language, "source", operation=operation.label), Colour.RED),
        title=title(language, "changed_title", operation),
        desc=say(language, "changed_desc", verb=verb(language, operation.action)),
        # Six lines fit on a card; the text above them says how many more there are.
        text=say(language, "changed_more", count=len(pairs) - 6) if len(pairs) > 6 else "",
        lines=tuple(pairs[:6]),
        buttons=(
            Button(say(language, f"button_keep_{operation.kind}"), keys.of(Press.KEEP), Style.STRONG),
            Button(
                say(language, "button_ask_again", verb=verb(language, operation.action)),
                keys.of(Press.ASK_AGAIN),
                Style.DANGER,
            ),
        ),
    )


def _changed_lines(viewer: Viewer, view: ChangedView) -> list[KeyValue]:
    """Returns a line for each record, followed by lines of what differs: before → after."""
    found: list[KeyValue] = []
    for change in view.changes:
        target = change.before
        what = numbered(full_name(target), target.ref.number)
        found += card_lines(viewer.language, [(f"key_{target.ref.kind}", what)])
        found += change_lines(viewer, change, view.owners)
    return found


# the end of a card


def closed_card(viewer: Viewer, operation: Operation, words: str = "", names: Names | None = None) -> str:
    """Returns the body of an update that closes any card of an operation and says how the operation stands.

    `words` go on the grey button; by default they tell the operation's state (李强 已同意 10:42 · 已执行 10:43).
    """
    now = state_words(viewer, operation)
    pairs = [("key_now", now)]
    if operation.state is State.PENDING:
        pairs.append(("key_deadline", deadline(viewer, operation)))
    return _closed(viewer, operation, pairs, words or state_and_votes(viewer, operation, names or {}, now))


def confirmed_card(viewer: Viewer, operation: Operation) -> str:
    """Returns the body of an update that closes a confirm card (K2) once it is confirmed.

    It does not say how the request stands: the card of the submitted request (K5), which is redrawn, does.
    """
    return _closed(viewer, operation, [], say(viewer.language, "confirmed", operation=operation.label))


def _closed(viewer: Viewer, operation: Operation, now: list[tuple[str, str]], button: str) -> str:
    language = viewer.language
    pairs = [("key_subject", subject(language, operation.targets, operation.kind))]
    if operation.reason is not None:
        pairs.append(("key_reason", reason_words(language, operation.kind, operation.reason)))
    card = ButtonCard(
        task_id="closed",  # an update carries no task id, but a card cannot be made without one
        source=Source(
            say(language, "source", operation=operation.label), _COLOURS.get(operation.state, Colour.GREY)
        ),
        title=title(language, "request_title", operation),
        lines=card_lines(language, pairs + now),
        buttons=(Button(say(language, "button_cancel"), _DEAD_KEY, Style.NEUTRAL),),
    )
    return update_json(card, replace_text=button)


def closed_list(viewer: Viewer, heading: str, words: str) -> str:
    """Returns the body of an update that closes an answered pick card or digest about `heading`."""
    card = ButtonCard(
        task_id="closed",
        title=cut(shown(heading), LINE),
        buttons=(Button(say(viewer.language, "button_cancel"), _DEAD_KEY, Style.NEUTRAL),),
    )
    return update_json(card, replace_text=words)


def stale_notice(viewer: Viewer, view: ChangedView) -> TextMessage:
    """Tells the approvers that the request is on hold, and what has changed."""
    language, operation = viewer.language, view.operation
    told = [changes_in_words(viewer, change, view.owners) for change in view.changes]
    return TextMessage(
        say(
            language,
            "notice_stale_what",
            operation=operation.label,
            subject=named_subject(language, operation.targets, operation.kind),
            changes=Words(fit(told, 200, between=say(language, "comma"))[0]),
        )
    )


def expired_for_decider(viewer: Viewer, operation: Operation, *, voted: bool) -> TextMessage:
    """Tells an approver that a request has expired, so that nothing is left to do.

    `voted`: this approver had agreed in time, and somebody else had not.
    """
    about = named_subject(viewer.language, operation.targets, operation.kind)
    name = "notice_expired_voter" if voted else "notice_expired_decider"
    return TextMessage(say(viewer.language, name, operation=operation.label, subject=about))


def end_notice(viewer: Viewer, operation: Operation) -> TextMessage:
    """Tells the people concerned in one sentence how the operation ended, and if so, that nothing was changed."""
    language = viewer.language
    about = named_subject(language, operation.targets, operation.kind)
    why = cut(clean(operation.note), 60) or say(language, "notice_why_none")
    return TextMessage(
        say(
            language,
            "notice_expired_not_run" if _approved_but_not_run(operation) else f"notice_{operation.state}",
            operation=operation.label,
            verb=verb(language, operation.action),
            subject=about,
            why=why,
        )
    )


def _approved_but_not_run(operation: Operation) -> bool:
    return operation.state is State.EXPIRED and 0 < operation.votes_needed <= len(
        operation.current_votes(Decision.APPROVE)
    )
