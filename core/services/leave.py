"""A member leaves or comes back: rights end at once, open work goes on with others."""

from dataclasses import dataclass, replace

from core.domain.approval import who_decides
from core.domain.audit import Event, Tag
from core.domain.operation import Operation, State
from core.domain.people import Person, PersonId
from core.domain.policy import Policy
from core.ports import UnitOfWork

MOST = 500
_OPEN = frozenset({State.PENDING, State.FINAL, State.STALE})


@dataclass(frozen=True, slots=True)
class Gone:
    person: Person | None
    manager: Person | None = None
    ended: tuple[Operation, ...] = ()
    """Own requests nobody stands by any more."""
    reassigned: tuple[Operation, ...] = ()
    """Requests that waited for this person alone, now put to others."""
    stuck: tuple[Operation, ...] = ()
    """Requests nobody else may decide: they wait for their term."""


def leave(uow: UnitOfWork, who: PersonId, policy: Policy) -> Gone:
    """Roles are taken, so that neither a return nor a reused id inherits them."""
    person = uow.people.get(who)
    if person is None or not person.active:
        return Gone(None)
    uow.people.put(replace(person, active=False, roles=frozenset()))
    uow.audit.append(Event(Tag.PERSON_LEFT, actor=who, detail={"generation": person.generation}))
    ended = tuple(
        _abandoned(uow, operation)
        for operation in uow.operations.of_requester(who, MOST)
        if operation.state in _OPEN
    )
    reassigned, stuck = [], []
    for operation in uow.operations.waiting_for(who, MOST):
        rest = tuple(asked for asked in operation.approvers if asked != who)
        if len(rest) >= operation.votes_needed:
            _put_to(uow, operation, rest, who)
        elif others := _others(uow, operation, policy):
            reassigned.append(_put_to(uow, operation, others, who))
        else:
            stuck.append(operation)
    manager = uow.people.get(person.leader) if person.leader else None
    return Gone(person, manager, ended, tuple(reassigned), tuple(stuck))


def _abandoned(uow: UnitOfWork, operation: Operation) -> Operation:
    ended = uow.operations.save(operation.abandon())
    uow.audit.append(
        Event(
            Tag.OPERATION_WITHDRAWN,
            actor=operation.requester,
            operation=operation.number,
            detail={"state": ended.state, "why": "left"},
        )
    )
    return ended


def _put_to(uow: UnitOfWork, operation: Operation, others: tuple[PersonId, ...], gone: PersonId) -> Operation:
    uow.audit.append(
        Event(
            Tag.OPERATION_REASSIGNED,
            actor=gone,
            operation=operation.number,
            detail={"approvers": len(others), "round": operation.round},
        )
    )
    return uow.operations.save(operation.reassign(others))


def _others(uow: UnitOfWork, operation: Operation, policy: Policy) -> tuple[PersonId, ...]:
    """Everybody who may decide now, when they are enough."""
    requester = uow.people.get(operation.requester)
    if requester is None:
        return ()
    rule = policy.rule(operation.action)
    others = who_decides(rule, requester, uow.people.everybody(), uow.people.rights())
    return others if len(others) >= operation.votes_needed else ()


def join(uow: UnitOfWork, who: PersonId) -> Person | None:
    """Back in sight, as a new generation of the id: without the roles of before until they are given again."""
    person = uow.people.get(who)
    if person is None:
        return None
    if not person.active:
        person = replace(person, active=True, generation=person.generation + 1)
        uow.people.put(person)
        uow.audit.append(Event(Tag.PERSON_JOINED, actor=who, detail={"generation": person.generation}))
    return person
