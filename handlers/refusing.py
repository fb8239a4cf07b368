"""Refuses in the person's language, and says what is wrong and what to do next. Nothing else changes."""

from cards.answering import not_known, refusal, returned
from cards.model import TextMessage, grey_button_json
from cards.texts.say import say
from core.domain.errors import NotAllowed, Refusal
from core.domain.incoming import Content, Tap
from core.domain.outbox import Envelope
from core.domain.people import Role
from core.ports.store import UnitOfWork
from handlers.context import Answer, Context, Transaction
from notify.post import redraw

_OVER = frozenset({"expired_card", "closed_question"})
"""The texts of refusals that say that nobody waits for the answer to a list any more."""


def refuse(context: Context, why: Refusal) -> Transaction:
    """Returns the transaction that tells the refusal to the person who asked, and to nobody else."""

    def tell(uow: UnitOfWork) -> Answer:
        told = context.reply(_text(uow, context, why))
        content = context.incoming.content
        return [told, *_close_dead_card(uow, context, content, over=why.text in _OVER)]

    return tell


def tell_stranger(context: Context) -> Transaction:
    """Tells somebody without any right how to be added."""
    return lambda uow: [context.reply(no_rights(uow, context))]


def _text(uow: UnitOfWork, context: Context, why: Refusal) -> TextMessage:
    if not context.served:
        return no_rights(uow, context)
    if isinstance(why, NotAllowed):  # the text names the administrators who can grant the right
        admins = tuple(person.name for person in uow.people.with_role(Role.ADMIN))
        why = NotAllowed(why.text, **{"who": admins[:3], **why.values})
    return refusal(context.viewer, why)


def no_rights(uow: UnitOfWork, context: Context) -> TextMessage:
    """Returns the text for somebody without any right: whom to ask for what."""
    person = uow.people.get(context.sender)
    # Somebody who has left and come back needs the new generation in the roles file; an entry there is not enough.
    if person is None or (person.active and person.generation == 1):
        return not_known(context.language, context.incoming.sender_userid)
    generation = person.generation if person.active else person.generation + 1
    return returned(context.language, person.userid, generation)


def _close_dead_card(uow: UnitOfWork, context: Context, content: Content, *, over: bool) -> list[Envelope]:
    """Takes the buttons off a tapped card that has ended but still looks alive in this chat.

    `over` says that nobody waits for the answer any more, so that an open card about a list has ended too.
    """
    copy = uow.cards.copy(content.task_id) if isinstance(content, Tap) else None
    # The tapped card is only redrawn for the person to whom it was sent.
    if copy is None or copy.person != context.sender:
        return []
    if copy.open and not (over and copy.operation is None):
        return []
    operation = uow.operations.get(copy.operation) if copy.operation else None
    name = f"state_{operation.state}" if operation else "list_closed"
    return [redraw(copy, grey_button_json(say(context.language, name)), open_=False)]
