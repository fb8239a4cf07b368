"""K18 and what a rep answers to it: 已联系, 下周再提醒, 作废."""

from cards.model import TextMessage
from cards.outcomes import closed_list
from cards.reminders import digest_card, follow_up_card
from cards.texts.say import say
from cards.views import Viewer
from cards.wording import day
from core.domain.actions import Action
from core.domain.errors import AlreadyClosed, BadInput, NotFound
from core.domain.outbox import CardName
from core.domain.prompts import Asking, Prompt
from core.domain.records import Kind, RecordRef, RecordState
from core.domain.reminders import FactKind, SilentCustomer
from core.ports.store import UnitOfWork
from core.services.finding import sight
from core.services.reminders import Digest, answer
from handlers.context import Context, Desk, Pressed, Work
from handlers.picking import named, take
from handlers.prompts import new_prompt
from handlers.proposing import Wish, offer
from language.commands import Choose, Contacted, Snooze
from notify.post import card_to, redraw, text_to


def send_digest(uow: UnitOfWork, desk: Desk, digest: Digest) -> None:
    """K18 to one rep, in the transaction that notes that it was sent."""
    person, viewer = digest.person, Viewer(digest.person.language, desk.zone, uow.now())
    prompt = new_prompt(
        person,
        Asking.DIGEST,
        uow.now() + desk.policy.reminders.every + desk.policy.reminders.snooze,
        options=tuple(customer.ref.number for customer in digest.customers),
        heading=say(person.language, "digest_heading"),
    )
    task = digest_task(prompt, CardName.DIGEST)
    keys = desk.keys.for_card(person.id, prompt.expires_at, ref=prompt.id)
    card = digest_card(viewer, digest.customers, digest.total, keys, task)
    uow.prompts.put(prompt)
    uow.outbox.send(card_to(person.id, card, task, CardName.DIGEST))


def digest_task(prompt: Prompt, card: CardName) -> str:
    """Prompt ids are random and never used twice."""
    return f"vb-{card}-{prompt.id}"


async def digest_picked(context: Context, pressed: Pressed) -> Work:
    """处理勾选的: the action card for the ticked customers; the list stays open for the others."""
    return await _follow_up(context, await _prompt(context, pressed), pressed.chosen())


async def choose(context: Context, command: Choose) -> Work:
    """`2`, 选2: the place in the list that was sent last, reminders or search hits."""
    prompt = command.prompt
    assert prompt is not None  # a route whose right hangs on it
    chosen = named(prompt, command.index)
    if prompt.asking is Asking.PICK:
        return await take(context, prompt, chosen)
    return await _follow_up(context, prompt, (chosen,))


async def _follow_up(context: Context, prompt: Prompt, wanted: tuple[str, ...]) -> Work:
    chosen = tuple(number for number in wanted if number in prompt.options)
    if not chosen:
        raise BadInput("nothing_chosen")
    records = await context.desk.crm.read([RecordRef(Kind.CUSTOMER, number) for number in chosen])
    silent = tuple(_silent(record) for record in records if record.owner == context.sender)
    if not silent:
        raise NotFound(what=chosen[0])

    def work(uow: UnitOfWork) -> None:
        follow = new_prompt(
            context.me,
            Asking.FOLLOW_UP,
            prompt.expires_at,
            options=tuple(customer.ref.number for customer in silent),
            heading="、".join(customer.label for customer in silent),
        )
        task = digest_task(follow, CardName.FOLLOW_UP)
        keys = context.desk.keys.for_card(context.sender, follow.expires_at, ref=follow.id)
        uow.prompts.put(follow)
        card = follow_up_card(context.viewer, silent, keys, task)
        uow.outbox.send(card_to(context.sender, card, task, CardName.FOLLOW_UP))

    return work


def _silent(record: RecordState) -> SilentCustomer:
    since = record.last_contact_at or record.created_at
    assert since is not None  # every record was made at some time
    return SilentCustomer(
        record.ref, record.label, since, never=record.last_contact_at is None, level=record.level
    )


async def contacted(context: Context, pressed: Pressed) -> Work:
    return await _answer(context, await _prompt(context, pressed), FactKind.CONTACTED)


async def snoozed(context: Context, pressed: Pressed) -> Work:
    return await _answer(context, await _prompt(context, pressed), FactKind.SNOOZED)


async def contacted_words(context: Context, command: Contacted) -> Work:
    """已联系: the customers of the action card that is open."""
    return await _answer(context, await _open_card(context), FactKind.CONTACTED, in_words=True)


async def snoozed_words(context: Context, command: Snooze) -> Work:
    return await _answer(context, await _open_card(context), FactKind.SNOOZED, in_words=True)


async def _open_card(context: Context) -> Prompt:
    """Raises AlreadyClosed: without an action card nobody can tell which customers are meant."""
    wanted = frozenset({Asking.FOLLOW_UP})
    prompt = await context.desk.db.read(lambda uow: uow.prompts.get(context.sender, uow.now(), wanted))
    if prompt is None:
        raise AlreadyClosed("no_follow_up")
    return prompt


async def _answer(context: Context, prompt: Prompt, kind: FactKind, *, in_words: bool = False) -> Work:
    refs = [RecordRef(Kind.CUSTOMER, number) for number in prompt.options]

    def work(uow: UnitOfWork) -> None:
        until = answer(uow, context.me, refs, kind, context.desk.policy.reminders)
        words = (
            say(context.language, "answered_snoozed", day=day(until, context.desk.zone))
            if until
            else say(context.language, "answered_contacted")
        )
        _close(uow, context, prompt, words)
        if in_words:
            told = say(context.language, "answered_for", what=prompt.heading, answer=words)
            uow.outbox.send(text_to(context.sender, TextMessage(told)))

    return work


async def void_instead(context: Context, pressed: Pressed) -> Work:
    """作废: into the ordinary flow, with its confirm card."""
    prompt = await _prompt(context, pressed)
    if len(prompt.options) != 1:
        raise BadInput("one_at_a_time")
    records = await context.desk.crm.read([RecordRef(Kind.CUSTOMER, prompt.options[0])])
    if not records:
        raise NotFound(what=prompt.options[0])
    seen = await sight(context.desk.db, context.me)
    then = await offer(context, seen, records[0], Wish(Action.VOID, Kind.CUSTOMER, prompt.heading))

    def work(uow: UnitOfWork) -> None:
        _close(uow, context, prompt, say(context.language, "answered_voiding"))
        then(uow)

    return work


async def _prompt(context: Context, pressed: Pressed) -> Prompt:
    prompt = await context.desk.db.read(lambda uow: uow.prompts.by_id(pressed.key.ref, uow.now()))
    if prompt is None or prompt.person != context.sender:
        raise AlreadyClosed("closed_question")
    return prompt


def _close(uow: UnitOfWork, context: Context, prompt: Prompt, words: str) -> None:
    copy = uow.cards.copy(digest_task(prompt, CardName.FOLLOW_UP))
    if copy is None or not copy.open:
        raise AlreadyClosed("closed_question")
    uow.outbox.send(redraw(copy, closed_list(context.viewer, prompt.heading, words), open_=False))
    uow.prompts.drop(prompt.id)
