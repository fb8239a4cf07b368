"""A vote, by a tap or in words."""

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
    """What a person decided about a request as it is now: whoever takes it has seen to it that it was shown so."""

    operation: int
    decision: Decision
    words: str = ""
    card: CardCopy | None = None
    """What the person had been shown, where it is known; it goes into the log."""


def decide(uow: UnitOfWork, voter: Person, ballot: Ballot, policy: Policy) -> VoteCast:
    """Raises NotFound, NotYours, AlreadyClosed."""
    operation = locked(uow, ballot.operation)
    vote = Vote(
        person=voter.id,
        decision=ballot.decision,
        at=uow.now,
        fingerprint=operation.fingerprint,
        round=operation.round,
        generation=voter.generation,
        words=ballot.words,
    )
    rule = policy.rule(operation.action)
    decided = operation.decide(vote, voter, final=rule.final_confirm)
    refuse_late(uow, operation)
    if decided.state is State.FINAL:
        decided = decided.await_run(uow.now + rule.expires)
    return VoteCast(uow.operations.save(decided), vote, ballot.card)
