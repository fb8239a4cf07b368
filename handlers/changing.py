"""作废, 归档, 恢复, 删除群体: from words to a confirm card, or to the question which record is meant."""

from core.domain.errors import BadInput, NotFound, Refusal
from core.domain.people import Sight
from core.domain.records import Kind
from core.services.find import find, sight
from handlers.commands import Change
from handlers.context import Context, Work
from handlers.offering import Wish, offer
from handlers.picking import pick


async def change(context: Context, command: Change) -> Work:
    """An exact single hit goes straight to the confirm card; anything else is asked back, never guessed."""
    wish = Wish(
        command.action,
        command.kind,
        _said(context),
        command.reason,
        took_delete_as_void=command.took_delete_as_void,
    )
    seen = await sight(context.desk.db, context.me)
    hits = await find(context.desk.crm, seen, command.what, command.kind, for_action=command.action)
    if hits.sure is not None:
        return await offer(context, seen, hits.sure.record, wish)
    await _refuse_unfit(context, seen, command)
    if hits.items:
        return pick(context, hits, command.what, wish)
    raise await _nothing_to_change(context, seen, command)


async def _nothing_to_change(context: Context, seen: Sight, command: Change) -> Refusal:
    """Not there, or not theirs: one answer for both. A group of that name is named."""
    if command.kind is Kind.CUSTOMER:
        groups = await find(context.desk.crm, seen, command.what, Kind.SEGMENT)
        if groups.sure is not None:
            return BadInput("is_a_group", what=groups.sure.record.label)
    return NotFound(what=command.what)


async def _refuse_unfit(context: Context, seen: Sight, command: Change) -> None:
    """The very record is there, in a status the action does not fit: another one is not offered in its place."""
    hits = await find(context.desk.crm, seen, command.what, command.kind)
    if hits.sure is not None:
        record = hits.sure.record
        raise BadInput(f"already_{record.status}", what=record.label)


def _said(context: Context) -> str:
    content = context.incoming.content
    return getattr(content, "content", "")
