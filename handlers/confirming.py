"""Turns a draft into a request: 确认, the reason for it, and 改为归档."""

from functools import partial

from cards.answering import ask_reason, took_reason
from cards.reasons import reason_words
from core.domain.actions import Action
from core.domain.errors import AlreadyClosed, BadInput
from core.domain.operation.life import State
from core.domain.operation.operation import Operation
from core.domain.operation.reason import Reason, ReasonCode
from core.domain.prompts import Asking, Prompt
from core.domain.records import RecordState
from core.ports.store import UnitOfWork
from core.services.confirming import confirm, needs_words
from core.services.finding import sight
from core.services.prompts import new_prompt
from core.services.proposing import propose_instead
from core.services.requests import cancel
from handlers.context import Answer, Context, Pressed, Transaction
from handlers.prompts import minutes, named, only_draft
from handlers.proposing import Wish, offer, proposal_of, record_now
from language.commands import ArchiveInstead, Confirm
from language.reasons import reason_in


async def confirm_tap(context: Context, pressed: Pressed) -> Transaction:
    """Answers a tap on 确认作废, 确认归档, 确认删除 or 确认恢复, with the reason from the drop-down."""
    chosen = pressed.chosen()
    code = next((ReasonCode(option) for option in chosen if option in set(ReasonCode)), None)
    assert pressed.operation is not None  # `find_about` has put it in
    return await _submit(context, pressed.operation, Reason(code) if code else None)


async def confirm_words(context: Context, command: Confirm) -> Transaction:
    """Answers 确认 for a draft of this person that is still open."""
    assert command.operation is not None  # `find_about` has put it in
    operation = await named(context, command.operation)
    operation.require_requester(context.sender)
    operation.require(State.DRAFT)
    if command.count not in {None, operation.targets.count}:  # 确认 36 confirms exactly 36 records
        raise BadInput("count_differs", operation=operation.label, count=operation.targets.count)
    return await _submit(context, operation, None, in_words=True)


async def reason_line(context: Context, prompt: Prompt, words: str) -> Transaction:
    """Takes the line that follows 其他(下条写) as the reason, and submits the request."""
    assert prompt.operation is not None  # a reason is only ever asked for an operation
    return await _submit(context, await named(context, prompt.operation), reason_in(words), prompt=prompt)


async def _submit(
    context: Context,
    operation: Operation,
    reason: Reason | None,
    *,
    in_words: bool = False,
    prompt: Prompt | None = None,
) -> Transaction:
    """Submits the request, or asks for a line first, or replaces the confirm card when the record has changed."""
    reason = _kept_words(operation, reason)
    if _wants_line(operation, reason, in_words=in_words):
        return _ask_line(context, operation)
    record = await record_now(context, operation.targets.first[0].ref)
    # An operation that was confirmed already goes on to `confirm`, which says how it stands.
    if record.version != operation.targets.first[0].version and operation.confirmed_at is None:
        return await _offer_again(context, operation, record, reason)
    return partial(_confirm, context, operation, reason, prompt)


def _confirm(
    context: Context, operation: Operation, reason: Reason | None, prompt: Prompt | None, uow: UnitOfWork
) -> Answer:
    asked = confirm(uow, operation.number, context.me, reason, context.desk.policy, context.desk.zone)
    if prompt is None:
        return [asked]
    uow.prompts.drop(prompt.id)
    why = reason_words(context.language, operation.kind, reason)
    return [asked, context.reply(took_reason(context.language, why))]


def _kept_words(operation: Operation, reason: Reason | None) -> Reason | None:
    """Returns the reason. If the drop-down repeats the one of the command, the words of the command stay."""
    said = operation.reason
    if reason is not None and said is not None and reason.code is said.code and not reason.words:
        return said
    return reason or said


def _wants_line(operation: Operation, reason: Reason | None, *, in_words: bool) -> bool:
    """Returns whether a line must be asked for: 其他 needs one, and so does 确认 in words without any reason."""
    if operation.confirmed_at is not None or operation.action in {Action.RESTORE, Action.EDIT_SEGMENT}:
        return False
    return needs_words(reason) or (in_words and reason is None)


def _ask_line(context: Context, operation: Operation) -> Transaction:
    life = context.desk.policy.lives.reason_line

    def ask(uow: UnitOfWork) -> Answer:
        until = uow.now + life
        uow.prompts.put(new_prompt(context.me, Asking.REASON, until, operation=operation.number))
        return [context.reply(ask_reason(context.language, operation, minutes(life)), operation)]

    return ask


async def _offer_again(
    context: Context, operation: Operation, record: RecordState, reason: Reason | None
) -> Transaction:
    """Replaces the confirm card by a new one, because the record has changed since the card was shown."""
    seen = await sight(context.desk.db, context.me)
    again = await offer(context, seen, record, Wish(operation.action, operation.kind, operation.said, reason))

    def replace(uow: UnitOfWork) -> Answer:
        cancelled = cancel(uow, operation.number, context.me)
        return [cancelled, context.say("changed_since_shown"), *again(uow)]

    return replace


async def archive_instead(context: Context, pressed: Pressed) -> Transaction:
    return await _archive_instead(context, pressed.key.operation)


async def archive_words(context: Context, command: ArchiveInstead) -> Transaction:
    """Answers 改为归档 #0312; without a number the only open confirm card is meant."""
    if command.operation is not None:
        return await _archive_instead(context, command.operation)
    draft = await only_draft(context, "which_archive")
    if draft is None:
        raise AlreadyClosed("nothing_open")
    return await _archive_instead(context, draft.number)


async def _archive_instead(context: Context, number: int) -> Transaction:
    """Replaces the draft of a void by one that archives the same record."""
    operation = await named(context, number)
    operation.require_requester(context.sender)
    operation.require(State.DRAFT)
    if operation.action is not Action.VOID:
        raise BadInput("only_void_to_archive", operation=operation.label)
    record = await record_now(context, operation.targets.first[0].ref)
    seen = await sight(context.desk.db, context.me)
    wish = Wish(Action.ARCHIVE, operation.kind, operation.said, operation.reason)
    proposal = await proposal_of(context, record, wish)
    return lambda uow: propose_instead(uow, number, context.me, seen, context.desk.policy, proposal)
