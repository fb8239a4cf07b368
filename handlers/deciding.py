"""同意, 驳回, 执行, 保留客户, 仍要作废: by a tap or in words."""

import hashlib
from dataclasses import replace

from cards.answering import ask_rejection, see_card_first, took_vote
from cards.deciding import Objection, objection_words
from core.domain.approval.vote import Decision
from core.domain.audit import Detail, Event, Tag
from core.domain.errors import AlreadyClosed, NotFound, NotYours
from core.domain.operation.life import State
from core.domain.operation.operation import Operation
from core.domain.outbox import CardCopy, CardName, Showing
from core.domain.prompts import Asking, Prompt
from core.ports.store import UnitOfWork
from core.services.deciding import Ballot, decide
from core.services.finding import sight
from core.services.operations import known
from core.services.requester import ask_again, latest_own, run, withdraw
from handlers.context import Context, Pressed, Work
from handlers.prompts import PAUSED, WHICH_PAUSED, minutes, named, new_prompt, only_own
from language.commands import Approve, AskAgain, Keep, Reject, Run
from notify.post import text_to

# taps


async def approve_tap(context: Context, pressed: Pressed) -> Work:
    return _vote(context, Ballot(pressed.key.operation, Decision.APPROVE), card=pressed.tap.task_id)


async def reject_tap(context: Context, pressed: Pressed) -> Work:
    """With a reason from the drop-down; where none was chosen, a line is asked for first."""
    chosen = next((Objection(option) for option in pressed.chosen() if option in set(Objection)), Objection.NONE)
    if chosen in {Objection.NONE, Objection.OTHER}:
        return await _ask_line(context, pressed.key.operation)
    ballot = Ballot(pressed.key.operation, Decision.REJECT, objection_words(context.language, chosen))
    return _vote(context, ballot, card=pressed.tap.task_id)


def _vote(context: Context, ballot: Ballot, prompt: Prompt | None = None, *, card: str = "") -> Work:
    """`card`: the task id of the one that was tapped; words answer the one this person was shown last."""

    def work(uow: UnitOfWork) -> None:
        shown = uow.cards.copy(card) if card else _shown(uow, context, ballot.operation)
        cast = replace(ballot, card=shown)
        operation = decide(uow, context.me, cast, context.desk.policy)
        if not card:
            uow.outbox.send(text_to(context.sender, took_vote(context.language, operation, ballot.decision)))
        context.desk.announcer.voted(uow, operation)
        if prompt is not None:
            uow.prompts.drop(prompt.id)

    return work


async def _ask_line(context: Context, number: int) -> Work:
    lives = context.desk.policy.lives

    def work(uow: UnitOfWork) -> None:
        operation = known(uow, number)
        if context.sender not in operation.approvers:
            raise NotYours("not_approver", operation=operation.label)
        operation.require(State.PENDING)
        uow.prompts.put(new_prompt(context.me, Asking.REJECTION, uow.now() + lives.reason_line, operation=number))
        uow.outbox.send(
            text_to(
                context.sender, ask_rejection(context.language, operation, minutes(lives.reason_line)), operation
            )
        )

    return work


async def rejection_line(context: Context, prompt: Prompt, words: str) -> Work:
    """The line after 驳回 with 其他(下条写)."""
    assert prompt.operation is not None  # always asked for an operation
    return _vote(context, Ballot(prompt.operation, Decision.REJECT, words), prompt)


# words


async def approve_words(context: Context, command: Approve) -> Work:
    number = _settled(command)
    await _reversible_only(context, number)
    vote = _vote(context, Ballot(number, Decision.APPROVE))

    def work(uow: UnitOfWork) -> None:
        operation = uow.operations.lock(number)
        if operation is None or _has_seen(uow, context, operation):
            vote(uow)
        else:
            _show_first(uow, context, operation)

    return work


def _has_seen(uow: UnitOfWork, context: Context, operation: Operation) -> bool:
    """Words name a number, not what stands behind it: they count for what this person has been shown.

    A request whose records changed is asked again as another round, on a card of its own. Who may not vote anyway
    learns why from the vote.
    """
    if operation.state is not State.PENDING or context.sender not in operation.approvers:
        return True
    if operation.has_voted(context.sender):
        return True
    return uow.cards.showing(_card_of(context, operation)) is Showing.SHOWN


