"""A vote, by a tap or in words."""

from dataclasses import dataclass

from core.domain.approval.vote import Decision, Vote
from core.domain.audit import Detail, Event, Tag
from core.domain.operation.life import State
from core.domain.operation.operation import Operation
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


def decide(uow: UnitOfWork, voter: Person, ballot: Ballot, policy: Policy) -> Operation:
    """Raises NotFound, NotYours, AlreadyClosed."""
    operation = locked(uow, ballot.operation)
    vote = Vote(
        person=voter.id,
        decision=ballot.decision,
        at=uow.now(),
        fingerprint=operation.fingerprint,
        round=operation.round,
        generation=voter.generation,
        words=ballot.words,
    )
    rule = policy.rule(operation.action)
    decided = operation.decide(vote, voter, final=rule.final_confirm)
    refuse_late(uow, operation)
    if decided.state is State.FINAL:
        decided = decided.await_run(uow.now() + rule.expires)
    uow.audit.append(
        Event(
            Tag.OPERATION_VOTED,
            actor=voter.id,
            operation=operation.number,
            detail=_logged(vote, ballot.card),
        )
    )
    if decided.state is not operation.state:
        tag = Tag.OPERATION_REJECTED if decided.state is State.REJECTED else Tag.OPERATION_APPROVED
        uow.audit.append(Event(tag, operation=operation.number, detail={"state": decided.state}))
    return uow.operations.save(decided)


def _logged(vote: Vote, card: CardCopy | None) -> Detail:
    """Task id and hash as in the entry that says when the card was shown."""
    facts: Detail = {"decision": vote.decision, "fingerprint": vote.fingerprint, "round": vote.round}
    return {**facts, "task_id": card.task_id, "card": card.card_hash} if card else facts
