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


def leave(uow: UnitOfWork, who: PersonId, policy: Policy) -> Gone:
    """Roles are taken, so that neither a return nor a reused id inherits them."""
    person = uow.people.get(who)
    if person is None or not person.active:
        return Gone(None)
    uow.people.put(replace(person, active=False, roles=frozenset()))
    uow.audit.append(Event(Tag.PERSON_LEFT, actor=who, detail={"generation": person.generation}))
    ended = tuple(
        uow.operations.save(operation.abandon())
        for operation in uow.operations.of_requester(who, MOST)
        if operation.state in _OPEN
    )
    reassigned = tuple(
        filter(None, (_reassign(uow, op, who, policy) for op in uow.operations.waiting_for(who, MOST)))
    )
    manager = uow.people.get(person.leader) if person.leader else None
    return Gone(person, manager, ended, reassigned)


def _reassign(uow: UnitOfWork, operation: Operation, gone: PersonId, policy: Policy) -> Operation | None:
    """None: enough others were asked already, or nobody else may decide; then it waits for its term."""
    rest = tuple(person for person in operation.approvers if person != gone)
    if len(rest) >= operation.votes_needed:
        uow.operations.save(operation.reassign(rest))
        return None
    requester = uow.people.get(operation.requester)
    rule = policy.rule(operation.action)
    others = who_decides(rule, requester, uow.people.everybody(), uow.people.rights()) if requester else ()
    if len(others) < operation.votes_needed:
        return None
    return uow.operations.save(operation.reassign(others))


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
