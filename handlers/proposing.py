"""The confirm card: a change somebody wants, offered with what hangs on the record."""

from dataclasses import dataclass

from cards.keys import task_id
from cards.proposing import confirm_card
from cards.texts.say import say
from cards.views import ConfirmView
from core.domain.actions import Action
from core.domain.approval.plan import who_decides
from core.domain.errors import BadInput, NotFound
from core.domain.impact import Impact
from core.domain.operation.operation import Operation
from core.domain.operation.reason import Reason
from core.domain.outbox import CardName
from core.domain.people import Right, Sight
from core.domain.prompts import Asking
from core.domain.records import Kind, RecordRef, RecordState
from core.ports.store import UnitOfWork
from core.services.proposing import Proposal, propose
from core.services.requester import cancel
from handlers.context import Context, Work
from handlers.prompts import new_prompt
from notify.post import card_to


@dataclass(frozen=True, slots=True)
class Wish:
    """A change somebody wants, before its record is certain."""

    action: Action
    kind: Kind
    said: str
    reason: Reason | None = None
    took_delete_as_void: bool = False


async def offer(context: Context, seen: Sight, record: RecordState, wish: Wish) -> Work:
    """K2."""
    desk = context.desk
    if not desk.crm.capability(wish.action, record.ref.kind).supported:
        raise BadInput("unsupported_here", what=record.label)
    impact = await desk.crm.impact(record.ref)

    def work(uow: UnitOfWork) -> None:
        proposal = Proposal(wish.action, (record,), wish.said, wish.reason, impact)
        operation = propose(uow, context.me, seen, desk.policy, proposal)
        _replace_drafts(uow, context, operation)
        send_confirm_card(uow, context, operation, impact, record, wish)

    return work


def _replace_drafts(uow: UnitOfWork, context: Context, newest: Operation) -> None:
    """One open confirm card a record: an earlier one says by which it was replaced."""
    wanted = {target.ref for target in newest.targets.first}
    for draft in uow.operations.drafts_of(context.sender, 50):
        if draft.number != newest.number and wanted == {target.ref for target in draft.targets.first}:
            words = say(context.language, "replaced_by", operation=newest.label)
            context.desk.announcer.replaced(uow, cancel(uow, draft.number, context.me), words)


def send_confirm_card(
    uow: UnitOfWork, context: Context, operation: Operation, impact: Impact, record: RecordState, wish: Wish
) -> None:
    desk, me = context.desk, context.me
    rule = desk.policy.rule(operation.action)
    approvers = who_decides(rule, me, uow.people.who_may(Right.APPROVE), uow.people.rights())
    names = uow.people.names((*approvers, record.owner))
    term = desk.policy.retention.of(operation.action)
    view = ConfirmView(
        operation=operation,
        impact=impact,
        owner=names.get(record.owner, str(record.owner)) if record.owner else "",
        level=record.level,
        approvers=tuple(names[person] for person in approvers),
        votes_needed=rule.votes,
        undo_until=uow.now() + term if term else None,
        took_delete_as_void=wish.took_delete_as_void,
    )
    assert operation.expires_at is not None  # drafts always have a term
    task = task_id(CardName.CONFIRM, me.id, operation.number, operation.created_at, operation.round)
    keys = desk.keys.for_card(
        me.id,
        operation.expires_at,
        operation=operation.number,
        fingerprint=operation.fingerprint,
        round_=operation.round,
    )
    card = confirm_card(context.viewer_for(me), view, keys, task)
    uow.outbox.send(card_to(me.id, card, task, CardName.CONFIRM, operation))
    uow.prompts.put(
        new_prompt(me, Asking.CONFIRM, operation.expires_at, operation=operation.number, kind=operation.kind)
    )


async def record_now(context: Context, ref: RecordRef) -> RecordState:
    found = await context.desk.crm.read([ref])
    if not found:
        raise NotFound(what=ref.number)
    return found[0]
