"""Takes the next approved operation to work on: claims it, counts its votes again, and logs the intent."""

import json
from dataclasses import dataclass

from core.domain.approval.approved import Approved, approved
from core.domain.approval.plan import who_still_decides
from core.domain.approval.vote import Decision
from core.domain.audit import Tag
from core.domain.errors import QuorumLost
from core.domain.events.domain_event import DomainEvent
from core.domain.events.execution import ExecutionBegun, OperationReopened
from core.domain.fingerprint import fingerprint
from core.domain.operation.operation import Operation
from core.domain.people import Right
from core.domain.policy import Policy
from core.ports.store import UnitOfWork
from core.services.executing.finish import end_early, has_begun
from core.services.executing.shared import LEASE, all_targets

MOST_VOTES = 1000
"""More entries of votes than one round can have."""


@dataclass(frozen=True, slots=True)
class Taken:
    """An operation that a worker has claimed, and the result of counting its votes again."""

    operation: Operation
    proof: Approved | None
    """None when the votes no longer suffice: the operation went back to its approvers, or it has ended."""
    events: tuple[DomainEvent, ...]
    more: bool
    """True when another operation waits."""


def take(uow: UnitOfWork, owner: str, policy: Policy) -> Taken | None:
    """Claims the next approved operation and counts its votes with the roles of this moment.

    Returns None when no operation waits.
    """
    operation = uow.operations.claim(owner, uow.now, LEASE)
    if operation is None:
        return None
    # The claim keeps people from leaving or losing a role between this count and the commit.
    concerned = {operation.requester, *(vote.person for vote in operation.votes)}
    people = uow.people.get_all(concerned)
    try:
        _refuse_unlogged(uow, operation)
        proof = approved(operation, policy.rule(operation.action), people, uow.people.rights())
        _same_list(uow, operation)
    except QuorumLost as lost:
        events = tuple(_send_back(uow, operation, policy, str(lost)))
        return Taken(operation, None, events, uow.operations.waits(uow.now))
    return Taken(operation, proof, (ExecutionBegun(operation),), uow.operations.waits(uow.now))


def _refuse_unlogged(uow: UnitOfWork, operation: Operation) -> None:
    """Raises QuorumLost for a vote without its own entry in the log, and AuditBroken when an entry was changed."""
    votes = operation.current_votes(Decision.APPROVE)
    if not votes:
        return
    # A person votes once in a round, so this many of the newest entries hold every vote of this one.
    entries = uow.audit.of_operation(operation.number, MOST_VOTES, {Tag.OPERATION_VOTED}, newest=True)
    voter = uow.audit.names(vote.person for vote in votes)
    logged = {
        (voter.get(entry.actor), *map(json.loads(entry.detail).get, ("decision", "fingerprint", "round")))
        for entry in entries
    }
    for vote in votes:
        if (vote.person, vote.decision, vote.fingerprint, vote.round) not in logged:
            raise QuorumLost(f"{operation.label}: the log holds no entry of a vote that is stored")


def _same_list(uow: UnitOfWork, operation: Operation) -> None:
    """Raises QuorumLost when the stored list does not give the fingerprint that people voted on."""
    listed = ((target.ref, target.version) for target in all_targets(uow, operation.number))
    if fingerprint(operation.action, operation.mode, listed) != operation.fingerprint:
        raise QuorumLost(f"{operation.label}: the stored list is not the approved one")


def _send_back(uow: UnitOfWork, operation: Operation, policy: Policy, why: str) -> list[DomainEvent]:
    """Asks those who may decide now, or fails the operation when they are too few."""
    if has_begun(uow, operation):  # nobody votes on what has happened already
        return end_early(uow, operation, policy, why)
    rule, requester = policy.rule(operation.action), uow.people.get(operation.requester)
    may = uow.people.who_may(Right.APPROVE)
    approvers = who_still_decides(operation.action, rule, requester, may, uow.people.rights())
    if rule.votes and len(approvers) >= rule.votes:
        back = operation.reopen().ask_others(approvers, rule.votes, uow.now + rule.expires)
        return [OperationReopened(uow.operations.save(back), why)]
    return end_early(uow, operation, policy, why)
