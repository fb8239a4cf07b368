"""The small repositories: backups, prompts, reminders."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, or_, select

from core.domain.actions import Action
from core.domain.audit import Head
from core.domain.operation import Reason, ReasonCode, State
from core.domain.outbox import DeliveryState
from core.domain.people import PersonId
from core.domain.prompt import IN_WORDS, Asking, Prompt
from core.domain.records import Kind, RecordRef
from core.domain.reminder import FactKind, ReminderFact
from core.ports import BackupReceipt
from core.storage.tables import (
    backups,
    deliveries,
    digests,
    inbox,
    job_slots,
    operations,
    prompts,
    reminder_facts,
)
from core.storage.upsert import insert_new, upsert


class SqlBackups:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, receipt: BackupReceipt) -> None:
        upsert(
            self._connection,
            backups,
            [
                {
                    "operation": receipt.operation,
                    "file": receipt.file,
                    "records": receipt.records,
                    "size": receipt.size,
                    "file_hash": receipt.file_hash,
                    "content_hash": receipt.content_hash,
                    "head_seq": receipt.head.seq,
                    "head_hash": receipt.head.hash,
                    "made_at": receipt.made_at,
                }
            ],
            key=("operation",),
        )

    def get(self, operation: int) -> BackupReceipt | None:
        row = self._connection.execute(select(backups).where(backups.c.operation == operation)).one_or_none()
        return None if row is None else _receipt(row)

    def all(self) -> Iterator[BackupReceipt]:
        for row in self._connection.execute(select(backups).order_by(backups.c.operation)):
            yield _receipt(row)


def _receipt(row: Row[Any]) -> BackupReceipt:
    return BackupReceipt(
        operation=row.operation,
        file=row.file,
        records=row.records,
        size=row.size,
        file_hash=row.file_hash,
        content_hash=row.content_hash,
        head=Head(row.head_seq, row.head_hash),
        made_at=row.made_at,
    )


class SqlPrompts:
    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def put(self, prompt: Prompt) -> None:
        row = {
            "id": prompt.id,
            "person": prompt.person,
            "asking": prompt.asking,
            "expires_at": prompt.expires_at,
            "operation": prompt.operation,
            "action": prompt.action,
            "kind": prompt.kind,
            "asked_at": self._now,
            "options": json.dumps(prompt.options, ensure_ascii=False),
            "reason_code": prompt.reason.code if prompt.reason else None,
            "reason_words": prompt.reason.words if prompt.reason else "",
            "said": prompt.said,
            "heading": prompt.heading,
            "took_delete_as_void": prompt.took_delete_as_void,
        }
        self._connection.execute(insert(prompts), row)

    def get(self, person: PersonId, now: datetime, among: frozenset[Asking] = IN_WORDS) -> Prompt | None:
        row = self._connection.execute(
            select(prompts)
            .where(prompts.c.person == person, prompts.c.expires_at > now, prompts.c.asking.in_(among))
            .order_by(prompts.c.asked_at.desc(), prompts.c.id)
            .limit(1)
        ).one_or_none()
        return None if row is None else _prompt(row)

    def by_id(self, prompt_id: str, now: datetime) -> Prompt | None:
        row = self._connection.execute(
            select(prompts).where(prompts.c.id == prompt_id, prompts.c.expires_at > now)
        ).one_or_none()
        return None if row is None else _prompt(row)

    def drop(self, prompt_id: str) -> None:
        self._connection.execute(delete(prompts).where(prompts.c.id == prompt_id))

    def forget(self, before: datetime) -> int:
        return self._connection.execute(delete(prompts).where(prompts.c.expires_at < before)).rowcount


def _prompt(row: Row[Any]) -> Prompt:
    return Prompt(
        id=row.id,
        person=PersonId(row.person),
        asking=Asking(row.asking),
        expires_at=row.expires_at,
        operation=row.operation,
        action=Action(row.action) if row.action else None,
        kind=Kind(row.kind),
        options=tuple(json.loads(row.options)),
        reason=Reason(ReasonCode(row.reason_code), row.reason_words) if row.reason_code else None,
        said=row.said,
        heading=row.heading,
        took_delete_as_void=bool(row.took_delete_as_void),
    )


class SqlReminders:
    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

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

    def digest_sent(self, person: PersonId, at: datetime) -> None:
        upsert(self._connection, digests, [{"person": person, "sent_at": at}], key=("person",))

    def claim_slot(self, job: str, slot: str) -> bool:
        return insert_new(self._connection, job_slots, {"job": job, "slot": slot, "taken_at": self._now})

    def slot_taken(self, job: str, slot: str) -> bool:
        query = select(job_slots.c.slot).where(job_slots.c.job == job, job_slots.c.slot == slot)
        return self._connection.execute(query).first() is not None

    def forget_slots(self, before: datetime) -> int:
        return self._connection.execute(delete(job_slots).where(job_slots.c.taken_at < before)).rowcount


def waiting(connection: Connection) -> dict[str, int]:
    """Rows that wait in each queue, for metrics."""
    queues = {
        "inbox": select(func.count()).where(inbox.c.state == "new"),
        "operations": select(func.count()).where(operations.c.state.in_((State.APPROVED, State.EXECUTING))),
        "deliveries": select(func.count()).where(deliveries.c.state == DeliveryState.WAITING),
    }
    return {name: int(connection.execute(query).scalar_one()) for name, query in queues.items()}
