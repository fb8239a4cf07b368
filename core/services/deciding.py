"""Takes the vote of an approver, given by a tap or in words."""

from dataclasses import dataclass

from core.domain.approval.vote import Decision, Vote
from core.domain.events.requests import VoteCast
from core.domain.operation.life import State
from core.domain.outbox import CardCopy
from core.domain.people import Person
from core.domain.policy import Policy
from core.ports.store import UnitOfWork
from core.services.confirming import refuse_late
from core.services.operations import locked


@dataclass(frozen=True, slots=True)
class Ballot:
    """A decision on a request in its current round. The caller has made sure that this round was shown."""

    operation: int
    decision: Decision
    words: str = ""
    card: CardCopy | None = None
    """The card that the person had been shown, where that is known; the log keeps its hash."""


def decide(uow: UnitOfWork, voter: Person, ballot: Ballot, policy: Policy) -> VoteCast:
    """Stores a vote, and moves the request on when that vote decides it.

    Raises NotFound, NotYours, AlreadyClosed.
    """
    operation = locked(uow, ballot.operation)
    # Fingerprint and round come from the locked row, so the vote counts for this list and this round only.
    vote = Vote(
        person=voter.id,
        decision=ballot.decision,
        at=uow.now,
        fingerprint=operation.fingerprint,
        round=operation.round,
        generation=voter.generation,  # so that a later holder of the same user id does not inherit the vote
        words=ballot.words,
    )
    rule = policy.rule(operation.action)
    decided = operation.decide(vote, voter, final=rule.final_confirm)
    refuse_late(uow, operation)
    if decided.state is State.FINAL:  # the requester's term to say 执行 begins now
        decided = decided.await_run(uow.now + rule.expires)
    return VoteCast(uow.operations.save(decided), vote, ballot.card)
