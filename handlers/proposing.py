"""Offers a change that somebody wants on a confirm card, with what hangs on the record."""

from dataclasses import dataclass

from core.domain.actions import Action
from core.domain.errors import BadInput, NotFound
from core.domain.operation.reason import Reason
from core.domain.people import Sight
from core.domain.records import Kind, RecordRef, RecordState
from core.services.proposing import Proposal, propose
from handlers.context import Context, Transaction


@dataclass(frozen=True, slots=True)
class Wish:
    """A change that somebody wants, before it is certain which record is meant."""

    action: Action
    kind: Kind
    said: str
    """The words of the message."""
    reason: Reason | None = None
    took_delete_as_void: bool = False
    """True when the person said 删除 of a customer and it was read as 作废."""


async def offer(context: Context, seen: Sight, record: RecordState, wish: Wish) -> Transaction:
    """Returns the transaction that drafts the change and sends the confirm card (K2)."""
    proposal = await proposal_of(context, record, wish)
    return lambda uow: propose(uow, context.me, seen, context.desk.policy, proposal)


async def proposal_of(context: Context, record: RecordState, wish: Wish) -> Proposal:
    """Returns the proposal for this record. Raises BadInput when the CRM cannot do it."""
    crm = context.desk.crm
    if not crm.capability(wish.action, record.ref.kind).supported:
        raise BadInput("unsupported_here", what=record.label)
    # Read here and not in the transaction, in which nothing may wait for a CRM.
    impact = await crm.impact(record.ref)
    return Proposal(
        wish.action,
        (record,),
        wish.said,
        wish.reason,
        impact,
        took_delete_as_void=wish.took_delete_as_void,
    )


async def record_now(context: Context, ref: RecordRef) -> RecordState:
    """Returns the record as it is at this moment. Raises NotFound."""
    found = await context.desk.crm.read([ref])
    if not found:
        raise NotFound(what=ref.number)
    return found[0]
