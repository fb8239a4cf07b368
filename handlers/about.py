"""Finds the request or question that a message is about, since the right that the gate asks for depends on it."""

from dataclasses import dataclass, replace

from core.domain.errors import AlreadyClosed, BadInput
from core.domain.operation.operation import Operation
from core.domain.people import PersonId, Right
from core.domain.prompts import LISTS, Asking
from core.domain.use_cases import RightOf, UseCase
from core.ports.store import UnitOfWork
from core.services.gate import NOTHING, Matter
from handlers.context import Context, Pressed
from handlers.prompts import PAUSED, WHICH_PAUSED, asked_on_card, named, only_draft, only_own, own_question
from language.commands import Approve, AskAgain, Choose, Confirm, Line, Reject


@dataclass(frozen=True, slots=True)
class About:
    """A message with the request or question that it is about."""

    value: object
    """The value for the handler. Words without a number now hold that of the request they mean."""
    matter: Matter = NOTHING
    """The request or question for the gate; empty when the right does not depend on it."""


async def find_about(context: Context, case: UseCase, value: object) -> About:
    """Finds what a message is about. Raises Refusal when there is no such thing or the words could mean several.

    For a stranger nothing is looked up: the gate turns strangers away, whatever the message is about.
    """
    # The right to approve is fixed, but the refusal of a person who lacks it is about the request (`gate.admit`).
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
            shown = await own_question(context, lambda uow: uow.prompts.get(context.sender, uow.now, LISTS))
            return About(replace(value, prompt=shown), Matter(prompt=shown))
        case Line(prompt=prompt):
            return About(value, Matter(await named(context, prompt.operation or 0), prompt))
        case Pressed(key=key) if key.operation:
            operation = await named(context, key.operation)
            return About(replace(value, operation=operation), Matter(operation))
        case Pressed(key=key):
            return About(value, Matter(prompt=await asked_on_card(context, key.ref)))
        case _:
            raise TypeError(f"{case.name}: nothing a right could hang on")


async def _to_confirm(context: Context, number: int | None) -> Operation:
    """Returns the draft to confirm: the one with the number, or the only one there is."""
    if number is not None:
        return await named(context, number)
    # Without a draft, the operation of the last confirm card is found: the refusal then says how it stands.
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
    """Returns the request to decide: the one with the number, or the only one that waits for this person."""
    if number is not None:
        return await named(context, number)
    # Two are enough to know that there is more than one.
    waiting = await context.desk.db.read(lambda uow: uow.operations.waiting_for(context.sender, 2))
    if not waiting:
        raise AlreadyClosed("nothing_waiting")
    if len(waiting) > 1:
        raise BadInput("which_operation", operation=waiting[0].label)
    return waiting[0]
