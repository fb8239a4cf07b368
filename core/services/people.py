"""Handles members who leave, lose roles or come back: rights end at once, and open work goes to others."""

from dataclasses import replace

from core.domain.approval.plan import who_decides
from core.domain.events.domain_event import DomainEvent
from core.domain.events.people import PersonJoined, PersonLeft
from core.domain.events.requests import OperationAbandoned, OperationReassigned, OperationStuck
from core.domain.operation.life import WAITING_FOR_PEOPLE, State
from core.domain.operation.operation import Operation
from core.domain.people import Person, PersonId, Right
from core.domain.policy import ApprovalRule, Policy
from core.ports.store import UnitOfWork
from core.services.operations import locked

MOST = 10_000
"""The number of pending requests of one approver that are handed on."""


def leave(uow: UnitOfWork, who: PersonId, policy: Policy) -> list[DomainEvent]:
    """Makes a person inactive and takes the roles away, so that neither a return nor a reused id inherits them."""
    uow.people.lock_all()  # two who leave at the same moment must not hand their work to each other
    person = uow.people.get(who)
    if person is None or not person.active:
        return []
    return _leave(uow, person, policy)


def missed(uow: UnitOfWork, asked: Person, found: str, policy: Policy) -> list[DomainEvent]:
    """Does what `leave` does for a person whom the directory no longer knows, because WeCom's callback was lost.

    `asked` is the person as known when the directory was asked, and `found` is what the directory said.
    """
    uow.people.lock_all()
    person = uow.people.get(asked.id)
    # Since the directory was asked, the person may have left and come back, which makes a new generation.
    if person is None or not person.active or person.generation != asked.generation:
        return []
    return _leave(uow, person, policy, found)


def _leave(uow: UnitOfWork, person: Person, policy: Policy, found: str = "") -> list[DomainEvent]:
    # Stored first, so that the leaver is not among those to whom work can be handed.
    uow.people.put(replace(person, active=False, roles=frozenset()))
    manager = uow.people.get(person.leader) if person.leader else None
    parted = _part_with(uow, person, "left", frozenset(Right), policy)
    ended = sum(isinstance(event, OperationAbandoned) for event in parted)
    return [PersonLeft(person, manager, ended, found), *parted]


def lose(uow: UnitOfWork, person: Person, rights: frozenset[Right], policy: Policy) -> list[DomainEvent]:
    """Ends or hands on the work of a person who stays but has lost these rights; the caller has stored the change.

    Own requests that the person could no longer make end now, and not only at the moment of execution.
    """
    return _part_with(uow, person, "right lost", rights, policy)


def _part_with(
    uow: UnitOfWork, person: Person, why: str, rights: frozenset[Right], policy: Policy
) -> list[DomainEvent]:
    """Ends the person's own requests, and hands on the requests that wait for the person's vote."""
    own = uow.operations.numbers_of(person.id, WAITING_FOR_PEOPLE)
    asked = uow.operations.waiting_for(person.id, MOST) if Right.APPROVE in rights else []
    events: list[DomainEvent] = []
    # Everybody locks the lowest number first, so that two transactions cannot deadlock. The numbers were read
    # before the locks, so the state of each operation is looked at again.
    for number in sorted({*own, *(operation.number for operation in asked)}):
        operation = locked(uow, number)
        if operation.requester != person.id:
            events += _hand_on(uow, operation, person.id, policy)
        elif operation.state in WAITING_FOR_PEOPLE and operation.action.right in rights:
            events.append(OperationAbandoned(uow.operations.save(operation.abandon()), why))
    return events


def _hand_on(uow: UnitOfWork, operation: Operation, who: PersonId, policy: Policy) -> list[DomainEvent]:
    """Leaves the request to the other approvers if they are enough, else asks others, else reports it as stuck."""
    if operation.state is not State.PENDING or who not in operation.approvers:
        return []
    rest = tuple(asked for asked in operation.approvers if asked != who)
    if len(rest) >= operation.votes_needed:
        return [OperationReassigned(uow.operations.save(operation.reassign(rest)), who, others_asked=False)]
    if others := _others(uow, operation, policy):
        return [OperationReassigned(uow.operations.save(operation.reassign(others)), who, others_asked=True)]
    return [OperationStuck(operation)]


def _others(uow: UnitOfWork, operation: Operation, policy: Policy) -> tuple[PersonId, ...]:
    """Returns everybody who may decide the request now, or nobody when they are too few."""
    requester = uow.people.get(operation.requester)
    if requester is None:
        return ()
    rule = policy.rule(operation.action)
    others = who_may_decide(uow, rule, requester)
    return others if len(others) >= operation.votes_needed else ()


def who_may_decide(uow: UnitOfWork, rule: ApprovalRule, requester: Person) -> tuple[PersonId, ...]:
    """Returns the people whom the policy asks about a request of this person."""
    return who_decides(rule, requester, uow.people.who_may(Right.APPROVE), uow.people.rights())


def join(uow: UnitOfWork, who: PersonId) -> list[PersonJoined]:
    """Makes a person who had left active again, as a new generation of the user id and without the old roles."""
    # Looked at without the lock first: most who join had not left, and the lock holds everybody up.
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
