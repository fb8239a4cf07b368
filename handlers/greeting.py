"""Hello, help, and kind answers to what is no command."""

from cards import answering
from cards.model import TextMessage
from cards.texts.say import say
from core.domain.audit import Event, Tag
from core.domain.incoming import Entered, Joined, Left, Media, Unknown
from core.domain.people import Language
from core.domain.prompts import Asking
from core.ports.store import UnitOfWork
from core.services.people import join, leave
from handlers.confirming import reason_line
from handlers.context import Context, Work
from handlers.deciding import rejection_line
from handlers.refusing import no_rights
from language.commands import Greet, Help, LeaveAlone, Line, NotOffered, NotRead, Speak, Thanks
from language.verbs import verb
from notify.people import tell_left, tell_returned
from notify.post import text_to


def _tell_stranger(context: Context) -> Work:
    return lambda uow: uow.outbox.send(text_to(context.sender, no_rights(uow, context)))


def _tell(context: Context, message: TextMessage) -> Work:
    return lambda uow: uow.outbox.send(text_to(context.sender, message))


async def entered(context: Context, event: Entered) -> Work:
    """What this person can do; a stranger learns only how to be added."""
    if not context.served:
        return _tell_stranger(context)
    return _tell(context, answering.greeting(context.language, context.me.name, context.rights))


async def greet(context: Context, command: Greet) -> Work:
    """你好: what this person can do."""
    return _tell(context, answering.greeting(Language(command.language), context.me.name, context.rights))


async def joined(context: Context, event: Joined) -> Work:
    def work(uow: UnitOfWork) -> None:
        before, person = uow.people.get(context.sender), join(uow, context.sender)
        if person is not None and before != person:
            tell_returned(uow, person)
        if person is None or not context.served:
            text = no_rights(uow, context)
        else:
            text = answering.greeting(context.language, person.name, context.rights)
        uow.outbox.send(text_to(context.sender, text))

    return work


async def left(context: Context, event: Left) -> Work:
    """Rights end at once; open work goes to those who can go on with it."""
    desk = context.desk
    return lambda uow: tell_left(uow, desk.announcer, desk.crm, leave(uow, context.sender, desk.policy))


async def help_me(context: Context, command: Help) -> Work:
    return _tell(context, answering.help_text(context.language, context.rights))


async def speak(context: Context, command: Speak) -> Work:
    language = Language(command.language)

    def work(uow: UnitOfWork) -> None:
        uow.people.speak(context.sender, language)
        uow.outbox.send(
            text_to(
                context.sender, TextMessage(say(language, "spoke", language=say(language, f"language_{language}")))
            )
        )

    return work


async def media(context: Context, message: Media) -> Work:
    if not context.served:
        return _tell_stranger(context)
    return _tell(context, answering.media(context.language, message.kind))


async def unknown(context: Context, event: Unknown) -> Work:
    """Logged with the message's own entry; nobody is bothered."""
    return lambda uow: uow.audit.append(
        Event(Tag.MESSAGE_REFUSED, actor=context.sender, detail={"why": "unknown event", "name": event.name[:64]})
    )


async def leave_alone(context: Context, command: LeaveAlone) -> Work:
    """不要作废: what is open stays open, for 取消 to close."""
    return _tell(context, TextMessage(say(context.language, "left_alone")))


async def not_offered(context: Context, command: NotOffered) -> Work:
    what = verb(command.verb)
    return _tell(
        context, answering.not_offered(context.language, what.en if context.language is Language.EN else what.zh)
    )


async def not_read(context: Context, command: NotRead) -> Work:
    """In the language of the text where it tells; no language is changed by it."""
    language = command.language or context.language
    return _tell(context, answering.not_read(language, command.nearest(language)))


async def thanks(context: Context, command: Thanks) -> Work:
    return _tell(context, TextMessage(say(context.language, "welcome")))


async def line(context: Context, command: Line) -> Work:
    """The line the bot asked for."""
    if command.prompt.asking is Asking.REJECTION:
        return await rejection_line(context, command.prompt, command.words)
    return await reason_line(context, command.prompt, command.words)
