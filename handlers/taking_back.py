"""Finds the own operation that 撤销, 手滑了 or 恢复昨天删的那三个 means when it comes without a number.

A bare word can only mean the newest operation, and only while that is fresh. Any other operation that could be
meant is named in the answer with its number, and nothing is done to it.
"""

from datetime import datetime, timedelta

from core.domain.actions import Action
from core.domain.errors import AlreadyClosed, BadInput, Refusal
from core.domain.operation.life import CARRIED_OUT, WITHDRAWABLE, State
from core.domain.operation.operation import Mode, Operation
from core.ports.store import UnitOfWork
from handlers.context import Context
from language.commands import BringBack

FRESH = timedelta(hours=24)
"""How long an operation is fresh after its end. People say 手滑了 at once, so an older one is only named."""
_TELLS_ITSELF = frozenset({State.ASKED, State.EXECUTING, State.NEEDS_HUMAN})
"""States in which an undo by number is refused with words that say how the operation stands."""
_MOST = 50
"""The number of a person's newest operations, and of the newest drafts, that are looked at."""
_LEAVING = frozenset({Action.VOID, Action.ARCHIVE, Action.DELETE})


async def newest(context: Context) -> int:
    """Returns the number of the own operation that a bare 撤销 means.

    Raises AlreadyClosed when that is not certain; the refusal names the likely one.
    """
    mine = await context.desk.db.read(lambda uow: _own(uow, context))
    if not mine:
        raise AlreadyClosed("undo_nothing")
    last, older = mine[0], mine[1:]
    if last.state in _TELLS_ITSELF:
        return last.number
    if _has_a_way_back(last, context.now):
        if last.finished_at is not None and context.now - last.finished_at > FRESH:
            raise AlreadyClosed("undo_old", **_named(last), at=last.finished_at)
        return last.number
    raise _not_that_one(last, older, context.now)


def _own(uow: UnitOfWork, context: Context) -> list[Operation]:
    """Returns the person's operations with the drafts, the newest first; undos are left out."""
    kept = (*uow.operations.of_requester(context.sender, _MOST), *uow.operations.drafts_of(context.sender, _MOST))
    mine = [operation for operation in kept if operation.mode is not Mode.UNDO]
    return sorted(mine, key=lambda operation: -operation.number)


def _has_a_way_back(operation: Operation, now: datetime) -> bool:
    """Returns whether the operation can be cancelled, withdrawn or undone now."""
    if operation.state is State.DRAFT:
        return operation.expires_at is None or operation.expires_at > now
    return operation.state in WITHDRAWABLE or _undoable(operation, now)


def _undoable(operation: Operation, now: datetime) -> bool:
    """Returns whether the operation can be undone; 恢复 cannot, as it has no term for that."""
    return operation.state in CARRIED_OUT and operation.undo_until is not None and operation.undo_until > now


def _not_that_one(last: Operation, older: list[Operation], now: datetime) -> Refusal:
    """Returns the refusal when the newest operation cannot be taken back; an older one that can is only named."""
    # A draft gets here only after its term, even if the job has not ended it yet.
    state = State.EXPIRED if last.state is State.DRAFT else last.state
    before = next((operation for operation in older if _has_a_way_back(operation, now)), None)
    if before is None:
        return AlreadyClosed("undo_nothing_more", operation=last.label, state=state)
    return AlreadyClosed("undo_next", operation=last.label, state=state, **_named(before))


def _named(operation: Operation) -> dict[str, object]:
    return {"next": operation.label, "action": operation.action, "what": operation.targets.first[0].name}


async def done_by_me(context: Context, command: BringBack) -> int | list[Operation]:
    """Returns the number of the one operation that is plainly meant; else all that fit, the newest first.

    Raises BadInput when none fits.
    """
    mine = await context.desk.db.read(lambda uow: _own(uow, context))
    fitting = [operation for operation in mine if _fits(context, command, operation)]
    if not fitting:
        raise BadInput("bring_back_none")
    first = fitting[0]
    # A count above one means several operations, which are listed.
    if len(fitting) == 1 and command.days_ago is not None and command.count in {None, 1}:
        return first.number
    fresh = first.finished_at is not None and context.now - first.finished_at <= FRESH
    # Without a day, as in 恢复刚才那个, only the person's newest operation can be meant.
    if command.days_ago is None and command.count in {None, 1} and first is mine[0] and fresh:
        return first.number
    return fitting


def _fits(context: Context, command: BringBack, operation: Operation) -> bool:
    if operation.finished_at is None or not _undoable(operation, context.now):
        return False
    if operation.action not in ({command.action} if command.action else _LEAVING):
        return False
    # Calendar days in the company's time zone: 昨天 ends at midnight there.
    zone = context.desk.zone
    ago = context.now.astimezone(zone).date() - operation.finished_at.astimezone(zone).date()
    return command.days_ago is None or ago.days == command.days_ago
