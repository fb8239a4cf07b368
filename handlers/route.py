"""One row of the route table."""

from dataclasses import dataclass

from cards.keys import Press
from core.domain.actions import Action
from core.domain.people import Right
from handlers.context import Handler


@dataclass(frozen=True, slots=True)
class Route:
    name: str
    on: type | Press
    """The command, the kind of message, or the button it answers."""
    right: Right | None
    """What the person must hold; None for those that even a stranger may use."""
    handle: Handler
    zh: str
    en: str
    """What it does, for docs/commands.md."""
    action: Action | None = None
    """For Change: each action is a route of its own, with its own right."""
