"""What requesters and those who decide did with an operation, and what time did to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from core.domain.approval.vote import Vote
from core.domain.audit import Detail, NewEntry, Tag
from core.domain.events.event import Event
from core.domain.impact import Impact
from core.domain.operation.life import State
from core.domain.operation.operation import Operation
from core.domain.outbox import CardCopy
from core.domain.people import PersonId


@dataclass(frozen=True, slots=True)
class OperationDrafted(Event):
    """Somebody wants a change; nothing has been asked of anybody yet."""

    operation: Operation
    impact: Impact
    approvers: tuple[PersonId, ...] = ()
    """Who would be asked, as things stand now."""
    votes_needed: int = 0
    undo_until: datetime | None = None
    """How long it could be undone if it were done now; None: it has no term."""
    owner: PersonId | None = None
    level: str = ""
    took_delete_as_void: bool = False

    def entries(self) -> Iterable[NewEntry]:
        operation = self.operation
        for target in operation.targets.first:
            yield NewEntry(
                Tag.OPERATION_DRAFTED,
                actor=operation.requester,
                subject=str(target.ref),
                operation=operation.number,
                detail={"action": operation.action, "mode": operation.mode, "version": target.version},
            )


@dataclass(frozen=True, slots=True)
class DraftReplaced(Event):
    """A draft gave way to another one of the same person on the same record."""

    operation: Operation
    by: Operation

    def entries(self) -> Iterable[NewEntry]:
        yield _of_requester(Tag.OPERATION_CANCELLED, self.operation)


@dataclass(frozen=True, slots=True)
class OperationConfirmed(Event):
    """The requester stands by it: those who decide are asked, or it is approved where nobody needs to."""

    operation: Operation

    def entries(self) -> Iterable[NewEntry]:
        operation = self.operation
        yield NewEntry(
            Tag.OPERATION_CONFIRMED,
            actor=operation.requester,
            operation=operation.number,
            detail={
                "fingerprint": operation.fingerprint,
                "reason": operation.reason.code if operation.reason else None,
                "votes_needed": operation.votes_needed,
                "state": operation.state,
            },
        )


@dataclass(frozen=True, slots=True)
class OperationAskedAgain(Event):
    """The records changed and the requester still wants it: those who decide are asked in a new round."""

    operation: Operation

    def entries(self) -> Iterable[NewEntry]:
        yield _of_requester(Tag.OPERATION_ASKED_AGAIN, self.operation)


@dataclass(frozen=True, slots=True)
class OperationCancelled(Event):
    """The requester dropped a draft."""

    operation: Operation

    def entries(self) -> Iterable[NewEntry]:
        yield _of_requester(Tag.OPERATION_CANCELLED, self.operation)


@dataclass(frozen=True, slots=True)
class OperationWithdrawn(Event):
    """The requester took a request back before a worker began."""

    operation: Operation

    def entries(self) -> Iterable[NewEntry]:
        yield _of_requester(Tag.OPERATION_WITHDRAWN, self.operation)


@dataclass(frozen=True, slots=True)
class OperationAbandoned(Event):
    """The requester has left or lost the right: nobody stands by it any more."""

    operation: Operation
    why: str

    def entries(self) -> Iterable[NewEntry]:
        operation = self.operation
        detail: Detail = {"state": operation.state, "why": self.why}
        yield NewEntry(Tag.OPERATION_WITHDRAWN, operation.requester, operation=operation.number, detail=detail)


@dataclass(frozen=True, slots=True)
class OperationExpired(Event):
    operation: Operation
    was: State

    def entries(self) -> Iterable[NewEntry]:
        yield NewEntry(Tag.OPERATION_EXPIRED, operation=self.operation.number, detail={"from": self.was})


@dataclass(frozen=True, slots=True)
class VoteCast(Event):
    operation: Operation
    """As the vote left it."""
    vote: Vote
    card: CardCopy | None = None
    """What the voter had been shown, where that is known."""

    def entries(self) -> Iterable[NewEntry]:
        """The vote, and what it decided where it was the one that was missing."""
        number = self.operation.number
        yield NewEntry(Tag.OPERATION_VOTED, actor=self.vote.person, operation=number, detail=self._detail())
        if self.operation.state is not State.PENDING:
            rejected = self.operation.state is State.REJECTED
            tag = Tag.OPERATION_REJECTED if rejected else Tag.OPERATION_APPROVED
            yield NewEntry(tag, operation=number, detail={"state": self.operation.state})

    def _detail(self) -> Detail:
        """Task id and hash are those of the entry that says when the card was shown."""
        vote = self.vote
        told: Detail = {"decision": vote.decision, "fingerprint": vote.fingerprint, "round": vote.round}
        return {**told, "task_id": self.card.task_id, "card": self.card.card_hash} if self.card else told


@dataclass(frozen=True, slots=True)
class OperationRunAsked(Event):
    """The requester said 执行: the final confirmation."""

    operation: Operation

    def entries(self) -> Iterable[NewEntry]:
        yield _of_requester(Tag.OPERATION_RUN, self.operation)


@dataclass(frozen=True, slots=True)
class ApproversNudged(Event):
    """Those who decide were reminded: by the requester (催一下), or at half of the term."""

    operation: Operation
    by_hand: bool

    def entries(self) -> Iterable[NewEntry]:
        if self.by_hand:
            yield _of_requester(Tag.OPERATION_NUDGED, self.operation)
        else:
            yield NewEntry(Tag.OPERATION_NUDGED, operation=self.operation.number, detail={"by": "half time"})


@dataclass(frozen=True, slots=True)
class OperationReassigned(Event):
    """Somebody who was asked has left or lost the right: the others decide without them, or new ones are asked."""

    operation: Operation
    gone: PersonId
    others_asked: bool
    """People were asked who had not been asked before."""

    def entries(self) -> Iterable[NewEntry]:
        operation = self.operation
        detail: Detail = {"approvers": len(operation.approvers), "round": operation.round}
        yield NewEntry(Tag.OPERATION_REASSIGNED, self.gone, operation=operation.number, detail=detail)


@dataclass(frozen=True, slots=True)
class OperationStuck(Event):
    """Nobody is left who may decide it: it waits for its term."""

    operation: Operation

    def entries(self) -> Iterable[NewEntry]:
        """None of its own: the operation is as it was, and the entry about the person tells who has gone."""
        return ()


def _of_requester(tag: Tag, operation: Operation) -> NewEntry:
    return NewEntry(
        tag,
        actor=operation.requester,
        operation=operation.number,
        detail={"state": operation.state, "fingerprint": operation.fingerprint, "round": operation.round},
    )
