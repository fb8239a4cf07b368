"""Hello, help, and kind answers to what is no command."""

from cards import answering
from cards.model import TextMessage
from cards.texts.say import say
from core.domain.events.messages import UnknownEventReceived
from core.domain.incoming import Entered, Joined, Left, Media, Unknown
from core.domain.people import Language
from core.domain.prompts import Asking
from core.ports.store import UnitOfWork
from core.services.people import join, leave
from handlers.confirming import reason_line
from handlers.context import Answer, Context, Transaction, answer
from handlers.deciding import rejection_line
from handlers.refusing import no_rights, tell_stranger
from language.commands import Greet, Help, LeaveAlone, Line, NotOffered, NotRead, Speak, Thanks
from language.verbs import verb


def _tell(context: Context, message: TextMessage) -> Transaction:
    return answer(context.reply(message))


async def entered(context: Context, event: Entered) -> Transaction:
    """What this person can do; a stranger learns only how to be added."""
    if not context.served:
        return tell_stranger(context)
    return _tell(context, answering.greeting(context.language, context.me.name, context.rights))


async def greet(context: Context, command: Greet) -> Transaction:
    """你好: what this person can do."""
    return _tell(context, answering.greeting(Language(command.language), context.me.name, context.rights))


async def joined(context: Context, event: Joined) -> Transaction:
    """Who comes back is greeted, or told whom to ask for roles."""

    def greet_again(uow: UnitOfWork) -> Answer:
        returned = join(uow, context.sender)
        if returned or not context.served:
            return [*returned, context.reply(no_rights(uow, context))]
        return [context.reply(answering.greeting(context.language, context.me.name, context.rights))]

    return greet_again


async def left(context: Context, event: Left) -> Transaction:
    """Rights end at once; open work goes to those who can go on with it."""
    return lambda uow: leave(uow, context.sender, context.desk.policy)


async def help_me(context: Context, command: Help) -> Transaction:
    return _tell(context, answering.help_text(context.language, context.rights))


async def speak(context: Context, command: Speak) -> Transaction:
    language = Language(command.language)

    def change(uow: UnitOfWork) -> Answer:
        uow.people.speak(context.sender, language)
        words = say(language, "spoke", language=say(language, f"language_{language}"))
        return [context.reply(TextMessage(words))]

    return change


async def media(context: Context, message: Media) -> Transaction:
    if not context.served:
        return tell_stranger(context)
    return _tell(context, answering.media(context.language, message.kind))


async def unknown(context: Context, event: Unknown) -> Transaction:
    """Logged with the message's own entry; nobody is bothered."""
    return answer(UnknownEventReceived(context.sender, event.name))


async def leave_alone(context: Context, command: LeaveAlone) -> Transaction:
    """不要作废: what is open stays open, for 取消 to close."""
    return _tell(context, TextMessage(say(context.language, "left_alone")))


async def not_offered(context: Context, command: NotOffered) -> Transaction:
    what = verb(command.verb)
    return _tell(
        context, answering.not_offered(context.language, what.en if context.language is Language.EN else what.zh)
    )


async def not_read(context: Context, command: NotRead) -> Transaction:
    """In the language of the text where it tells; no language is changed by it."""
    language = command.language or context.language
    return _tell(context, answering.not_read(language, command.nearest(language)))


async def thanks(context: Context, command: Thanks) -> Transaction:
    return _tell(context, TextMessage(say(context.language, "welcome")))


async def line(context: Context, command: Line) -> Transaction:
    """The line the bot asked for."""
    if command.prompt.asking is Asking.REJECTION:
        return await rejection_line(context, command.prompt, command.words)
    return await reason_line(context, command.prompt, command.words)
