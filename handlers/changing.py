"""Answers 作废, 归档, 恢复 and 删除群体 with a confirm card, or with the question which record is meant."""

from dataclasses import replace

from core.domain.actions import Action
from core.domain.errors import BadInput, NotFound, Refusal
from core.domain.people import Sight
from core.domain.records import Hits, Kind
from core.services.finding import find, sight
from handlers.context import Context, Transaction
from handlers.picking import pick
from handlers.proposing import Wish, offer
from language.commands import Change


async def change(context: Context, command: Change) -> Transaction:
    """Offers the one sure hit on a confirm card; with any other result the bot asks back and guesses nothing."""
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
    # Before the less sure hits: the record that was named exactly must not be replaced by one like it.
    await _refuse_unfit(context, seen, command)
    group = await _group_to_restore(context, seen, command)
    if group.sure is not None:
        return await offer(context, seen, group.sure.record, replace(wish, kind=Kind.SEGMENT))
    if hits.items:
        return pick(context, hits, command.what, wish)
    if group.items:
        return pick(context, group, command.what, replace(wish, kind=Kind.SEGMENT))
    raise await _nothing_to_change(context, seen, command)


async def _group_to_restore(context: Context, seen: Sight, command: Change) -> Hits:
    """Returns the groups that 恢复 may mean without the word 分组: a restore loses nothing."""
    if command.action is not Action.RESTORE or command.kind is not Kind.CUSTOMER:
        return Hits()
    hits = await find(context.desk.crm, seen, command.what, Kind.SEGMENT, for_action=command.action)
    if hits.sure is None:
        await _refuse_unfit(context, seen, replace(command, kind=Kind.SEGMENT))
    return hits


async def _nothing_to_change(context: Context, seen: Sight, command: Change) -> Refusal:
    """Returns the refusal when nothing fits, the same for a missing record and for one that may not be seen.

    A group of that name is mentioned.
    """
    if command.kind is Kind.CUSTOMER:
        groups = await find(context.desk.crm, seen, command.what, Kind.SEGMENT)
        if groups.sure is not None:
            return BadInput("is_a_group", what=groups.sure.record.label)
    return NotFound(what=command.what)


async def _refuse_unfit(context: Context, seen: Sight, command: Change) -> None:
    """Raises BadInput when the one sure hit is in a status that the action does not allow."""
    # Without `for_action`, so that records in any status are found.
    hits = await find(context.desk.crm, seen, command.what, command.kind)
    if hits.sure is not None:
        record = hits.sure.record
        raise BadInput(f"already_{record.status}", what=record.label)


def _said(context: Context) -> str:
    """Returns the words of the message; "" when it was a tap or a menu click."""
    content = context.incoming.content
    return getattr(content, "content", "")
