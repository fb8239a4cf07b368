"""What a message is about: found first, so that the gate can ask for the right that hangs on it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from core.domain.errors import AlreadyClosed, BadInput, NotAllowed, NotYours, Refusal
from core.domain.operation.life import State
from core.domain.operation.operation import Operation
from core.domain.people import PersonId, Right
from core.domain.prompts import LISTS, Asking, Prompt
from core.ports.store import UnitOfWork
from handlers.context import Context, Pressed
from handlers.prompts import PAUSED, WHICH_PAUSED, named, only_draft, only_own
from handlers.route import RightOf, Route
from language.commands import Approve, AskAgain, Choose, Confirm, Line, Reject


@dataclass(frozen=True, slots=True)
class About:
    """A message, and the request or question it is about where its route's right hangs on that."""

    value: object
    """For the handler: words that did not say which request or question they mean now do."""
    operation: Operation | None = None
    prompt: Prompt | None = None

    def needs(self, right: Right | RightOf | None) -> Right | None:
        """The right itself; None: even a stranger may."""
        match right:
            case RightOf.REQUEST:
                assert self.operation is not None  # found by `find_about`, or refused
                return self.operation.action.right
            case RightOf.QUESTION:
                assert self.prompt is not None
                return self._of_question(self.prompt)
            case _:
                return right

    def _of_question(self, prompt: Prompt) -> Right:
        match prompt.asking:
            case Asking.REJECTION:
                return Right.APPROVE
            case Asking.REASON if self.operation is not None:
                return self.operation.action.right
            case _:
                return prompt.action.right if prompt.action else Right.VIEW

    def refusal(self, person: PersonId, right: Right) -> Refusal:
        """Who lacks it hears which; who may not decide hears it about the request that was named."""
        if right is not Right.APPROVE or self.operation is None:
            return NotAllowed(right=right)
        own = self.operation.requester == person
        if own and self.operation.state is not State.PENDING:  # there is nobody left to be nudged
            return self.operation.closed()
        return NotYours("requester_cannot_decide" if own else "not_approver", operation=self.operation.label)


async def find_about(context: Context, route: Route, value: object) -> About:
    """Raises Refusal where there is no such thing, or the words could mean several."""
    if not isinstance(route.right, RightOf) and route.right is not Right.APPROVE:
        return About(value)
    match value:
        case Confirm():
            draft = await _to_confirm(context, value.operation)
            return About(replace(value, operation=draft.number), draft)
        case Approve() | Reject():
            request = await _to_decide(context, value.operation)
            return About(replace(value, operation=request.number), request)
        case AskAgain():
            number = value.operation or await only_own(context, PAUSED, WHICH_PAUSED)
            return About(replace(value, operation=number), await named(context, number))
        case Choose():
            shown = await _question(context, lambda uow: uow.prompts.get(context.sender, uow.now, LISTS))
            return About(replace(value, prompt=shown), prompt=shown)
        case Line(prompt=prompt):
            return About(value, await named(context, prompt.operation or 0), prompt)
        case Pressed(key=key) if key.operation:
            return About(value, await named(context, key.operation))
        case Pressed(key=key):
            asked = await _question(context, lambda uow: uow.prompts.by_id(key.ref, uow.now), "closed_question")
            return About(value, prompt=asked)
        case _:
            raise TypeError(f"{route.name}: nothing a right could hang on")


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