def _shown(uow: UnitOfWork, context: Context, number: int) -> CardCopy | None:
    operation = uow.operations.get(number)
    return uow.cards.shown_copy(_card_of(context, operation)) if operation is not None else None


def _card_of(context: Context, operation: Operation) -> str:
    """The task id of this person's card for this round."""
    return context.desk.announcer.audience.task(CardName.DECIDE, context.sender, operation)


def _show_first(uow: UnitOfWork, context: Context, operation: Operation) -> None:
    """The card of this round, once more where it never arrived."""
    why: Detail = {"why": "card not shown", "key": context.incoming.key, "round": operation.round}
    uow.audit.append(Event(Tag.MESSAGE_REFUSED, actor=context.sender, operation=operation.number, detail=why))
    uow.outbox.send(text_to(context.sender, see_card_first(context.language, operation), operation))
    task = _card_of(context, operation)
    if uow.cards.showing(task) is Showing.MISSED:
        impact = context.desk.crm.impact_within(uow, operation.targets.first[0].ref)
        fresh = f"{task}-{hashlib.sha256(context.incoming.key.encode()).hexdigest()[:8]}"
        context.desk.announcer.ask_decider(uow, operation, impact, context.me, fresh)


async def reject_words(context: Context, command: Reject) -> Work:
    number = _settled(command)
    if not command.words.strip():
        return await _ask_line(context, number)
    return _vote(context, Ballot(number, Decision.REJECT, command.words))


def _settled(command: Approve | Reject | AskAgain) -> int:
    assert command.operation is not None  # found before the right was asked
    return command.operation


async def _reversible_only(context: Context, number: int) -> None:
    """Typed words carry no signed key: enough for what can be undone, never for a purge."""
    operation = await context.desk.db.read(lambda uow: uow.operations.get(number))
    if operation is not None and not operation.action.reversible:
        raise NotYours("card_only", operation=operation.label)


# the requester's answers


async def run_tap(context: Context, pressed: Pressed) -> Work:
    return _run(context, pressed.key.operation)


async def run_words(context: Context, command: Run) -> Work:
    number = command.operation
    if number is None:
        mine = await context.desk.db.read(lambda uow: latest_own(uow, context.me, frozenset({State.FINAL})))
        if mine is None:
            raise AlreadyClosed("nothing_open")
        number = mine.number
    return _run(context, number)


def _run(context: Context, number: int) -> Work:
    def work(uow: UnitOfWork) -> None:
        context.desk.announcer.run_asked(uow, run(uow, number, context.me))

    return work


async def keep_tap(context: Context, pressed: Pressed) -> Work:
    """保留客户."""
    return _keep(context, pressed.key.operation)


async def keep_words(context: Context, command: Keep) -> Work:
    return _keep(context, command.operation or await only_own(context, PAUSED, WHICH_PAUSED))


def _keep(context: Context, number: int) -> Work:
    def work(uow: UnitOfWork) -> None:
        context.desk.announcer.ended(uow, withdraw(uow, number, context.me))

    return work


async def ask_again_tap(context: Context, pressed: Pressed) -> Work:
    return await _ask_again(context, pressed.key.operation)


async def ask_again_words(context: Context, command: AskAgain) -> Work:
    return await _ask_again(context, _settled(command))


async def _ask_again(context: Context, number: int) -> Work:
    """仍要作废: the changed records are put to those who decide, as they are now."""
    operation = await named(context, number)
    refs = [target.ref for target in operation.targets.first]
    records = tuple(await context.desk.crm.read(refs))
    if not records:
        raise NotFound("gone_meanwhile", operation=operation.label)
    impact = await context.desk.crm.impact(refs[0])
    seen = await sight(context.desk.db, context.me)

    def work(uow: UnitOfWork) -> None:
        asked = ask_again(uow, number, context.me, seen, records, context.desk.policy, impact)
        context.desk.announcer.submitted(uow, asked, impact)

    return work
