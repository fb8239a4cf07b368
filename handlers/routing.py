"""Which route a message takes: words are parsed, taps unpacked, menu keys read as the words they stand for."""

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
from handlers.prompts import line_missed, line_wanted
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
    """A route and the typed value it is asked with."""

    route: Route
    value: object
    person: Person | None = None
    """The person again when the message shows another language than the one kept."""


async def read(context: Context) -> Asked:
    """Raises Refusal for taps on buttons that are not this person's, or no longer good, and for words that may be
    either the line the bot waits for or a command.
    """
    match context.incoming.content:
        case Text(content=said):
            return await _words(context, said)
        case MenuClick(key=key):
            return _menu(key)
        case Tap() as tap:
            return _tap(context, tap)
        case other:
            return Asked(_by_type()[type(other), None], other)


def _menu(key: str) -> Asked:
    command = _MENU.get(key, NotRead(key))
    return Asked(_by_type()[type(command), None], command)


async def _words(context: Context, said: str) -> Asked:
    command = parse(said)
    prompt = await _waiting_for_line(context)
    if prompt is not None:
        command = _while_asked(said, command, prompt)
    elif isinstance(command, NotRead):
        await _refuse_late_line(context, command)
    action = command.action if isinstance(command, Change) else None
    return Asked(_by_type()[type(command), action], command, _spoken(context, said, command))


def _while_asked(said: str, command: Command, prompt: Prompt) -> Command:
    """Raises BadInput for words that may be the line or a command: what counts as which is told."""
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
    """Raises AlreadyClosed: the line came after its ten minutes, and what to write instead is told."""
    prompt = await context.desk.db.read(lambda uow: line_missed(uow, context.sender))
    if prompt is not None:
        operation = operation_label(prompt.operation or 0)
        raise AlreadyClosed(f"late_line_{prompt.asking}", what=command.text, operation=operation)


def _line_or_command(said: str, command: Command, prompt: Prompt) -> BadInput:
    operation = operation_label(prompt.operation or 0)
    if isinstance(command, Approve) and prompt.asking is Asking.REJECTION:
        return BadInput("approves_or_rejects", what=said, operation=operation)
    return BadInput(f"line_or_command_{prompt.asking}", what=said, operation=operation)


async def _waiting_for_line(context: Context) -> Prompt | None:
    return await context.desk.db.read(lambda uow: line_wanted(uow, context.sender))


def _spoken(context: Context, said: str, command: Command) -> Person | None:
    """Who writes `void customer …` is answered in English from then on, and back again."""
    language = language_of(said, command)
    if context.person is None or language in {None, context.person.language} or isinstance(command, NotOffered):
        return None
    return replace(context.person, language=language) if language else None


def _tap(context: Context, tap: Tap) -> Asked:
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
