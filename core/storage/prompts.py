"""Stores the questions that the bot has asked people and that are still open."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from core.domain.actions import Action
from core.domain.operation.reason import Reason, ReasonCode
from core.domain.people import PersonId
from core.domain.prompts import IN_WORDS, Asking, Prompt
from core.domain.records import Kind
from core.storage.tables import prompts


@dataclass
class SqlPrompts:
    _connection: Connection
    _now: datetime

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
            # Questions of one transaction share their moment; the id makes the choice the same each time.
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
