"""Which own operation 撤销, 手滑了 and 恢复昨天删的那三个 mean, where no number was said.

Only the newest can be meant by a bare word, and only while it is fresh. Whatever else could be meant is named with
its number and left as it is.
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
"""手滑了 is said at once: what was done longer ago is named and asked about."""
_TELLS_ITSELF = frozenset({State.ASKED, State.EXECUTING, State.NEEDS_HUMAN})
"""States in which undoing by number is refused with the right words."""
_MOST = 50
_LEAVING = frozenset({Action.VOID, Action.ARCHIVE, Action.DELETE})


async def newest(context: Context) -> int:
    """The own operation a bare 撤销 means. Raises AlreadyClosed where it is not certain, naming what is likely."""
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
    """Newest first, drafts among them; an undo is no operation of its own here."""
    kept = (*uow.operations.of_requester(context.sender, _MOST), *uow.operations.drafts_of(context.sender, _MOST))
    mine = [operation for operation in kept if operation.mode is not Mode.UNDO]
    return sorted(mine, key=lambda operation: -operation.number)


def _has_a_way_back(operation: Operation, now: datetime) -> bool:
    if operation.state is State.DRAFT:
        return operation.expires_at is None or operation.expires_at > now
    return operation.state in WITHDRAWABLE or _undoable(operation, now)


def _undoable(operation: Operation, now: datetime) -> bool:
    """What is done can be undone where a term was set; 恢复 has none."""
    return operation.state in CARRIED_OUT and operation.undo_until is not None and operation.undo_until > now


def _not_that_one(last: Operation, older: list[Operation], now: datetime) -> Refusal:
    """The last one is taken back already, or cannot be: the one before is another matter."""
    state = State.EXPIRED if last.state is State.DRAFT else last.state
    before = next((operation for operation in older if _has_a_way_back(operation, now)), None)
    if before is None:
        return AlreadyClosed("undo_nothing_more", operation=last.label, state=state)
    return AlreadyClosed("undo_next", operation=last.label, state=state, **_named(before))


def _named(operation: Operation) -> dict[str, object]:
    return {"next": operation.label, "action": operation.action, "what": operation.targets.first[0].name}


async def done_by_me(context: Context, command: BringBack) -> int | list[Operation]:
    """The number of the one operation that is plainly meant; else all that fit, newest first.

    Raises BadInput where none fits.
    """
    mine = await context.desk.db.read(lambda uow: _own(uow, context))
    fitting = [operation for operation in mine if _fits(context, command, operation)]
    if not fitting:
        raise BadInput("bring_back_none")
    first = fitting[0]
    if len(fitting) == 1 and command.days_ago is not None and command.count in {None, 1}:
        return first.number
    fresh = first.finished_at is not None and context.now - first.finished_at <= FRESH
    if command.days_ago is None and command.count in {None, 1} and first is mine[0] and fresh:
        return first.number
    return fitting


def _fits(context: Context, command: BringBack, operation: Operation) -> bool:
    if operation.finished_at is None or not _undoable(operation, context.now):
        return False
    if operation.action not in ({command.action} if command.action else _LEAVING):
        return False
    zone = context.desk.zone
    ago = context.now.astimezone(zone).date() - operation.finished_at.astimezone(zone).date()
    return command.days_ago is None or ago.days == command.days_ago
