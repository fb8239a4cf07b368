"""Stores what reps answered to reminders, when each got the last digest, and which job slots are taken.

A slot is one hour or one day of a scheduled job; the process that takes it runs the job.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, or_, select

from core.domain.people import PersonId
from core.domain.records import Kind, RecordRef
from core.domain.reminders import FactKind, ReminderFact
from core.storage.tables import digests, job_slots, reminder_facts
from core.storage.upsert import insert_new, upsert_if


@dataclass
class SqlReminders:
    _connection: Connection
    _now: datetime

    def add(self, fact: ReminderFact) -> None:
        row = {
            "kind": fact.kind,
            "record_kind": fact.ref.kind,
            "record_number": fact.ref.number,
            "person": fact.person,
            "at": fact.at,
            "until": fact.until,
        }
        self._connection.execute(insert(reminder_facts), row)

    def quiet(self, person: PersonId, before: datetime, now: datetime) -> frozenset[RecordRef]:
        facts = reminder_facts.c
        rows = self._connection.execute(
            select(facts.record_kind, facts.record_number)
            .where(
                facts.person == person,
                or_(
                    (facts.kind == FactKind.SNOOZED) & (facts.until > now),
                    (facts.kind == FactKind.CONTACTED) & (facts.at > before),
                ),
            )
            .distinct()
        )
        return frozenset(RecordRef(Kind(row.record_kind), row.record_number) for row in rows)

    def last_digest(self, person: PersonId) -> datetime | None:
        return self._connection.execute(
            select(digests.c.sent_at).where(digests.c.person == person)
        ).scalar_one_or_none()

    def claim_digest(self, person: PersonId, every: timedelta) -> bool:
        row = {"person": person, "sent_at": self._now}
        return upsert_if(self._connection, digests, row, digests.c.sent_at <= self._now - every)

    def claim_slot(self, job: str, slot: str) -> bool:
        return insert_new(self._connection, job_slots, {"job": job, "slot": slot, "taken_at": self._now})

    def slot_taken(self, job: str, slot: str) -> bool:
        query = select(job_slots.c.slot).where(job_slots.c.job == job, job_slots.c.slot == slot)
        return self._connection.execute(query).first() is not None

    def forget_slots(self, before: datetime) -> int:
        return self._connection.execute(delete(job_slots).where(job_slots.c.taken_at < before)).rowcount
