"""Finds the open question that a line answers, and the operation that a word without a number means."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from core.domain.errors import AlreadyClosed, BadInput
from core.domain.operation.life import State
from core.domain.operation.operation import Operation
from core.domain.people import PersonId
from core.domain.prompts import Asking, Prompt
from core.ports.store import UnitOfWork
from core.services.operations import known
from handlers.context import Context

_WANTED_IN = {Asking.REASON: State.DRAFT, Asking.REJECTION: State.PENDING}
"""The questions that want a line, and the state of the operation in which the line is still of use."""


def minutes(life: timedelta) -> int:
    return int(life.total_seconds() // 60)


async def named(context: Context, number: int) -> Operation:
    """Returns the operation of this number as it is now. Raises NotFound."""
    return await context.desk.db.read(lambda uow: known(uow, number))


async def own_question(
    context: Context, look: Callable[[UnitOfWork], Prompt | None], gone: str = "nothing_open"
) -> Prompt:
    """Returns the question that `look` finds. Raises AlreadyClosed (text `gone`) without one of this person's."""
    prompt = await context.desk.db.read(look)
    if prompt is None or prompt.person != context.sender:
        raise AlreadyClosed(gone)
    return prompt


async def asked_on_card(context: Context, prompt_id: str) -> Prompt:
    """Returns the question of a tapped card. Raises AlreadyClosed when it is over or somebody else's."""
    return await own_question(context, lambda uow: uow.prompts.by_id(prompt_id, uow.now), "closed_question")


_CARDS = 5
"""The number of open drafts that an answer names at most."""


async def only_draft(context: Context, ask_which: str) -> Operation | None:
    """Returns the only draft of this person that waits for its confirm card; None without any.

    Raises BadInput (text `ask_which`) when several wait, because a guess could confirm the wrong one.
    """
    kept = await context.desk.db.read(lambda uow: uow.operations.drafts_of(context.sender, _CARDS))
    # The job that ends expired drafts may not have come to these yet.
    drafts = [draft for draft in kept if draft.expires_at is None or draft.expires_at > context.now]
    if len(drafts) > 1:
        labels = tuple(draft.label for draft in reversed(drafts))
        raise BadInput(ask_which, operations=labels, operation=drafts[0].label)
    return drafts[0] if drafts else None


@dataclass(frozen=True, slots=True)
class Ask:
    """The names of two texts, for a word without a number: when no operation fits it, and when several do."""

    none: str
    several: str


PAUSED = frozenset({State.STALE})
WHICH_PAUSED = Ask("nothing_paused", "which_paused")
"""The states and the texts for 保留客户 and 仍要作废."""
_RECENT = 50
"""The number of a person's newest operations that a word without a number can mean."""


async def only_own(context: Context, states: frozenset[State], ask: Ask) -> int:
    """Returns the number of the only own operation in these states.

    Raises AlreadyClosed when there is none, and BadInput when there are several.
    """
    mine = await context.desk.db.read(lambda uow: uow.operations.of_requester(context.sender, _RECENT))
    fitting = [operation for operation in mine if operation.state in states]
    if not fitting:
        raise AlreadyClosed(ask.none)
    if len(fitting) > 1:
        labels = tuple(operation.label for operation in reversed(fitting))
        raise BadInput(ask.several, operations=labels, operation=fitting[0].label)
    return fitting[0].number


LATE = timedelta(hours=1)
"""How long after the term of a question a line is still told that it came too late."""


def line_wanted(uow: UnitOfWork, person: PersonId) -> Prompt | None:
    """Returns the question that waits for a line; None also when a tap, a colleague or time has settled it."""
    prompt = uow.prompts.get(person, uow.now)
    return prompt if prompt is not None and _of_use(uow, prompt) else None


def line_missed(uow: UnitOfWork, person: PersonId) -> Prompt | None:
    """Returns the question for which a line comes too late, although its operation still waits for it."""
    prompt = uow.prompts.get(person, uow.now - LATE, frozenset(_WANTED_IN))
    if prompt is None or prompt.expires_at > uow.now:
        return None
    return prompt if _of_use(uow, prompt) else None


def _of_use(uow: UnitOfWork, prompt: Prompt) -> bool:
    """Returns whether a line in answer to the question can still change anything."""
    wanted_in = _WANTED_IN.get(prompt.asking)
    operation = uow.operations.get(prompt.operation) if prompt.operation is not None else None
    if operation is None or operation.state is not wanted_in:
        return False
    if operation.expires_at is not None and operation.expires_at <= uow.now:
        return False
    return not operation.has_voted(prompt.person)
