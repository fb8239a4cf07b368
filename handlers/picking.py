"""Asks with the pick card (K1) which of the hits is meant, and takes the answer."""

from cards.model import TextMessage
from cards.outcomes import closed_list
from cards.picking import NONE_OF_THEM, pick_card, pick_list, picked_words
from cards.texts.say import say
from cards.views import HitsView
from core.domain.errors import AlreadyClosed, BadInput, NotFound
from core.domain.outbox import CardName, Envelope
from core.domain.prompts import Asking, Prompt
from core.domain.records import Hits, RecordRef
from core.ports.store import UnitOfWork
from core.services.finding import sight
from core.services.prompts import new_prompt
from handlers.context import Answer, Context, Pressed, Transaction
from handlers.finding import owners_of
from handlers.prompts import asked_on_card
from handlers.proposing import Wish, offer, record_now
from notify.post import list_task, redraw


def pick(context: Context, hits: Hits, what: str, wish: Wish) -> Transaction:
    """Asks which hit is meant."""
    desk, me = context.desk, context.me

    def ask(uow: UnitOfWork) -> Answer:
        view = HitsView(what, hits, owners_of(uow, hits))
        prompt = new_prompt(
            me,
            Asking.PICK,
            uow.now + desk.policy.lives.confirm_card,
            action=wish.action,
            kind=wish.kind,
            options=tuple(hit.record.ref.number for hit in hits.items),
            reason=wish.reason,
            said=wish.said,
            heading=what,
            took_delete_as_void=wish.took_delete_as_void,
        )
        keys = desk.keys.for_card(me.id, prompt.expires_at, ref=prompt.id)
        card = pick_card(context.viewer, view, keys, list_task(prompt, CardName.PICK))
        if isinstance(card, TextMessage):  # too many hits for a card, so there is nothing to pick from
            return [context.reply(card)]
        uow.prompts.put(prompt)
        # The list comes first, as the options of the card are too short for full names.
        return [
            context.reply(pick_list(context.viewer, view)),
            context.send_list(card, prompt, CardName.PICK),
        ]

    return ask


async def picked(context: Context, pressed: Pressed) -> Transaction:
    """Answers a tap on 就是它."""
    chosen = pressed.chosen()
    prompt = await asked_on_card(context, pressed.key.ref)
    if not chosen:
        raise BadInput("nothing_chosen")
    return await choose_record(context, prompt, chosen[0], tapped=True)


def number_at(prompt: Prompt, index: int | None) -> str:
    """Returns the number of the record at this place of the list, or NONE_OF_THEM. Raises BadInput."""
    if index == 0:  # as `Choose` spells 都不是
        return NONE_OF_THEM
    # Without a place only a list of one says which record is meant.
    if index is None and len(prompt.options) != 1:
        raise BadInput("nothing_chosen")
    place = index or 1
    if place > len(prompt.options):
        raise BadInput("nothing_chosen")
    return prompt.options[place - 1]


def none_of_them(context: Context, prompt: Prompt) -> Transaction:
    """Answers 取消 while the pick card is open."""
    return _answered(context, prompt, say(context.language, "picked_none"))


async def choose_record(context: Context, prompt: Prompt, number: str, *, tapped: bool = False) -> Transaction:
    """Offers the chosen record on its confirm card."""
    if number == NONE_OF_THEM:
        return _answered(context, prompt, say(context.language, "picked_none"), tapped=tapped)
    # A tap carries any option id that WeCom sends; only those that were offered count.
    if number not in prompt.options:
        raise BadInput("nothing_chosen")
    record = await record_now(context, RecordRef(prompt.kind, number))
    seen = await sight(context.desk.db, context.me)
    if not record.seen_by(seen):  # its owner may have changed since the list was shown
        raise NotFound(what=record.label)
    assert prompt.action is not None  # looks are answered with a text, not with a pick card
    wish = Wish(
        prompt.action, prompt.kind, prompt.said, prompt.reason, took_delete_as_void=prompt.took_delete_as_void
    )
    then = await offer(context, seen, record, wish)
    return _answered(context, prompt, picked_words(context.language, record), then, tapped=tapped)


def _answered(
    context: Context, prompt: Prompt, words: str, then: Transaction | None = None, *, tapped: bool = False
) -> Transaction:
    """Closes the pick card, and goes on with `then`. A person who answered in words gets a text back."""

    def close(uow: UnitOfWork) -> Answer:
        uow.prompts.drop(prompt.id)
        redrawn = close_list(uow, context, prompt, CardName.PICK, words)
        replied = [] if tapped else [context.reply(TextMessage(words))]
        return [*redrawn, *replied, *(then(uow) if then else ())]

    return close


def close_list(uow: UnitOfWork, context: Context, prompt: Prompt, name: CardName, words: str) -> list[Envelope]:
    """Returns the redraw by which a card about a list says what was answered.

    Raises AlreadyClosed when it was answered before.
    """
    copy = uow.cards.copy(list_task(prompt, name))
    if copy is None:  # the housekeeping has deleted it, so there is nothing to redraw
        return []
    if not copy.open:
        raise AlreadyClosed("closed_question")
    return [redraw(copy, closed_list(context.viewer, prompt.heading, words), open_=False)]
