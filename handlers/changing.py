"""作废, 归档, 恢复, 删除群体: from words to a confirm card; from the card to a request."""

from dataclasses import dataclass

from cards.answering import ask_reason, took_reason
from cards.asking import NONE_OF_THEM, confirm_card, pick_card
from cards.keys import task_id
from cards.model import TextMessage
from cards.outcome import closed_list
from cards.texts.say import say
from cards.views import ConfirmView, HitsView
from core.domain.actions import Action
from core.domain.approval import who_decides
from core.domain.errors import AlreadyClosed, BadInput, NotAllowed, NotFound, Refusal
from core.domain.impact import Impact
from core.domain.operation import Operation, Reason, ReasonCode
from core.domain.outbox import Step
from core.domain.people import Sight
from core.domain.prompt import Asking, Prompt
from core.domain.records import Hits, Kind, RecordRef, RecordState
from core.ports import UnitOfWork
from core.services.confirm import confirm, needs_words
from core.services.find import find, sight
from core.services.propose import Proposal, propose
from core.services.requester import cancel
from handlers.commands import Change, Choose, Confirm
from handlers.context import Context, Pressed, Work
from handlers.language.reasons import reason_in
from handlers.post import card_to, redraw, text_to
from handlers.prompts import minutes, new_prompt


@dataclass(frozen=True, slots=True)
class Wish:
    """A change somebody wants, before its record is certain."""

    action: Action
    kind: Kind
    said: str
    reason: Reason | None = None
    took_delete_as_void: bool = False


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


async def offer(context: Context, seen: Sight, record: RecordState, wish: Wish) -> Work:
    """K2."""
    desk = context.desk
    if not desk.crm.capability(wish.action, record.ref.kind).supported:
        raise BadInput("unsupported_here", what=record.label)
    impact = await desk.crm.impact(record.ref)

    def work(uow: UnitOfWork) -> None:
        proposal = Proposal(wish.action, (record,), wish.said, wish.reason)
        operation = propose(uow, context.me, seen, desk.policy, proposal)
        send_confirm_card(uow, context, operation, impact, record, wish)

    return work


def send_confirm_card(
    uow: UnitOfWork, context: Context, operation: Operation, impact: Impact, record: RecordState, wish: Wish
) -> None:
    desk, me = context.desk, context.me
    rule = desk.policy.rule(operation.action)
    everybody = uow.people.everybody()
    names = {person.id: person.name for person in everybody}
    approvers = who_decides(rule, me, everybody, uow.people.rights())
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
    task = task_id(Step.CONFIRM, me.id, operation.number, operation.created_at, operation.round)
    keys = desk.keys.for_card(
        me.id,
        operation.expires_at,
        operation=operation.number,
        fingerprint=operation.fingerprint,
        round_=operation.round,
    )
    card = confirm_card(context.reader_for(me), view, keys, task)
    uow.outbox.send(card_to(me.id, card, task, Step.CONFIRM, operation))
    uow.prompts.put(
        new_prompt(me, Asking.CONFIRM, operation.expires_at, operation=operation.number, kind=operation.kind)
    )


def pick(context: Context, hits: Hits, what: str, wish: Wish | None) -> Work:
    """K1. `wish` None: the pick leads to a look."""
    desk, me = context.desk, context.me

    def work(uow: UnitOfWork) -> None:
        owners = {person.id: person.name for person in uow.people.everybody()}
        until = uow.now() + desk.policy.lives.confirm_card
        prompt = new_prompt(
            me,
            Asking.PICK,
            until,
            action=wish.action if wish else None,
            kind=wish.kind if wish else Kind.CUSTOMER,
            options=tuple(hit.record.ref.number for hit in hits.items),
            reason=wish.reason if wish else None,
            said=wish.said if wish else what,
            heading=what,
            took_delete_as_void=bool(wish and wish.took_delete_as_void),
        )
        task = _pick_task(prompt)
        keys = desk.keys.for_card(me.id, until, ref=prompt.id)
        card = pick_card(context.reader, HitsView(what, hits, owners), keys, task)
        if isinstance(card, TextMessage):
            uow.outbox.send(text_to(me.id, card))
            return
        uow.prompts.put(prompt)
        uow.outbox.send(card_to(me.id, card, task, Step.PICK))

    return work


def _pick_task(prompt: Prompt) -> str:
    return task_id(Step.PICK, prompt.person, prompt.id, prompt.expires_at)


