"""What the bot asks, remembered until it is answered; and which open card a word without a number means."""

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
"""Questions that want a line, and how the operation stands while the line is still of use."""


def minutes(life: timedelta) -> int:
    return int(life.total_seconds() // 60)


async def named(context: Context, number: int) -> Operation:
    """The operation of this number, as it is now. Raises NotFound."""
    return await context.desk.db.read(lambda uow: known(uow, number))


_CARDS = 5
"""So many open cards are named at most."""


async def only_draft(context: Context, ask_which: str) -> Operation | None:
    """The one operation of this person that waits for its confirm card; None without any.

    Raises BadInput (the text `ask_which`) where several wait: a guess could confirm the wrong one.
    """
    kept = await context.desk.db.read(lambda uow: uow.operations.drafts_of(context.sender, _CARDS))
    drafts = [draft for draft in kept if draft.expires_at is None or draft.expires_at > context.now]
    if len(drafts) > 1:
        labels = tuple(draft.label for draft in reversed(drafts))
        raise BadInput(ask_which, operations=labels, operation=drafts[0].label)
    return drafts[0] if drafts else None


@dataclass(frozen=True, slots=True)
class Ask:
    """The texts for none and for several that a word without a number could mean."""

    none: str
    several: str


PAUSED = frozenset({State.STALE})
WHICH_PAUSED = Ask("nothing_paused", "which_paused")
"""For 保留客户 and 仍要作废."""
_RECENT = 50


async def only_own(context: Context, states: frozenset[State], ask: Ask) -> int:
    """The one own operation in these states. Raises AlreadyClosed or BadInput where none or several are."""
    mine = await context.desk.db.read(lambda uow: uow.operations.of_requester(context.sender, _RECENT))
    fitting = [operation for operation in mine if operation.state in states]
    if not fitting:
        raise AlreadyClosed(ask.none)
    if len(fitting) > 1:
        labels = tuple(operation.label for operation in reversed(fitting))
        raise BadInput(ask.several, operations=labels, operation=fitting[0].label)
    return fitting[0].number


LATE = timedelta(hours=1)
"""So long after its term a line still gets told that it came too late."""


def line_wanted(uow: UnitOfWork, person: PersonId) -> Prompt | None:
    """None also where the question has been settled otherwise: by another tap, a colleague, the time."""
    prompt = uow.prompts.get(person, uow.now)
    return prompt if prompt is not None and _of_use(uow, prompt) else None


def line_missed(uow: UnitOfWork, person: PersonId) -> Prompt | None:
    """The question whose line is too late, although what it was about still stands."""
    prompt = uow.prompts.get(person, uow.now - LATE, frozenset(_WANTED_IN))
    if prompt is None or prompt.expires_at > uow.now:
        return None
    return prompt if _of_use(uow, prompt) else None


def _of_use(uow: UnitOfWork, prompt: Prompt) -> bool:
    wanted_in = _WANTED_IN.get(prompt.asking)
    operation = uow.operations.get(prompt.operation) if prompt.operation is not None else None
    if operation is None or operation.state is not wanted_in:
        return False
    if operation.expires_at is not None and operation.expires_at <= uow.now:
        return False
    return not operation.has_voted(prompt.person)
