"""A member leaves, loses roles or comes back: rights end at once, open work goes on with others."""

from dataclasses import dataclass, replace

from core.domain.approval.plan import who_decides
from core.domain.audit import Detail, Event, Tag
from core.domain.operation.life import WAITING_FOR_PEOPLE, State
from core.domain.operation.operation import Operation
from core.domain.people import Person, PersonId, Right
from core.domain.policy import Policy
from core.ports.store import UnitOfWork

MOST = 10_000


@dataclass(frozen=True, slots=True)
class Gone:
    person: Person | None
    manager: Person | None = None
    """Of somebody who has left: goes on with their work."""
    ended: tuple[Operation, ...] = ()
    """Own requests nobody stands by any more."""
    reassigned: tuple[Operation, ...] = ()
    """Requests that waited for this person alone, now put to others."""
    stuck: tuple[Operation, ...] = ()
    """Requests nobody else may decide: they wait for their term."""


def leave(uow: UnitOfWork, who: PersonId, policy: Policy) -> Gone:
    """Roles are taken, so that neither a return nor a reused id inherits them."""
    uow.people.lock_all()  # two who leave together must not hand their work to each other
    person = uow.people.get(who)
    if person is None or not person.active:
        return Gone(None)
    return _leave(uow, person, policy, Event(Tag.PERSON_LEFT, who, detail={"generation": person.generation}))


def missed(uow: UnitOfWork, asked: Person, found: str, policy: Policy) -> Gone:
    """As `leave`, for somebody the directory no longer knows: WeCom's word of it was lost.

    `asked`: the person as known when the directory was asked; who has changed since is left alone.
    """
    uow.people.lock_all()
    person = uow.people.get(asked.id)
    if person is None or not person.active or person.generation != asked.generation:
        return Gone(None)
    detail: Detail = {"generation": person.generation, "found": found}
    return _leave(uow, person, policy, Event(Tag.PERSON_MISSED, person.id, detail=detail))


def _leave(uow: UnitOfWork, person: Person, policy: Policy, logged: Event) -> Gone:
    uow.people.put(replace(person, active=False, roles=frozenset()))
    uow.audit.append(logged)
    manager = uow.people.get(person.leader) if person.leader else None
    return replace(_part_with(uow, person, "left", frozenset(Right), policy), manager=manager)


def lose(uow: UnitOfWork, person: Person, rights: frozenset[Right], policy: Policy) -> Gone:
    """Somebody stays, and has lost these rights with their roles; the change itself is stored and logged already.

    Own requests they could no longer make end now rather than at the moment of execution.
    """
    return _part_with(uow, person, "right lost", rights, policy)


def _part_with(uow: UnitOfWork, person: Person, why: str, rights: frozenset[Right], policy: Policy) -> Gone:
    """Own requests end, what waits for this person goes to others; lowest number first, as all lock them."""
    own = uow.operations.numbers_of(person.id, WAITING_FOR_PEOPLE)
    asked = uow.operations.waiting_for(person.id, MOST) if Right.APPROVE in rights else []
    ended: list[Operation] = []
    reassigned: list[Operation] = []
    stuck: list[Operation] = []
    for number in sorted({*own, *(operation.number for operation in asked)}):
        operation = uow.operations.lock(number)
        assert operation is not None  # it was just listed, and none is ever removed
        if operation.requester != person.id:
            _hand_on(uow, operation, person.id, policy, reassigned, stuck)
        elif operation.state in WAITING_FOR_PEOPLE and operation.action.right in rights:
            ended.append(_abandoned(uow, operation, why))
    return Gone(person, None, tuple(ended), tuple(reassigned), tuple(stuck))


def _hand_on(
    uow: UnitOfWork,
    operation: Operation,
    who: PersonId,
    policy: Policy,
    reassigned: list[Operation],
    stuck: list[Operation],
) -> None:
    """To those asked besides this person, when they are enough; else to others, when there are any."""
    if operation.state is not State.PENDING or who not in operation.approvers:
        return
    rest = tuple(asked for asked in operation.approvers if asked != who)
    if len(rest) >= operation.votes_needed:
        _put_to(uow, operation, rest, who)
    elif others := _others(uow, operation, policy):
        reassigned.append(_put_to(uow, operation, others, who))
    else:
        stuck.append(operation)


def _abandoned(uow: UnitOfWork, operation: Operation, why: str) -> Operation:
    ended = uow.operations.save(operation.abandon())
    uow.audit.append(
        Event(
            Tag.OPERATION_WITHDRAWN,
            actor=operation.requester,
            operation=operation.number,
            detail={"state": ended.state, "why": why},
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
    others = who_decides(rule, requester, uow.people.who_may(Right.APPROVE), uow.people.rights())
    return others if len(others) >= operation.votes_needed else ()


def join(uow: UnitOfWork, who: PersonId) -> Person | None:
    """Back in sight, as a new generation of the id: without the roles of before until they are given again."""
    person = uow.people.get(who)
    if person is None or person.active:
        return person
    uow.people.lock_all()
    person = uow.people.get(who)
    if person is not None and not person.active:
        person = replace(person, active=True, generation=person.generation + 1)
        uow.people.put(person)
        uow.audit.append(Event(Tag.PERSON_JOINED, actor=who, detail={"generation": person.generation}))
    return person
