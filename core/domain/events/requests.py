"""Events of a request: what its requester and its approvers did, and that its term ended."""

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
    """Somebody proposed a change. No approver has been asked yet."""

    operation: Operation
    impact: Impact
    approvers: tuple[PersonId, ...] = ()
    """The people who would be asked if the requester confirmed now."""
    votes_needed: int = 0
    undo_until: datetime | None = None
    """Until when the change could be undone if it were done now; None when there is no such term."""
    owner: PersonId | None = None
    """The owner of the record, or of the first of several."""
    level: str = ""
    """The customer level of that record."""
    took_delete_as_void: bool = False
    """True when the requester said 删除 and it was read as 作废."""

    def entries(self) -> Iterable[NewEntry]:
        operation = self.operation
        # One entry for each record, so that the log can be asked about a record.
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
    """A draft was cancelled because the same person made another one on the same record."""

    operation: Operation
    by: Operation
    gentler: bool = False
    """True when the new draft was chosen on the card of the old one, as the gentler action offered there."""

    def entries(self) -> Iterable[NewEntry]:
        yield _of_requester(Tag.OPERATION_CANCELLED, self.operation)


@dataclass(frozen=True, slots=True)
class OperationConfirmed(Event):
    """The requester confirmed: the approvers are asked, or the request is approved when nobody needs to be."""

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
    """The records have changed and the requester still wants the action: approvers are asked in a new round."""

    operation: Operation

    def entries(self) -> Iterable[NewEntry]:
        yield _of_requester(Tag.OPERATION_ASKED_AGAIN, self.operation)


@dataclass(frozen=True, slots=True)
class OperationCancelled(Event):
    """The requester cancelled a draft."""

    operation: Operation

    def entries(self) -> Iterable[NewEntry]:
        yield _of_requester(Tag.OPERATION_CANCELLED, self.operation)


@dataclass(frozen=True, slots=True)
class OperationWithdrawn(Event):
    """The requester withdrew a request before a worker began."""

    operation: Operation

    def entries(self) -> Iterable[NewEntry]:
        yield _of_requester(Tag.OPERATION_WITHDRAWN, self.operation)


@dataclass(frozen=True, slots=True)
class OperationAbandoned(Event):
    """The request has ended because its requester has left or lost the right."""

    operation: Operation
    why: str

    def entries(self) -> Iterable[NewEntry]:
        operation = self.operation
        detail: Detail = {"state": operation.state, "why": self.why}
        yield NewEntry(Tag.OPERATION_WITHDRAWN, operation.requester, operation=operation.number, detail=detail)


@dataclass(frozen=True, slots=True)
class OperationExpired(Event):
    """The term of a request ended before it was decided, confirmed or answered."""

    operation: Operation
    was: State
    """The state in which it expired."""

    def entries(self) -> Iterable[NewEntry]:
        # Without an actor: time ended the request, and no person.
        yield NewEntry(Tag.OPERATION_EXPIRED, operation=self.operation.number, detail={"from": self.was})


@dataclass(frozen=True, slots=True)
class VoteCast(Event):
    """An approver approved or rejected a request."""

    operation: Operation
    """The operation after the vote."""
    vote: Vote
    card: CardCopy | None = None
    """The card that the voter had been shown, where that is known."""

    def entries(self) -> Iterable[NewEntry]:
        """Log the vote, and the approval or rejection when the vote decided the request."""
        number = self.operation.number
        yield NewEntry(Tag.OPERATION_VOTED, actor=self.vote.person, operation=number, detail=self._detail())
        if self.operation.state is not State.PENDING:
            rejected = self.operation.state is State.REJECTED
            tag = Tag.OPERATION_REJECTED if rejected else Tag.OPERATION_APPROVED
            yield NewEntry(tag, operation=number, detail={"state": self.operation.state})

    def _detail(self) -> Detail:
        """Returns the facts of the vote. Task id and hash equal those of the entry that logged the card."""
        vote = self.vote
        told: Detail = {"decision": vote.decision, "fingerprint": vote.fingerprint, "round": vote.round}
        return {**told, "task_id": self.card.task_id, "card": self.card.card_hash} if self.card else told


@dataclass(frozen=True, slots=True)
class OperationRunAsked(Event):
    """The requester gave the final confirmation (执行)."""

    operation: Operation

    def entries(self) -> Iterable[NewEntry]:
        yield _of_requester(Tag.OPERATION_RUN, self.operation)


@dataclass(frozen=True, slots=True)
class ApproversNudged(Event):
    """The approvers were reminded, by the requester (催一下) or because half of the term had passed."""

    operation: Operation
    by_hand: bool

    def entries(self) -> Iterable[NewEntry]:
        if self.by_hand:
            yield _of_requester(Tag.OPERATION_NUDGED, self.operation)
        else:
            yield NewEntry(Tag.OPERATION_NUDGED, operation=self.operation.number, detail={"by": "half time"})


@dataclass(frozen=True, slots=True)
class OperationReassigned(Event):
    """An approver has left or lost the right: the others decide without them, or new approvers are asked."""

    operation: Operation
    gone: PersonId
    others_asked: bool
    """True when approvers were asked who had not been asked before."""

    def entries(self) -> Iterable[NewEntry]:
        operation = self.operation
        detail: Detail = {"approvers": len(operation.approvers), "round": operation.round}
        yield NewEntry(Tag.OPERATION_REASSIGNED, self.gone, operation=operation.number, detail=detail)


@dataclass(frozen=True, slots=True)
class OperationStuck(Event):
    """No approver is left who may decide the request, so it waits until its term ends."""

    operation: Operation

    def entries(self) -> Iterable[NewEntry]:
        """Returns no entry: the operation has not changed, and the entry about the person says who has gone."""
        return ()


def _of_requester(tag: Tag, operation: Operation) -> NewEntry:
    return NewEntry(
        tag,
        actor=operation.requester,
        operation=operation.number,
        detail={"state": operation.state, "fingerprint": operation.fingerprint, "round": operation.round},
    )
