"""A friendly no, in the person's language: what is wrong and what to do next. Nothing else changes."""

from cards.answering import not_known, refusal, returned
from cards.model import TextMessage
from cards.texts.say import say
from core.domain.errors import NotAllowed, Refusal
from core.domain.incoming import Tap
from core.domain.people import Role
from core.ports.store import UnitOfWork
from handlers.context import Context, Work
from notify.post import grey_button, redraw, text_to

_OVER = frozenset({"expired_card", "closed_question"})


def refuse(context: Context, why: Refusal) -> Work:
    """Tell only the person who asked."""

    def work(uow: UnitOfWork) -> None:
        uow.outbox.send(text_to(context.sender, _text(uow, context, why)))
        if isinstance(context.incoming.content, Tap):
            _close_dead_card(uow, context, context.incoming.content, over=why.text in _OVER)

    return work


def _text(uow: UnitOfWork, context: Context, why: Refusal) -> TextMessage:
    if not context.served:
        return no_rights(uow, context)
    if isinstance(why, NotAllowed):
        admins = tuple(person.name for person in uow.people.with_role(Role.ADMIN))
        why = NotAllowed(why.text, **{"who": admins[:3], **why.values})
    return refusal(context.viewer, why)


def no_rights(uow: UnitOfWork, context: Context) -> TextMessage:
    """To somebody without any right: whom to ask for what. A leaving is not mended by a line in the roles file."""
    person = uow.people.get(context.sender)
    if person is None or (person.active and person.generation == 1):
        return not_known(context.language, context.incoming.sender_userid)
    generation = person.generation if person.active else person.generation + 1
    return returned(context.language, person.userid, generation)


def _close_dead_card(uow: UnitOfWork, context: Context, tap: Tap, *, over: bool) -> None:
    """A card that has ended still looks alive in this chat: its buttons go. `over`: a list nobody waits for."""
    copy = uow.cards.copy(tap.task_id)
    if copy is None or copy.person != context.sender:
        return
    if copy.open and not (over and copy.operation is None):
        return
    operation = uow.operations.get(copy.operation) if copy.operation else None
    label = (
        say(context.language, f"state_{operation.state}") if operation else say(context.language, "list_closed")
    )
    uow.outbox.send(redraw(copy, grey_button(label), open_=False))
