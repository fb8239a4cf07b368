"""Answers 我的申请, 待我审批, 取消, 撤回申请, 催一下 and 撤销: a person's own operations and open votes."""

from cards.requests import requests_text, undoable_text, waiting_text
from core.domain.errors import AlreadyClosed
from core.domain.operation.labels import operation_label
from core.domain.operation.life import OPEN, WITHDRAWABLE, State
from core.domain.operation.operation import Mode
from core.domain.prompts import Asking, Prompt
from core.ports.store import UnitOfWork
from core.services.finding import sight
from core.services.requests import cancel, latest_own, push, withdraw
from core.services.undoing import changed_by, undo
from handlers.context import Answer, Context, Pressed, Transaction, answer
from handlers.picking import none_of_them
from handlers.prompts import Ask, only_draft, only_own
from handlers.taking_back import done_by_me, newest
from language.commands import BringBack, Cancel, MyRequests, Nudge, Undo, WaitingForMe, Withdraw

SHOWN = 10
_WHICH = Ask("withdraw_nothing", "which_withdraw")


async def my_requests_list(context: Context, command: MyRequests) -> Transaction:
    def tell(uow: UnitOfWork) -> Answer:
        # More are read than shown, because undos that have ended are left out.
        every = uow.operations.of_requester(context.sender, 3 * SHOWN)
        mine = [each for each in every if each.mode is not Mode.UNDO or each.state in OPEN][:SHOWN]
        return [context.reply(requests_text(context.viewer, mine))]

    return tell


async def waiting_list(context: Context, command: WaitingForMe) -> Transaction:
    def tell(uow: UnitOfWork) -> Answer:
        # One more than is shown tells whether there are more.
        waiting = uow.operations.waiting_for(context.sender, SHOWN + 1)
        names = uow.people.names(operation.requester for operation in waiting)
        asked = [(operation, names.get(operation.requester, operation.requester)) for operation in waiting]
        more = len(waiting) > SHOWN
        return [context.reply(waiting_text(context.viewer, asked[:SHOWN], more=more))]

    return tell


async def cancel_tap(context: Context, pressed: Pressed) -> Transaction:
    return _cancel(context, pressed.key.operation)


async def cancel_words(context: Context, command: Cancel) -> Transaction:
    """Answers 取消: drops what was asked last. Where several confirm cards are open, the person is asked which."""
    prompt = await context.desk.db.read(lambda uow: _asked_last(uow, context))
    settles_card = prompt is None or prompt.asking is Asking.CONFIRM
    if settles_card and (draft := await only_draft(context, "which_cancel")) is not None:
        return _cancel(context, draft.number)
    if prompt is None:
        raise AlreadyClosed("nothing_open")
    then = _answer_to(context, prompt)

    def drop(uow: UnitOfWork) -> Answer:
        uow.prompts.drop(prompt.id)
        return then(uow)

    return drop


def _asked_last(uow: UnitOfWork, context: Context) -> Prompt | None:
    return uow.prompts.get(context.sender, uow.now)


def _answer_to(context: Context, prompt: Prompt) -> Transaction:
    """Returns what 取消 means as an answer to this question."""
    if prompt.asking in {Asking.CONFIRM, Asking.REASON} and prompt.operation is not None:
        return _cancel(context, prompt.operation)
    if prompt.asking is Asking.REJECTION and prompt.operation is not None:
        return answer(context.say("rejection_dropped", operation=operation_label(prompt.operation)))
    if prompt.asking is Asking.PICK:
        return none_of_them(context, prompt)
    raise AlreadyClosed("nothing_open")  # a list of reminders stays until it is answered


def _cancel(context: Context, number: int) -> Transaction:
    def drop(uow: UnitOfWork) -> Answer:
        cancelled = cancel(uow, number, context.me)
        return [cancelled, context.say("cancelled", operation=cancelled.operation.label)]

    return drop


async def withdraw_tap(context: Context, pressed: Pressed) -> Transaction:
    return _withdraw(context, pressed.key.operation)


async def withdraw_words(context: Context, command: Withdraw) -> Transaction:
    """Answers 撤回申请 and 算了. Without a number, a question that is still open is dropped first."""
    if command.operation is None and await _still_open(context):
        return await cancel_words(context, Cancel())
    number = command.operation or await only_own(context, WITHDRAWABLE, _WHICH)
    # A draft cannot be withdrawn, as no approver was asked; cancelling it is what the person means.
    if await _own_state(context, number) is State.DRAFT:
        return _cancel(context, number)
    return _withdraw(context, number)


async def _still_open(context: Context) -> bool:
    """Returns whether a pick card, or a question about an own draft, waits for an answer."""
    prompt = await context.desk.db.read(lambda uow: _asked_last(uow, context))
    if prompt is None or prompt.asking is Asking.PICK:
        return prompt is not None
    return prompt.operation is not None and await _own_state(context, prompt.operation) is State.DRAFT


def _withdraw(context: Context, number: int) -> Transaction:
    return lambda uow: [withdraw(uow, number, context.me)]


async def nudge_tap(context: Context, pressed: Pressed) -> Transaction:
    return _nudge(context, pressed.key.operation)


async def nudge_words(context: Context, command: Nudge) -> Transaction:
    if command.operation is not None:
        return _nudge(context, command.operation)
    mine = await context.desk.db.read(lambda uow: latest_own(uow, context.me, frozenset({State.PENDING})))
    if mine is None:
        raise AlreadyClosed("nothing_open")
    return _nudge(context, mine.number)


def _nudge(context: Context, number: int) -> Transaction:
    return lambda uow: [push(uow, number, context.me, context.desk.policy)]


async def undo_tap(context: Context, pressed: Pressed) -> Transaction:
    return await _undo(context, pressed.key.operation)


async def undo_words(context: Context, command: Undo) -> Transaction:
    """Answers 撤销 #0312. An operation that is not done yet is withdrawn or cancelled instead."""
    return await _take_back(context, command.operation or await newest(context))


async def bring_back(context: Context, command: BringBack) -> Transaction:
    """Answers 恢复昨天删的那三个: undoes the operation that is plainly meant, or lists those that may be."""
    meant = await done_by_me(context, command)
    if isinstance(meant, int):
        return await _undo(context, meant)
    return answer(context.reply(undoable_text(context.viewer, meant)))


async def _take_back(context: Context, number: int) -> Transaction:
    state = await _own_state(context, number)
    if state in WITHDRAWABLE:
        return _withdraw(context, number)
    return _cancel(context, number) if state is State.DRAFT else await _undo(context, number)


async def _own_state(context: Context, number: int) -> State | None:
    """Returns the state of the operation if it is the sender's own."""
    operation = await context.desk.db.read(lambda uow: uow.operations.get(number))
    return operation.state if operation is not None and operation.requester == context.sender else None


async def _undo(context: Context, number: int) -> Transaction:
    """Undoes an operation without a second card: a tap or a number is plain enough, and an undo is harmless."""
    desk = context.desk
    seen = await sight(desk.db, context.me)
    # Read before the transaction, in which nothing may wait for a CRM; `undo` checks all of it again.
    refs = await desk.db.read(lambda uow: changed_by(uow, number, context.me, seen))
    records = tuple(await desk.crm.read(refs))
    return lambda uow: undo(uow, number, context.me, seen, records, desk.policy, desk.zone)
