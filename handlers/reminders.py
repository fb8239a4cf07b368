"""Takes what a rep answers to a digest (K18): 已联系, 下周再提醒 or 作废."""

from cards.reminders import follow_up_card
from cards.texts.say import say
from cards.wording import day
from core.domain.actions import Action
from core.domain.errors import AlreadyClosed, BadInput, NotFound
from core.domain.outbox import CardName, Envelope
from core.domain.prompts import Asking, Prompt
from core.domain.records import Kind, RecordRef, RecordState
from core.domain.reminders import FactKind, SilentCustomer
from core.ports.store import UnitOfWork
from core.services.finding import sight
from core.services.prompts import new_prompt
from core.services.reminders import answer
from handlers.context import Answer, Context, Pressed, Transaction
from handlers.picking import choose_record, close_list, number_at
from handlers.prompts import asked_on_card, own_question
from handlers.proposing import Wish, offer, record_now
from language.commands import Choose, Contacted, Snooze
from notify.post import list_task


async def digest_picked(context: Context, pressed: Pressed) -> Transaction:
    """Answers 处理勾选的 with the action card for the ticked customers; the digest stays open for others."""
    return await _follow_up(context, await asked_on_card(context, pressed.key.ref), pressed.chosen())


async def choose(context: Context, command: Choose) -> Transaction:
    """Answers `2` or 选2: a place in the list that was sent last, which is a pick card or a digest."""
    prompt = command.prompt
    assert prompt is not None  # `find_about` has put it in
    chosen = number_at(prompt, command.index)
    if prompt.asking is Asking.PICK:
        return await choose_record(context, prompt, chosen)
    return await _follow_up(context, prompt, (chosen,))


async def _follow_up(context: Context, prompt: Prompt, wanted: tuple[str, ...]) -> Transaction:
    """Asks what to do about the customers chosen from the digest."""
    chosen = tuple(number for number in wanted if number in prompt.options)
    if not chosen:
        raise BadInput("nothing_chosen")
    records = await context.desk.crm.read([RecordRef(Kind.CUSTOMER, number) for number in chosen])
    # A customer may have got another owner in the weeks since the digest was sent.
    silent = tuple(_silent(record) for record in records if record.owner == context.sender)
    if not silent:
        raise NotFound(what=chosen[0])

    def ask(uow: UnitOfWork) -> Answer:
        follow = new_prompt(
            context.me,
            Asking.FOLLOW_UP,
            prompt.expires_at,
            options=tuple(customer.ref.number for customer in silent),
            heading=say(context.language, "comma").join(customer.label for customer in silent),
        )
        uow.prompts.put(follow)
        keys = context.desk.keys.for_card(context.sender, follow.expires_at, ref=follow.id)
        card = follow_up_card(context.viewer, silent, keys, list_task(follow, CardName.FOLLOW_UP))
        return [context.send_list(card, follow, CardName.FOLLOW_UP)]

    return ask


def _silent(record: RecordState) -> SilentCustomer:
    since = record.last_contact_at or record.created_at
    assert since is not None  # every record has the time of its creation
    return SilentCustomer(
        record.ref, record.label, since, never=record.last_contact_at is None, level=record.level
    )


async def contacted(context: Context, pressed: Pressed) -> Transaction:
    return await _answer(context, await asked_on_card(context, pressed.key.ref), FactKind.CONTACTED)


async def snoozed(context: Context, pressed: Pressed) -> Transaction:
    return await _answer(context, await asked_on_card(context, pressed.key.ref), FactKind.SNOOZED)


async def contacted_words(context: Context, command: Contacted) -> Transaction:
    """Answers 已联系 in words, for the customers of the action card that is open."""
    return await _answer(context, await _open_card(context), FactKind.CONTACTED, in_words=True)


async def snoozed_words(context: Context, command: Snooze) -> Transaction:
    return await _answer(context, await _open_card(context), FactKind.SNOOZED, in_words=True)


async def _open_card(context: Context) -> Prompt:
    """Returns the question of the open action card.

    Raises AlreadyClosed without one, as nobody can tell which customers the words mean.
    """
    wanted = frozenset({Asking.FOLLOW_UP})
    return await own_question(
        context, lambda uow: uow.prompts.get(context.sender, uow.now, wanted), "no_follow_up"
    )


async def _answer(context: Context, prompt: Prompt, kind: FactKind, *, in_words: bool = False) -> Transaction:
    refs = [RecordRef(Kind.CUSTOMER, number) for number in prompt.options]

    def store(uow: UnitOfWork) -> Answer:
        answered, until = answer(uow, context.me, refs, kind, context.desk.policy.reminders)
        words = (
            say(context.language, "answered_snoozed", day=day(until, context.desk.zone))
            if until
            else say(context.language, "answered_contacted")
        )
        closed = _close(uow, context, prompt, words)
        told = [context.say("answered_for", what=prompt.heading, answer=words)] if in_words else []
        return [*answered, *closed, *told]

    return store


async def void_instead(context: Context, pressed: Pressed) -> Transaction:
    """Answers a tap on 作废 with the ordinary confirm card."""
    prompt = await asked_on_card(context, pressed.key.ref)
    # Each void is a request of its own, and the button is shown for one customer only.
    if len(prompt.options) != 1:
        raise BadInput("one_at_a_time")
    record = await record_now(context, RecordRef(Kind.CUSTOMER, prompt.options[0]))
    seen = await sight(context.desk.db, context.me)
    then = await offer(context, seen, record, Wish(Action.VOID, Kind.CUSTOMER, prompt.heading))

    def close(uow: UnitOfWork) -> Answer:
        return [*_close(uow, context, prompt, say(context.language, "answered_voiding")), *then(uow)]

    return close


def _close(uow: UnitOfWork, context: Context, prompt: Prompt, words: str) -> list[Envelope]:
    """Closes the action card. Raises AlreadyClosed when it was answered before."""
    closed = close_list(uow, context, prompt, CardName.FOLLOW_UP, words)
    if not closed:
        raise AlreadyClosed("closed_question")
    uow.prompts.drop(prompt.id)
    return closed
