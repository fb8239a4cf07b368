"""A member leaves, loses roles or comes back: rights end at once, open work goes on with others."""

from dataclasses import replace

from core.domain.approval.plan import who_decides
from core.domain.events.domain_event import DomainEvent
from core.domain.events.people import PersonJoined, PersonLeft
from core.domain.events.requests import OperationAbandoned, OperationReassigned, OperationStuck
from core.domain.operation.life import WAITING_FOR_PEOPLE, State
from core.domain.operation.operation import Operation
from core.domain.people import Person, PersonId, Right
from core.domain.policy import Policy
from core.ports.store import UnitOfWork
from core.services.operations import locked

MOST = 10_000


def leave(uow: UnitOfWork, who: PersonId, policy: Policy) -> list[DomainEvent]:
    """Roles are taken, so that neither a return nor a reused id inherits them."""
    uow.people.lock_all()  # two who leave together must not hand their work to each other
    person = uow.people.get(who)
    if person is None or not person.active:
        return []
    return _leave(uow, person, policy)


def missed(uow: UnitOfWork, asked: Person, found: str, policy: Policy) -> list[DomainEvent]:
    """As `leave`, for somebody the directory no longer knows: the platform's word of it was lost.

    `asked` is the person as known when the directory was asked; who has changed since is left alone.
    """
    uow.people.lock_all()
    person = uow.people.get(asked.id)
    if person is None or not person.active or person.generation != asked.generation:
        return []
    return _leave(uow, person, policy, found)


def _leave(uow: UnitOfWork, person: Person, policy: Policy, found: str = "") -> list[DomainEvent]:
    uow.people.put(replace(person, active=False, roles=frozenset()))
    manager = uow.people.get(person.leader) if person.leader else None
    parted = _part_with(uow, person, "left", frozenset(Right), policy)
    ended = sum(isinstance(event, OperationAbandoned) for event in parted)
    return [PersonLeft(person, manager, ended, found), *parted]


def lose(uow: UnitOfWork, person: Person, rights: frozenset[Right], policy: Policy) -> list[DomainEvent]:
    """Somebody stays, and has lost these rights with their roles; that change itself is stored already.

    Own requests they could no longer make end now rather than at the moment of execution.
    """
    return _part_with(uow, person, "right lost", rights, policy)


def _part_with(
    uow: UnitOfWork, person: Person, why: str, rights: frozenset[Right], policy: Policy
) -> list[DomainEvent]:
    """Own requests end, what waits for this person goes to others; lowest number first, as all lock them."""
    own = uow.operations.numbers_of(person.id, WAITING_FOR_PEOPLE)
    asked = uow.operations.waiting_for(person.id, MOST) if Right.APPROVE in rights else []
    events: list[DomainEvent] = []
    for number in sorted({*own, *(operation.number for operation in asked)}):
        operation = locked(uow, number)
        if operation.requester != person.id:
            events += _hand_on(uow, operation, person.id, policy)
        elif operation.state in WAITING_FOR_PEOPLE and operation.action.right in rights:
            events.append(OperationAbandoned(uow.operations.save(operation.abandon()), why))
    return events


def _hand_on(uow: UnitOfWork, operation: Operation, who: PersonId, policy: Policy) -> list[DomainEvent]:
    """To those asked besides this person, when they are enough; else to others, when there are any."""
    if operation.state is not State.PENDING or who not in operation.approvers:
        return []
    rest = tuple(asked for asked in operation.approvers if asked != who)
    if len(rest) >= operation.votes_needed:
        return [OperationReassigned(uow.operations.save(operation.reassign(rest)), who, others_asked=False)]
    if others := _others(uow, operation, policy):
        return [OperationReassigned(uow.operations.save(operation.reassign(others)), who, others_asked=True)]
    return [OperationStuck(operation)]


def _others(uow: UnitOfWork, operation: Operation, policy: Policy) -> tuple[PersonId, ...]:
    """Everybody who may decide now, when they are enough."""
    requester = uow.people.get(operation.requester)
    if requester is None:
        return ()
    rule = policy.rule(operation.action)
    others = who_decides(rule, requester, uow.people.who_may(Right.APPROVE), uow.people.rights())
    return others if len(others) >= operation.votes_needed else ()


def join(uow: UnitOfWork, who: PersonId) -> list[PersonJoined]:
    """Back in sight, as a new generation of the id: without the roles of before until they are given again."""
    person = uow.people.get(who)
    if person is None or person.active:
        return []
    uow.people.lock_all()
    person = uow.people.get(who)
    if person is None or person.active:
        return []
    returned = replace(person, active=True, generation=person.generation + 1)
    uow.people.put(returned)
    return [PersonJoined(returned)]
