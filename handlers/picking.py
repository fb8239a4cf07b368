"""The pick card: which of the hits is meant, asked and answered."""

from cards.keys import task_id
from cards.model import TextMessage
from cards.outcomes import closed_list
from cards.picking import NONE_OF_THEM, pick_card, pick_list, picked_words
from cards.texts.say import say
from cards.views import HitsView
from core.domain.errors import AlreadyClosed, BadInput, NotFound
from core.domain.outbox import CardName
from core.domain.prompts import Asking, Prompt
from core.domain.records import Hits, Kind, RecordRef
from core.ports.store import UnitOfWork
from core.services.finding import sight
from handlers.context import Context, Pressed, Work
from handlers.prompts import new_prompt
from handlers.proposing import Wish, offer, record_now
from notify.post import card_to, redraw, text_to


def pick(context: Context, hits: Hits, what: str, wish: Wish | None) -> Work:
    """K1. `wish` None: the pick leads to a look."""
    desk, me = context.desk, context.me

    def work(uow: UnitOfWork) -> None:
        owners = uow.people.names(hit.record.owner for hit in hits.items)
        until = uow.now() + desk.policy.lives.confirm_card
        prompt = new_prompt(
            me,
            Asking.PICK,
            until,
            action=wish.action if wish else None,
            kind=wish.kind if wish else Kind.CUSTOMER,
            options=tuple(hit.record.ref.number for hit in hits.items),
            reason=wish.reason if wish else None,
            said=wish.said if wish else what,
            heading=what,
            took_delete_as_void=bool(wish and wish.took_delete_as_void),
        )
        task = _pick_task(prompt)
        keys = desk.keys.for_card(me.id, until, ref=prompt.id)
        card = pick_card(context.viewer, HitsView(what, hits, owners), keys, task)
        if isinstance(card, TextMessage):
            uow.outbox.send(text_to(me.id, card))
            return
        uow.prompts.put(prompt)
        uow.outbox.send(text_to(me.id, pick_list(context.viewer, HitsView(what, hits, owners))))
        uow.outbox.send(card_to(me.id, card, task, CardName.PICK))

    return work


def _pick_task(prompt: Prompt) -> str:
    return task_id(CardName.PICK, prompt.person, prompt.id, prompt.expires_at)


async def picked(context: Context, pressed: Pressed) -> Work:
    """就是它."""
    chosen = pressed.chosen()
    prompt = await _prompt(context, pressed.key.ref)
    if not chosen:
        raise BadInput("nothing_chosen")
    return await take(context, prompt, chosen[0], tapped=True)


def named(prompt: Prompt, index: int | None) -> str:
    """The number of the record at this place of the list, or NONE_OF_THEM. Raises BadInput."""
    if index == 0:
        return NONE_OF_THEM
    if index is None and len(prompt.options) != 1:
        raise BadInput("nothing_chosen")
    place = index or 1
    if place > len(prompt.options):
        raise BadInput("nothing_chosen")
    return prompt.options[place - 1]


async def _prompt(context: Context, prompt_id: str) -> Prompt:
    prompt = await context.desk.db.read(lambda uow: uow.prompts.by_id(prompt_id, uow.now()))
    if prompt is None or prompt.person != context.sender:
        raise AlreadyClosed("closed_question")
    return prompt


def none_of_them(context: Context, prompt: Prompt) -> Work:
    """取消 while the pick card is open."""
    return _answered(context, prompt, say(context.language, "picked_none"))


async def take(context: Context, prompt: Prompt, number: str, *, tapped: bool = False) -> Work:
    """The chosen one goes on to its confirm card."""
    if number == NONE_OF_THEM:
        return _answered(context, prompt, say(context.language, "picked_none"), tapped=tapped)
    if number not in prompt.options:
        raise BadInput("nothing_chosen")
    record = await record_now(context, RecordRef(prompt.kind, number))
    seen = await sight(context.desk.db, context.me)
    if not record.seen_by(seen):
        raise NotFound(what=record.label)
    assert prompt.action is not None  # looks are answered with a text, not with a pick card
    wish = Wish(
        prompt.action, prompt.kind, prompt.said, prompt.reason, took_delete_as_void=prompt.took_delete_as_void
    )
    then = await offer(context, seen, record, wish)
    return _answered(context, prompt, picked_words(context.language, record), then, tapped=tapped)


def _answered(
    context: Context, prompt: Prompt, words: str, then: Work | None = None, *, tapped: bool = False
) -> Work:
    """The card closes; who answered in words gets words back."""

    def work(uow: UnitOfWork) -> None:
        copy = uow.cards.copy(_pick_task(prompt))
        if copy is not None and not copy.open:
            raise AlreadyClosed("closed_question")
        if copy is not None:
            uow.outbox.send(redraw(copy, closed_list(context.viewer, prompt.heading, words), open_=False))
        if not tapped:
            uow.outbox.send(text_to(context.sender, TextMessage(words)))
        uow.prompts.drop(prompt.id)
        if then is not None:
            then(uow)

    return work
