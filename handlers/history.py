"""日志, 谁动了 X: looks into the log that change nothing."""

import json

from cards.finding import find_text
from cards.history import ENDED, log_text
from cards.reasons import reason_words
from cards.views import Deed, HitsView, Names
from core.domain.actions import LifeStatus
from core.domain.approval.vote import Decision
from core.domain.audit import AuditEntry, Tag
from core.domain.errors import BadInput, NotFound
from core.domain.operation.life import State
from core.domain.operation.operation import Operation
from core.domain.outbox import Envelope
from core.domain.people import PersonId, Sight
from core.domain.records import Hits, Kind, RecordState
from core.ports.store import UnitOfWork
from core.services.finding import sight
from core.services.history import Past, past_of_operation, past_of_record
from core.services.operations import not_found
from handlers.context import Answer, Context, Transaction
from handlers.finding import customers_or_groups, owners_of
from language.commands import Log


async def log(context: Context, command: Log) -> Transaction:
    """Answers 谁动了 X from the log: who, when, why."""
    seen = await sight(context.desk.db, context.me)
    if command.operation is not None:
        return _log_of_operation(context, seen, command.operation)
    if not command.what:
        raise BadInput("log_of_what")
    hits = await customers_or_groups(context, seen, command.what, Kind.CUSTOMER)
    if not hits.items:
        raise NotFound(what=command.what)
    hit = hits.sure or (hits.items[0] if len(hits.items) == 1 else None)
    return _log_of_record(context, hit.record) if hit else _which_one(context, command.what, hits)


def _which_one(context: Context, what: str, hits: Hits) -> Transaction:
    """Lists the records that fit with their numbers, so that the person can go on with 日志 C1024."""

    def tell(uow: UnitOfWork) -> Answer:
        return [context.reply(find_text(context.viewer, HitsView(what, hits, owners_of(uow, hits))))]

    return tell


def _log_of_record(context: Context, record: RecordState) -> Transaction:
    def tell(uow: UnitOfWork) -> Answer:
        past = _without_inner_undos(past_of_record(uow, record.ref))
        return [_log(uow, context, past, record.label, record.status)]

    return tell


def _without_inner_undos(past: Past) -> Past:
    """Leaves out the entries of undos: the undone operation has an entry of its own that it was undone."""
    inner = {number for number, operation in past.operations.items() if operation.undo_of is not None}
    return Past(tuple(entry for entry in past.entries if entry.operation not in inner), past.operations)


def _log_of_operation(context: Context, seen: Sight, number: int) -> Transaction:
    def tell(uow: UnitOfWork) -> Answer:
        past = past_of_operation(uow, number)
        operation = past.operations.get(number)
        # One answer for both, so that it does not tell which numbers exist.
        if operation is None or not _concerns(context.sender, seen, operation):
            raise not_found(number)
        return [_log(uow, context, past, operation.label)]

    return tell


def _concerns(person: PersonId, seen: Sight, operation: Operation) -> bool:
    """Returns whether a person may see the log of the operation: its people, and whoever sees the requester's."""
    return person in {operation.requester, *operation.approvers} or seen.includes(operation.requester)


_VOTES = {Decision.APPROVE: Tag.OPERATION_APPROVED, Decision.REJECT: Tag.OPERATION_REJECTED}


def _log(uow: UnitOfWork, context: Context, past: Past, what: str, status: LifeStatus | None = None) -> Envelope:
    # The log holds pseudonyms, which cannot be turned back: so those of all people are made and compared.
    known = {person.id: person.name for person in uow.people.everybody()}
    names = uow.audit.names(list(known))
    marks = {mark: known[PersonId(person)] for mark, person in names.items()}
    deeds = [_deed(context, entry, past, marks, known) for entry in past.entries]
    agreed = _who_agreed(past, deeds, known)
    return context.reply(log_text(context.viewer, what, deeds, status, agreed))


def _who_agreed(past: Past, deeds: list[Deed], known: Names) -> str:
    """Returns the names of those who approved what was done last; "" for an undo, which nobody approves."""
    last = next((deed for deed in deeds if deed.tag in ENDED), None)
    operation = past.operations.get(last.operation or 0) if last and last.tag is Tag.OPERATION_FINISHED else None
    votes = operation.current_votes(Decision.APPROVE) if operation else ()
    return " ".join(known.get(vote.person, str(vote.person)) for vote in votes)


def _deed(context: Context, entry: AuditEntry, past: Past, marks: dict[str, str], known: Names) -> Deed:
    """Returns one line of the history; `marks` are the names behind the log's pseudonyms."""
    operation = past.operations.get(entry.operation or 0)
    tag, detail = Tag(entry.tag), json.loads(entry.detail)
    # The entry of an end has no actor, since a worker wrote it; the line names the requester.
    who = marks.get(entry.actor, "")
    if operation is not None and tag in ENDED:
        who = known.get(operation.requester, str(operation.requester))
    return Deed(
        at=entry.at,
        tag=_VOTES[Decision(detail["decision"])] if tag is Tag.OPERATION_VOTED else tag,
        who=who,
        what=operation.targets.first[0].name if operation and operation.targets.first else "",
        operation=entry.operation,
        action=operation.action if operation else None,
        reason=_reason(context, operation),
        state=State(detail["state"]) if tag is Tag.OPERATION_FINISHED else None,
    )


def _reason(context: Context, operation: Operation | None) -> str:
    if operation is None or operation.reason is None:
        return ""
    return reason_words(context.language, operation.kind, operation.reason)
