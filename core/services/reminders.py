"""Finds the reps who have customers nobody has spoken to lately, and stores what the reps answer."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from core.domain.events.records import DigestSent, ReminderAnswered
from core.domain.people import Person, PersonId
from core.domain.policy import Policy, Reminders
from core.domain.prompts import Asking
from core.domain.records import RecordRef
from core.domain.reminders import Digest, FactKind, ReminderFact, may_be_told
from core.ports.crm import Reader
from core.ports.store import Transactions, UnitOfWork
from core.services.prompts import new_prompt

SCAN_JOB = "digest scan"
SCAN_SLOT = "%Y-%m-%dT%H"
"""Each slot is one hour, so that a scan that a crash has cut short is made good by the next one."""


def silent_before(now: datetime, reminders: Reminders) -> datetime:
    return now - timedelta(days=reminders.inactive_days)


def claim_scan(uow: UnitOfWork) -> bool:
    """Returns True to the one process that scans in this hour: the row of the slot decides, not a clock."""
    return uow.reminders.claim_slot(SCAN_JOB, uow.now.strftime(SCAN_SLOT))


async def due_digests(db: Transactions, crm: Reader, policy: Policy) -> list[Digest]:
    """Returns a digest for each rep who has silent customers and got none lately, the longest silent first."""
    now = await db.read(lambda uow: uow.now)
    before = silent_before(now, policy.reminders)
    counted = await crm.silent_owners(before)
    digests = []
    for owner in counted:
        # `o=owner` fixes the owner for this function; the name from the loop could have moved on.
        found = await db.read(lambda uow, o=owner: _may_tell(uow, o, before, policy.reminders))  # type: ignore[misc]
        if found is None:
            continue
        person, quiet = found
        customers = await crm.silent(owner, before, policy.reminders.most_in_digest, quiet)
        if customers:
            # `quiet` may hold records that were not counted, but the total is never less than what is listed.
            digests.append(Digest(person, tuple(customers), max(len(customers), counted[owner] - len(quiet))))
    return digests


def _may_tell(
    uow: UnitOfWork, owner: PersonId, before: datetime, reminders: Reminders
) -> tuple[Person, frozenset[RecordRef]] | None:
    """Returns the rep and the records to leave out, or None when this rep is not told now."""
    person = uow.people.get(owner)
    if person is None or not may_be_told(person, uow.people.rights()):
        return None
    last = uow.reminders.last_digest(owner)
    if last is not None and uow.now - last < reminders.every:
        return None
    return person, uow.reminders.quiet(owner, before, uow.now)


def send_digest(uow: UnitOfWork, digest: Digest, reminders: Reminders) -> list[DigestSent]:
    """Returns the digest with its question, once over all processes; else nothing."""
    person = digest.person
    # Claimed in the transaction that sends: the scan of another process may have found the same rep.
    if not uow.reminders.claim_digest(person.id, reminders.every):
        return []
    numbers = tuple(customer.ref.number for customer in digest.customers)
    until = uow.now + reminders.every + reminders.snooze
    prompt = new_prompt(person, Asking.DIGEST, until, options=numbers)
    uow.prompts.put(prompt)
    return [DigestSent(digest, prompt)]


def answer(
    uow: UnitOfWork, person: Person, refs: Sequence[RecordRef], kind: FactKind, reminders: Reminders
) -> tuple[list[ReminderAnswered], datetime | None]:
    """Stores 已联系 or 下周再提醒 for each customer. The second value is the end of a snooze, None for 已联系."""
    until = uow.now + reminders.snooze if kind is FactKind.SNOOZED else None
    for ref in refs:
        uow.reminders.add(ReminderFact(ref, person.id, kind, uow.now, until))
    return [ReminderAnswered(person.id, ref, kind) for ref in refs], until