# answering the pick card


async def picked(context: Context, pressed: Pressed) -> Work:
    """就是它."""
    chosen = pressed.chosen()
    prompt = await _prompt(context, pressed.key.ref)
    if not chosen:
        raise BadInput("nothing_chosen")
    return await _take(context, prompt, chosen[0], tapped=True)


async def chosen_in_words(context: Context, command: Choose) -> Work:
    """`2`, 选2, 都不是: an answer to the pick card, in words."""
    prompt = await context.desk.db.read(lambda uow: uow.prompts.get(context.sender, uow.now()))
    if prompt is None or prompt.asking is not Asking.PICK:
        raise AlreadyClosed("nothing_open")
    return await _take(context, prompt, named(prompt, command.index))


def named(prompt: Prompt, index: int | None) -> str:
    """The number of the record at this place of the list, or NONE_OF_THEM. Raises BadInput."""
    if index == 0:
        return NONE_OF_THEM
    if index is None and len(prompt.options) != 1:
        raise BadInput("nothing_chosen")
    place = index or 1
    if place > len(prompt.options):
        raise BadInput("nothing_chosen")
    return prompt.options[place - 1]


async def _prompt(context: Context, prompt_id: str) -> Prompt:
    prompt = await context.desk.db.read(lambda uow: uow.prompts.by_id(prompt_id, uow.now()))
    if prompt is None or prompt.person != context.sender:
        raise AlreadyClosed("closed_question")
    return prompt


def none_of_them(context: Context, prompt: Prompt) -> Work:
    """取消 while the pick card is open."""
    return _answered(context, prompt, say(context.language, "picked_none"))


async def _take(context: Context, prompt: Prompt, number: str, *, tapped: bool = False) -> Work:
    if number == NONE_OF_THEM:
        return _answered(context, prompt, say(context.language, "picked_none"), tapped=tapped)
    if number not in prompt.options:
        raise BadInput("nothing_chosen")
    if prompt.action is not None and prompt.action.right not in context.rights:
        raise NotAllowed(right=prompt.action.right)
    record = await _still_there(context, RecordRef(prompt.kind, number))
    seen = await sight(context.desk.db, context.me)
    if not record.seen_by(seen):
        raise NotFound(what=record.label)
    assert prompt.action is not None  # looks are answered with a text, not with a pick card
    wish = Wish(
        prompt.action, prompt.kind, prompt.said, prompt.reason, took_delete_as_void=prompt.took_delete_as_void
    )
    then = await offer(context, seen, record, wish)
    return _answered(context, prompt, say(context.language, "picked", what=record.label), then, tapped=tapped)


def _answered(
    context: Context, prompt: Prompt, words: str, then: Work | None = None, *, tapped: bool = False
) -> Work:
    """The card closes; who answered in words gets words back."""

    def work(uow: UnitOfWork) -> None:
        copy = uow.outbox.copy(_pick_task(prompt))
        if copy is not None and not copy.open:
            raise AlreadyClosed("closed_question")
        if copy is not None:
            uow.outbox.send(redraw(copy, closed_list(context.reader, prompt.heading, words), open_=False))
        if not tapped:
            uow.outbox.send(text_to(context.sender, TextMessage(words)))
        uow.prompts.drop(prompt.id)
        if then is not None:
            then(uow)

    return work


async def _still_there(context: Context, ref: RecordRef) -> RecordState:
    found = await context.desk.crm.read([ref])
    if not found:
        raise NotFound(what=ref.number)
    return found[0]


# confirming


async def confirm_tap(context: Context, pressed: Pressed) -> Work:
    """确认作废 / 确认归档 / 确认删除 / 确认恢复."""
    chosen = pressed.chosen()
    code = next((ReasonCode(option) for option in chosen if option in set(ReasonCode)), None)
    return await _submit(context, pressed.key.operation, Reason(code) if code else None)


async def confirm_words(context: Context, command: Confirm) -> Work:
    """确认: the confirm card that is open."""
    prompt = await context.desk.db.read(lambda uow: uow.prompts.get(context.sender, uow.now()))
    if prompt is None or prompt.asking is not Asking.CONFIRM or prompt.operation is None:
        raise AlreadyClosed("nothing_open")
    await _same_count(context, prompt.operation, command.count)
    return await _submit(context, prompt.operation, None, in_words=True)


