"""What a message is about: found first, so that the gate can ask for the right that hangs on it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from core.domain.errors import AlreadyClosed, BadInput
from core.domain.operation.operation import Operation
from core.domain.people import PersonId, Right
from core.domain.prompts import LISTS, Asking, Prompt
from core.domain.use_cases import RightOf, UseCase
from core.ports.store import UnitOfWork
from core.services.gate import NOTHING, Matter
from handlers.context import Context, Pressed
from handlers.prompts import PAUSED, WHICH_PAUSED, named, only_draft, only_own
from language.commands import Approve, AskAgain, Choose, Confirm, Line, Reject


@dataclass(frozen=True, slots=True)
class About:
    """A message, and the request or question it is about where the right for it hangs on that."""

    value: object
    """For the handler: words that did not say which request or question they mean now do."""
    matter: Matter = NOTHING


async def find_about(context: Context, case: UseCase, value: object) -> About:
    """Raises Refusal where there is no such thing, or the words could mean several.

    For a stranger nothing is looked up: whatever it were about, the gate turns them away.
    """
    hangs = isinstance(case.right, RightOf) or case.right is Right.APPROVE
    if not hangs or context.person is None:
        return About(value)
    match value:
        case Confirm():
            draft = await _to_confirm(context, value.operation)
            return About(replace(value, operation=draft.number), Matter(draft))
        case Approve() | Reject():
            request = await _to_decide(context, value.operation)
            return About(replace(value, operation=request.number), Matter(request))
        case AskAgain():
            number = value.operation or await only_own(context, PAUSED, WHICH_PAUSED)
            return About(replace(value, operation=number), Matter(await named(context, number)))
        case Choose():
            shown = await _question(context, lambda uow: uow.prompts.get(context.sender, uow.now, LISTS))
            return About(replace(value, prompt=shown), Matter(prompt=shown))
        case Line(prompt=prompt):
            return About(value, Matter(await named(context, prompt.operation or 0), prompt))
        case Pressed(key=key) if key.operation:
            return About(value, Matter(await named(context, key.operation)))
        case Pressed(key=key):
            asked = await _question(context, lambda uow: uow.prompts.by_id(key.ref, uow.now), "closed_question")
            return About(value, Matter(prompt=asked))
        case _:
            raise TypeError(f"{case.name}: nothing a right could hang on")


async def _to_confirm(context: Context, number: int | None) -> Operation:
    """Without a number: the only draft; or what was asked last, for an answer that tells how it stands."""
    if number is not None:
        return await named(context, number)
    found = await only_draft(context, "which_confirm") or await context.desk.db.read(
        lambda uow: _asked_last(uow, context.sender)
    )
    if found is None:
        raise AlreadyClosed("nothing_open")
    return found


def _asked_last(uow: UnitOfWork, person: PersonId) -> Operation | None:
    prompt = uow.prompts.get(person, uow.now, frozenset({Asking.CONFIRM}))
    return uow.operations.get(prompt.operation) if prompt and prompt.operation else None


async def _to_decide(context: Context, number: int | None) -> Operation:
    """Without a number: the only one waiting for this person, if there is only one."""
    if number is not None:
        return await named(context, number)
    waiting = await context.desk.db.read(lambda uow: uow.operations.waiting_for(context.sender, 2))
    if not waiting:
        raise AlreadyClosed("nothing_waiting")
    if len(waiting) > 1:
        raise BadInput("which_operation", operation=waiting[0].label)
    return waiting[0]


async def _question(
    context: Context, look: Callable[[UnitOfWork], Prompt | None], gone: str = "nothing_open"
) -> Prompt:
    prompt = await context.desk.db.read(look)
    if prompt is None or prompt.person != context.sender:
        raise AlreadyClosed(gone)
    return prompt
