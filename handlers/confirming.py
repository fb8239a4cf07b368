"""From the confirm card to a request: 确认, its reason, 改为归档."""

from cards.answering import ask_reason, took_reason
from cards.model import TextMessage
from cards.reasons import reason_words
from cards.texts.say import say
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
from core.services.requester import cancel
from handlers.context import Context, Pressed, Work
from handlers.prompts import minutes, named, new_prompt, only_draft
from handlers.proposing import Wish, offer, record_now
from language.commands import ArchiveInstead, Confirm
from language.reasons import reason_in
from notify.post import text_to


async def confirm_tap(context: Context, pressed: Pressed) -> Work:
    """确认作废 / 确认归档 / 确认删除 / 确认恢复."""
    chosen = pressed.chosen()
    code = next((ReasonCode(option) for option in chosen if option in set(ReasonCode)), None)
    return await _submit(context, pressed.key.operation, Reason(code) if code else None)


async def confirm_words(context: Context, command: Confirm) -> Work:
    """确认: the confirm card that is meant, if it is one of theirs and still open."""
    assert command.operation is not None  # found before the right was asked
    operation = await named(context, command.operation)
    operation.require_requester(context.sender)
    operation.require(State.DRAFT)
    if command.count not in {None, operation.targets.count}:  # 确认 36 stands by 36 records
        raise BadInput("count_differs", operation=operation.label, count=operation.targets.count)
    return await _submit(context, operation.number, None, in_words=True)


async def reason_line(context: Context, prompt: Prompt, words: str) -> Work:
    """The line after 其他(下条写)."""
    assert prompt.operation is not None  # a reason is always asked for an operation
    return await _submit(context, prompt.operation, reason_in(words), prompt=prompt)


async def _submit(
    context: Context, number: int, reason: Reason | None, *, in_words: bool = False, prompt: Prompt | None = None
) -> Work:
    operation = await named(context, number)
    reason = _kept_words(operation, reason)
    if _wants_line(operation, reason, in_words=in_words):
        return _ask_line(context, operation)
    ref = operation.targets.first[0].ref
    record, impact = await record_now(context, ref), await context.desk.crm.impact(ref)
    if record.version != operation.targets.first[0].version and operation.confirmed_at is None:
        return await _offer_again(context, operation, record, reason)

    def work(uow: UnitOfWork) -> None:
        asked = confirm(uow, number, context.me, reason, context.desk.policy, context.desk.zone)
        context.desk.announcer.submitted(uow, asked, impact)
        if prompt is not None:
            uow.prompts.drop(prompt.id)
            why = reason_words(context.language, operation.kind, reason)
            uow.outbox.send(text_to(context.sender, took_reason(context.language, why)))

    return work


def _kept_words(operation: Operation, reason: Reason | None) -> Reason | None:
    """The drop-down names what the person had said in words: the words stay."""
    said = operation.reason
    if reason is not None and said is not None and reason.code is said.code and not reason.words:
        return said
    return reason or said


def _wants_line(operation: Operation, reason: Reason | None, *, in_words: bool) -> bool:
    """其他 wants a line; so does 确认 in words when no reason was ever given."""
    if operation.confirmed_at is not None or operation.action in {Action.RESTORE, Action.EDIT_SEGMENT}:
        return False
    return needs_words(reason) or (in_words and reason is None)


def _ask_line(context: Context, operation: Operation) -> Work:
    lives = context.desk.policy.lives

    def work(uow: UnitOfWork) -> None:
        uow.prompts.put(
            new_prompt(context.me, Asking.REASON, uow.now() + lives.reason_line, operation=operation.number)
        )
        question = ask_reason(context.language, operation, minutes(lives.reason_line))
        uow.outbox.send(text_to(context.sender, question, operation))

    return work


async def _offer_again(context: Context, operation: Operation, record: RecordState, reason: Reason | None) -> Work:
    """The record changed under the open card: show it again as it is now."""
    seen = await sight(context.desk.db, context.me)
    again = await offer(context, seen, record, Wish(operation.action, operation.kind, operation.said, reason))

    def work(uow: UnitOfWork) -> None:
        context.desk.announcer.ended(uow, cancel(uow, operation.number, context.me))
        uow.outbox.send(text_to(context.sender, TextMessage(say(context.language, "changed_since_shown"))))
        again(uow)

    return work


async def archive_instead(context: Context, pressed: Pressed) -> Work:
    return await _archive_instead(context, pressed.key.operation)


async def archive_words(context: Context, command: ArchiveInstead) -> Work:
    """改为归档 #0312; without a number, the one open confirm card."""
    if command.operation is not None:
        return await _archive_instead(context, command.operation)
    draft = await only_draft(context, "which_archive")
    if draft is None:
        raise AlreadyClosed("nothing_open")
    return await _archive_instead(context, draft.number)


async def _archive_instead(context: Context, number: int) -> Work:
    """The same record, the gentler action."""
    operation = await named(context, number)
    operation.require_requester(context.sender)
    operation.require(State.DRAFT)
    if operation.action is not Action.VOID:
        raise BadInput("only_void_to_archive", operation=operation.label)
    record = await record_now(context, operation.targets.first[0].ref)
    seen = await sight(context.desk.db, context.me)
    then = await offer(
        context, seen, record, Wish(Action.ARCHIVE, operation.kind, operation.said, operation.reason)
    )

    def work(uow: UnitOfWork) -> None:
        void = cancel(uow, operation.number, context.me)
        context.desk.announcer.replaced(uow, void, say(context.language, "archived_instead"))
        then(uow)

    return work
