"""Answers 同意, 驳回, 执行, 保留客户 and 仍要作废, as taps and in words."""

from dataclasses import replace

from cards.answering import ask_rejection, see_card_first, took_vote
from cards.deciding import Objection, objection_words
from cards.keys import operation_task
from core.domain.approval.vote import Decision
from core.domain.errors import AlreadyClosed, NotFound, NotYours
from core.domain.events.messages import DecisionUnseen
from core.domain.operation.life import State
from core.domain.operation.operation import Operation
from core.domain.outbox import CardCopy, CardName, Showing
from core.domain.prompts import Asking, Prompt
from core.ports.store import UnitOfWork
from core.services.deciding import Ballot, decide
from core.services.finding import sight
from core.services.operations import known
from core.services.prompts import new_prompt
from core.services.requests import ask_again, latest_own, run, withdraw
from handlers.context import Answer, Context, Pressed, Transaction
from handlers.prompts import PAUSED, WHICH_PAUSED, minutes, named, only_own
from language.commands import Approve, AskAgain, Keep, Reject, Run

# taps


async def approve_tap(context: Context, pressed: Pressed) -> Transaction:
    return _vote(context, Ballot(pressed.key.operation, Decision.APPROVE), card=pressed.tap.task_id)


async def reject_tap(context: Context, pressed: Pressed) -> Transaction:
    """Rejects with the reason from the drop-down; without one, or for 其他, a line is asked for first."""
    chosen = next((Objection(option) for option in pressed.chosen() if option in set(Objection)), Objection.NONE)
    if chosen in {Objection.NONE, Objection.OTHER}:
        return await _ask_line(context, pressed.key.operation)
    ballot = Ballot(pressed.key.operation, Decision.REJECT, objection_words(context.language, chosen))
    return _vote(context, ballot, card=pressed.tap.task_id)


def _vote(context: Context, ballot: Ballot, prompt: Prompt | None = None, *, card: str = "") -> Transaction:
    """Votes. `card` is the task id of a tapped card; words are about the card that this person was shown last."""

    def vote(uow: UnitOfWork) -> Answer:
        # The log keeps which card the person had been shown.
        shown = uow.cards.copy(card) if card else _shown(uow, context, ballot.operation)
        cast = decide(uow, context.me, replace(ballot, card=shown), context.desk.policy)
        if prompt is not None:
            uow.prompts.drop(prompt.id)
        if card:  # the tapped card is redrawn, so that a tap needs no reply
            return [cast]
        return [context.reply(took_vote(context.language, cast.operation, ballot.decision)), cast]

    return vote


async def _ask_line(context: Context, number: int) -> Transaction:
    """Asks for the line that says why the request is rejected. Nothing is decided yet."""
    life = context.desk.policy.lives.reason_line

    def ask(uow: UnitOfWork) -> Answer:
        operation = known(uow, number)
        # Asked here as well, so that nobody writes a reason for a vote that cannot count.
        if context.sender not in operation.approvers:
            raise NotYours("not_approver", operation=operation.label)
        operation.require(State.PENDING)
        until = uow.now + life
        uow.prompts.put(new_prompt(context.me, Asking.REJECTION, until, operation=number))
        return [context.reply(ask_rejection(context.language, operation, minutes(life)), operation)]

    return ask


async def rejection_line(context: Context, prompt: Prompt, words: str) -> Transaction:
    """Rejects with the line that the bot asked for."""
    assert prompt.operation is not None  # the line is only ever asked for an operation
    return _vote(context, Ballot(prompt.operation, Decision.REJECT, words), prompt)


# words


async def approve_words(context: Context, command: Approve) -> Transaction:
    """Answers 同意 in words, which counts only when this person has been shown the card of this round."""
    number = _settled(command)
    vote = _vote(context, Ballot(number, Decision.APPROVE))

    def vote_if_shown(uow: UnitOfWork) -> Answer:
        operation = uow.operations.lock(number)
        # Words carry no signed key, which is enough only for what can be undone.
        if operation is not None and not operation.action.reversible:
            raise NotYours("card_only", operation=operation.label)
        if operation is None or _has_seen(uow, context, operation):
            return vote(uow)
        return _show_first(uow, context, operation)

    return vote_if_shown


