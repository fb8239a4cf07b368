"""Finds the route of a message: words are parsed, taps unpacked, menu keys read as the words they stand for."""

from dataclasses import dataclass, replace
from functools import cache

from cards.keys import BadKey, ButtonKey, Press, Validity
from cards.menu import MenuKey
from core.domain.errors import AlreadyClosed, BadInput, NotYours
from core.domain.incoming import MenuClick, Tap, Text
from core.domain.operation.labels import operation_label
from core.domain.people import Person
from core.domain.prompts import Asking, Prompt
from handlers.context import Context, Pressed
from handlers.prompts import line_missed
from handlers.route import Route
from handlers.table import ROUTES
from language.commands import (
    Approve,
    Cancel,
    Change,
    Command,
    Help,
    Line,
    MyCustomers,
    MyRequests,
    NotOffered,
    NotRead,
    WaitingForMe,
)
from language.lines import Meant, marked_line, meant
from language.parsing import parse
from language.spoken import language_of

_MENU: dict[str, Command] = {
    MenuKey.MINE: MyCustomers(),
    MenuKey.WAITING: WaitingForMe(),
    MenuKey.MY_REQUESTS: MyRequests(),
    MenuKey.HELP: Help(),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A route with the typed value for its handler."""

    route: Route
    value: object
    person: Person | None = None
    """The sender with another language, when the message is in another one than the one stored; else None."""


async def read(context: Context) -> Asked:
    """Reads a message. Raises Refusal for a tap on a button that is not this person's or no longer valid, and for
    words that may be either a command or the line that the bot waits for.
    """
    match context.incoming.content:
        case Text(content=said):
            return await _words(context, said)
        case MenuClick(key=key):
            return _menu(key)
        case Tap() as tap:
            return _tap(context, tap)
        case other:  # events and media have no words: their type is the route
            return Asked(_by_type()[type(other), None], other)


def _menu(key: str) -> Asked:
    command = _MENU.get(key, NotRead(key))
    return Asked(_by_type()[type(command), None], command)


async def _words(context: Context, said: str) -> Asked:
    command = parse(said)
    if context.asked is not None:
        command = _while_asked(said, command, context.asked)
    elif isinstance(command, NotRead):
        await _refuse_late_line(context, command)
    action = command.action if isinstance(command, Change) else None
    return Asked(_by_type()[type(command), action], command, _spoken(context, said, command))


def _while_asked(said: str, command: Command, prompt: Prompt) -> Command:
    """Returns what words mean while the bot waits for a line: the line, a command, or 取消.

    Raises BadInput when they may be the line or a command; the answer says how to write either.
    """
    if line := marked_line(said):
        return Line(line, prompt)
    match meant(said, command, prompt.asking):
        case Meant.LINE:
            return Line(said, prompt)
        case Meant.COMMAND:
            return command
        case Meant.DROP:
            return Cancel()
        case Meant.UNSURE:
            raise _line_or_command(said, command, prompt)


async def _refuse_late_line(context: Context, command: NotRead) -> None:
    """Raises AlreadyClosed for a line that came after its term; the answer says what to write instead."""
    prompt = await context.desk.db.read(lambda uow: line_missed(uow, context.sender))
    if prompt is not None:
        operation = operation_label(prompt.operation or 0)
        raise AlreadyClosed(f"late_line_{prompt.asking}", what=command.text, operation=operation)


def _line_or_command(said: str, command: Command, prompt: Prompt) -> BadInput:
    operation = operation_label(prompt.operation or 0)
    # 同意 as the reason of a rejection would be the opposite of what it says.
    if isinstance(command, Approve) and prompt.asking is Asking.REJECTION:
        return BadInput("approves_or_rejects", what=said, operation=operation)
    return BadInput(f"line_or_command_{prompt.asking}", what=said, operation=operation)


def _spoken(context: Context, said: str, command: Command) -> Person | None:
    """Returns the sender with the language of this message if it is a new one; later answers keep to it."""
    language = language_of(said, command)
    if context.person is None or language in {None, context.person.language} or isinstance(command, NotOffered):
        return None
    return replace(context.person, language=language) if language else None


def _tap(context: Context, tap: Tap) -> Asked:
    # The key says what the button may do. It is trusted only because the bot has signed it.
    try:
        key = context.desk.keys.unpack(tap.key)
    except BadKey as bad:
        raise AlreadyClosed("unknown_button") from bad
    match key.valid_for(context.sender, context.now):
        case Validity.WRONG_PERSON:
            raise NotYours("wrong_person_key")
        case Validity.EXPIRED:
            raise _too_late(key)
        case Validity.OK:
            return Asked(_by_press()[key.press], Pressed(key, tap))


def _too_late(key: ButtonKey) -> AlreadyClosed:
    if key.press is Press.UNDO:
        return AlreadyClosed("undo_too_late", operation=operation_label(key.operation), until=key.expires)
    if key.operation:
        return AlreadyClosed("expired_card_of", operation=operation_label(key.operation))
    return AlreadyClosed("expired_card")


@cache
def _by_type() -> dict[tuple[type, object], Route]:
    return {(route.on, route.action): route for route in ROUTES if isinstance(route.on, type)}


@cache
def _by_press() -> dict[Press, Route]:
    return {route.on: route for route in ROUTES if isinstance(route.on, Press)}
