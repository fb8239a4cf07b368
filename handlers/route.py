"""One row of the route table."""

from dataclasses import dataclass
from enum import Enum

from cards.keys import Press
from core.domain.actions import Action
from core.domain.people import Right
from handlers.context import Handler


class RightOf(Enum):
    """A right that hangs on what the message is about. `handlers/about.py` finds that, `bot/dispatch.py` asks."""

    REQUEST = "request"
    """What the request's action needs: 确认 of a draft that deletes needs delete."""
    QUESTION = "question"
    """What the answer leads to: the action a record is picked for, the request a reason is written for."""


@dataclass(frozen=True, slots=True)
class Route:
    name: str
    on: type | Press
    """The command, the kind of message, or the button it answers."""
    right: Right | RightOf | None
    """What the person must hold; None for those that even a stranger may use.

    All that is asked of the person. Whose request it is, and who decides it, is asked of the request.
    """
    handle: Handler
    zh: str
    en: str
    """What it does, for docs/commands.md."""
    action: Action | None = None
    """For Change: each action is a route of its own, with its own right."""