def _has_seen(uow: UnitOfWork, context: Context, operation: Operation) -> bool:
    """Returns whether the person has been shown the request as it is now.

    Words name only a number, so they count for what the person was last shown. A request whose records have
    changed is asked again in another round, on a card of its own.
    """
    # Whoever cannot vote anyway goes on to the vote, which refuses with the reason.
    if operation.state is not State.PENDING or context.sender not in operation.approvers:
        return True
    if operation.has_voted(context.sender):
        return True
    return uow.cards.showing(_card_of(context, operation)) is Showing.SHOWN


def _shown(uow: UnitOfWork, context: Context, number: int) -> CardCopy | None:
    operation = uow.operations.get(number)
    return uow.cards.shown_copy(_card_of(context, operation)) if operation is not None else None


def _card_of(context: Context, operation: Operation) -> str:
    """Returns the task id of this person's card for this round."""
    return operation_task(CardName.DECIDE, context.sender, operation)


def _show_first(uow: UnitOfWork, context: Context, operation: Operation) -> Answer:
    """Asks the person to look at the card of this round first; a card that never arrived is sent once more."""
    missed = uow.cards.showing(_card_of(context, operation)) is Showing.MISSED
    unseen = DecisionUnseen(context.sender, operation, context.incoming.key, missed)
    return [context.reply(see_card_first(context.language, operation), operation), unseen]


async def reject_words(context: Context, command: Reject) -> Transaction:
    number = _settled(command)
    if not command.words.strip():
        return await _ask_line(context, number)
    return _vote(context, Ballot(number, Decision.REJECT, command.words))


def _settled(command: Approve | Reject | AskAgain) -> int:
    assert command.operation is not None  # `find_about` has put it in
    return command.operation


# the requester's answers


async def run_tap(context: Context, pressed: Pressed) -> Transaction:
    return _run(context, pressed.key.operation)


async def run_words(context: Context, command: Run) -> Transaction:
    number = command.operation
    if number is None:
        mine = await context.desk.db.read(lambda uow: latest_own(uow, context.me, frozenset({State.FINAL})))
        if mine is None:
            raise AlreadyClosed("nothing_open")
        number = mine.number
    return _run(context, number)


def _run(context: Context, number: int) -> Transaction:
    return lambda uow: [run(uow, number, context.me)]


async def keep_tap(context: Context, pressed: Pressed) -> Transaction:
    """Answers a tap on 保留客户."""
    return _keep(context, pressed.key.operation)


async def keep_words(context: Context, command: Keep) -> Transaction:
    return _keep(context, command.operation or await only_own(context, PAUSED, WHICH_PAUSED))


def _keep(context: Context, number: int) -> Transaction:
    # To keep the records means to withdraw the request on them.
    return lambda uow: [withdraw(uow, number, context.me)]


async def ask_again_tap(context: Context, pressed: Pressed) -> Transaction:
    return await _ask_again(context, pressed.key.operation)


async def ask_again_words(context: Context, command: AskAgain) -> Transaction:
    return await _ask_again(context, _settled(command))


async def _ask_again(context: Context, number: int) -> Transaction:
    """Asks the approvers again (仍要作废), about the records as they are now."""
    operation = await named(context, number)
    refs = [target.ref for target in operation.targets.first]
    records = tuple(await context.desk.crm.read(refs))
    if not records:
        raise NotFound("gone_meanwhile", operation=operation.label)
    impact = await context.desk.crm.impact(refs[0])
    seen = await sight(context.desk.db, context.me)
    return lambda uow: [ask_again(uow, number, context.me, seen, records, context.desk.policy, impact)]
