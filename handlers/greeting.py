"""Answers greetings, 帮助, and messages that are no command; and hands lines on to whatever asked for them."""

from cards import answering
from cards.model import TextMessage
from cards.texts.say import say
from core.domain.errors import BadInput
from core.domain.events.messages import AppStandingReported, UnknownEventReceived
from core.domain.incoming import AppStanding, Entered, Media, Unknown, Unreadable
from core.domain.people import Language
from core.domain.prompts import Asking
from core.ports.store import UnitOfWork
from handlers.confirming import reason_line
from handlers.context import Answer, Context, Transaction, answer
from handlers.deciding import rejection_line
from handlers.refusing import tell_stranger
from language.commands import Greet, Help, LeaveAlone, Line, NotOffered, NotRead, Speak, Thanks
from language.verbs import verb


def _tell(context: Context, message: TextMessage) -> Transaction:
    return answer(context.reply(message))


async def entered(context: Context, event: Entered) -> Transaction:
    """Tells what this person can do; a stranger is told only how to be added."""
    if not context.served:
        return tell_stranger(context)
    return _tell(context, answering.greeting(context.language, context.me.name, context.rights))


async def greet(context: Context, command: Greet) -> Transaction:
    """Answers 你好 with what this person can do."""
    return _tell(context, answering.greeting(Language(command.language), context.me.name, context.rights))


async def help_me(context: Context, command: Help) -> Transaction:
    return _tell(context, answering.help_text(context.language, context.rights))


async def speak(context: Context, command: Speak) -> Transaction:
    language = Language(command.language)

    def change(uow: UnitOfWork) -> Answer:
        uow.people.speak(context.sender, language)
        return [context.reply(answering.spoke(language))]

    return change


async def media(context: Context, message: Media) -> Transaction:
    if not context.served:
        return tell_stranger(context)
    return _tell(context, answering.media(context.language, message.kind))


async def unreadable(context: Context, message: Unreadable) -> Transaction:
    """Refuses what cannot be understood, so that its sender does not wait for an answer in vain."""
    if not context.served:
        return tell_stranger(context)
    raise BadInput("unreadable")


async def standing(context: Context, event: AppStanding) -> Transaction:
    """Reports what the platform does to the app; the administrators are told."""
    return answer(AppStandingReported(event.standing, event.effective_at))


async def unknown(context: Context, event: Unknown) -> Transaction:
    """Logs an event of an unknown kind; nobody is told."""
    return answer(UnknownEventReceived(context.sender, event.name))


async def leave_alone(context: Context, command: LeaveAlone) -> Transaction:
    """Answers 不要作废: nothing is done, and an open question stays open until 取消."""
    return _tell(context, TextMessage(say(context.language, "left_alone")))


async def not_offered(context: Context, command: NotOffered) -> Transaction:
    what = verb(command.verb)
    return _tell(
        context, answering.not_offered(context.language, what.en if context.language is Language.EN else what.zh)
    )


async def not_read(context: Context, command: NotRead) -> Transaction:
    """Tells what can be asked instead, in the language of the text where that is clear."""
    # For this answer only: a text that was not understood does not change the person's language.
    language = command.language or context.language
    return _tell(context, answering.not_read(language, command.nearest(language)))


async def thanks(context: Context, command: Thanks) -> Transaction:
    return _tell(context, TextMessage(say(context.language, "welcome")))


async def line(context: Context, command: Line) -> Transaction:
    """Takes the line that the bot asked for: as the words of a rejection, or as the reason of a request."""
    if command.prompt.asking is Asking.REJECTION:
        return await rejection_line(context, command.prompt, command.words)
    return await reason_line(context, command.prompt, command.words)
