"""One row of the route table."""

from dataclasses import dataclass

from cards.keys import Press
from core.domain.actions import Action
from core.domain.use_cases import UseCase
from handlers.context import Handler


@dataclass(frozen=True, slots=True)
class Route:
    use_case: UseCase
    """What a person asks for on this route; the gate checks that this person may."""
    on: type | Press
    """The command, the kind of message, or the button that the route answers."""
    handle: Handler
    action: Action | None = None
    """The action of a `Change`, None for all else: each action is a route and a use case of its own."""
