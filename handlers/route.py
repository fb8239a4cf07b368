"""One row of the route table."""

from dataclasses import dataclass

from cards.keys import Press
from core.domain.actions import Action
from core.domain.use_cases import UseCase
from handlers.context import Handler


@dataclass(frozen=True, slots=True)
class Route:
    use_case: UseCase
    """What the person asks for by it; the gate asks who may."""
    on: type | Press
    """The command, the kind of message, or the button it answers."""
    handle: Handler
    action: Action | None = None
    """For Change: each action is a route of its own, with its own use case."""
