"""Converts operations, targets and votes to table rows and back."""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row

from core.domain.actions import Action, LifeStatus
from core.domain.approval.vote import Decision, Vote
from core.domain.facts import owner_in
from core.domain.fingerprint import Fingerprint
from core.domain.operation.life import State
from core.domain.operation.operation import Mode, Operation
from core.domain.operation.reason import Reason, ReasonCode
from core.domain.operation.targets import Outcome, Target, Targets
from core.domain.people import PersonId
from core.domain.records import Kind, RecordRef


def row_of(operation: Operation) -> dict[str, object]:
    reason = operation.reason
    return {
        "action": operation.action,
        "kind": operation.kind,
        "mode": operation.mode,
        "state": operation.state,
        "requester": operation.requester,
        "round": operation.round,
        "fingerprint": operation.targets.fingerprint,
        "target_count": operation.targets.count,
        "reason_code": reason.code if reason else None,
        "reason_words": reason.words if reason else "",
        "said": operation.said,
        # WeCom user ids consist of letters, digits and _-@. so none can hold the separator.
        "approvers": "|".join(operation.approvers),
        "votes_needed": operation.votes_needed,
        "created_at": operation.created_at,
        "confirmed_at": operation.confirmed_at,
        "expires_at": operation.expires_at,
        "nudge_at": operation.nudge_at,
        "pushed_at": operation.pushed_at,
        "finished_at": operation.finished_at,
        "undone_at": operation.undone_at,
        "undone_by": operation.undone_by,
        "undo_of": operation.undo_of,
        "undo_until": operation.undo_until,
        "note": operation.note,
        "fence": operation.fence,
        "tries": operation.tries,
    }


def operation_of(row: Row[Any], first: Iterable[Row[Any]], cast: Iterable[Row[Any]]) -> Operation:
    """`first` are the rows of the first few targets, `cast` those of the votes."""
    return Operation(
        number=row.number,
        action=Action(row.action),
        kind=Kind(row.kind),
        requester=PersonId(row.requester),
        targets=Targets(row.target_count, tuple(map(target_of, first)), Fingerprint(row.fingerprint)),
        created_at=row.created_at,
        state=State(row.state),
        mode=Mode(row.mode),
        round=row.round,
        reason=Reason(ReasonCode(row.reason_code), row.reason_words) if row.reason_code else None,
        said=row.said,
        approvers=tuple(PersonId(person) for person in row.approvers.split("|") if person),
        votes_needed=row.votes_needed,
        votes=tuple(map(vote_of, cast)),
        expires_at=row.expires_at,
        nudge_at=row.nudge_at,
        pushed_at=row.pushed_at,
        confirmed_at=row.confirmed_at,
        undo_of=row.undo_of,
        undo_until=row.undo_until,
        finished_at=row.finished_at,
        undone_at=row.undone_at,
        undone_by=PersonId(row.undone_by) if row.undone_by else None,
        fence=row.fence,
        tries=row.tries,
        note=row.note,
        revision=row.revision,
    )


def target_row(number: int, target: Target) -> dict[str, object]:
    return {
        "operation": number,
        "kind": target.ref.kind,
        "number": target.ref.number,
        "name": target.name,
        "version": target.version,
        "status": target.status,
        "outcome": target.outcome,
        # A column of its own beside the facts, because outcomes are counted by owner in SQL.
        "owner": owner_in(target.facts),
        "facts": json.dumps(dict(target.facts), ensure_ascii=False) if target.facts else "{}",
    }


def target_of(row: Row[Any]) -> Target:
    return Target(
        ref=RecordRef(Kind(row.kind), row.number),
        name=row.name,
        version=row.version,
        status=LifeStatus(row.status),
        outcome=Outcome(row.outcome) if row.outcome else None,
        facts=json.loads(row.facts),
    )


def vote_row(number: int, vote: Vote) -> dict[str, object]:
    return {
        "operation": number,
        "round": vote.round,
        "person": vote.person,
        "decision": vote.decision,
        "at": vote.at,
        "fingerprint": vote.fingerprint,
        "generation": vote.generation,
        "words": vote.words,
    }


def vote_of(row: Row[Any]) -> Vote:
    return Vote(
        person=PersonId(row.person),
        decision=Decision(row.decision),
        at=row.at,
        fingerprint=Fingerprint(row.fingerprint),
        round=row.round,
        generation=row.generation,
        words=row.words,
    )