async def _same_count(context: Context, number: int, count: int | None) -> None:
    """确认 36 stands by 36 records, not by another number of them."""
    operation = await context.desk.db.read(lambda uow: uow.operations.get(number))
    if operation is not None and count not in {None, operation.targets.count}:
        raise BadInput("count_differs", operation=operation.label, count=operation.targets.count)


async def reason_line(context: Context, prompt: Prompt, words: str) -> Work:
    """The line after 其他(下条写)."""
    assert prompt.operation is not None  # a reason is always asked for an operation
    return await _submit(context, prompt.operation, reason_in(words), prompt=prompt)


async def _submit(
    context: Context, number: int, reason: Reason | None, *, in_words: bool = False, prompt: Prompt | None = None
) -> Work:
    operation = await context.desk.db.read(lambda uow: uow.operations.get(number))
    if operation is None:
        raise NotFound("operation_not_found", operation=f"#{number:04d}")
    if operation.action.right not in context.rights:
        raise NotAllowed(right=operation.action.right)
    reason = _kept_words(operation, reason)
    if _wants_line(operation, reason, in_words=in_words):
        return _ask_line(context, operation)
    ref = operation.targets.first[0].ref
    record, impact = await _still_there(context, ref), await context.desk.crm.impact(ref)
    if record.version != operation.targets.first[0].version and operation.confirmed_at is None:
        return await _offer_again(context, operation, record, reason)

    def work(uow: UnitOfWork) -> None:
        asked = confirm(uow, number, context.me, reason, context.desk.policy, context.desk.zone)
        context.desk.announcer.submitted(uow, asked, impact)
        if prompt is not None:
            uow.prompts.drop(prompt.id)
            words = reason.words if reason else ""
            uow.outbox.send(text_to(context.sender, took_reason(context.language, words)))

    return work


def _kept_words(operation: Operation, reason: Reason | None) -> Reason | None:
    """The drop-down names what the person had said in words: the words stay."""
    said = operation.reason
    if reason is not None and said is not None and reason.code is said.code and not reason.words:
        return said
    return reason or said


def _wants_line(operation: Operation, reason: Reason | None, *, in_words: bool) -> bool:
    """其他 wants a line; so does 确认 in words when no reason was ever given."""
    if operation.confirmed_at is not None or operation.action in {Action.RESTORE, Action.EDIT_SEGMENT}:
        return False
    return needs_words(reason) or (in_words and reason is None)


def _ask_line(context: Context, operation: Operation) -> Work:
    lives = context.desk.policy.lives

    def work(uow: UnitOfWork) -> None:
        uow.prompts.put(
            new_prompt(context.me, Asking.REASON, uow.now() + lives.reason_line, operation=operation.number)
        )
        question = ask_reason(context.language, operation, minutes(lives.reason_line))
        uow.outbox.send(text_to(context.sender, question, operation))

    return work


async def _offer_again(context: Context, operation: Operation, record: RecordState, reason: Reason | None) -> Work:
    """The record changed under the open card: show it again as it is now."""
    seen = await sight(context.desk.db, context.me)
    again = await offer(context, seen, record, Wish(operation.action, operation.kind, operation.said, reason))

    def work(uow: UnitOfWork) -> None:
        context.desk.announcer.ended(uow, cancel(uow, operation.number, context.me))
        uow.outbox.send(text_to(context.sender, TextMessage(say(context.language, "changed_since_shown"))))
        again(uow)

    return work


async def archive_instead(context: Context, pressed: Pressed) -> Work:
    """改为归档: the same record, the gentler action."""
    if Action.ARCHIVE.right not in context.rights:
        raise NotAllowed(right=Action.ARCHIVE.right)
    operation = await context.desk.db.read(lambda uow: uow.operations.get(pressed.key.operation))
    if operation is None:
        raise NotFound("operation_not_found", operation=f"#{pressed.key.operation:04d}")
    record = await _still_there(context, operation.targets.first[0].ref)
    seen = await sight(context.desk.db, context.me)
    then = await offer(
        context, seen, record, Wish(Action.ARCHIVE, operation.kind, operation.said, operation.reason)
    )

    def work(uow: UnitOfWork) -> None:
        void = cancel(uow, operation.number, context.me)
        context.desk.announcer.replaced(uow, void, say(context.language, "archived_instead"))
        then(uow)

    return work


def _said(context: Context) -> str:
    content = context.incoming.content
    return getattr(content, "content", "")
