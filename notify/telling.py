"""Tells people what they need to know of each event.

An event that is missing here does not type-check: that nobody is told is a rule which must be written down too.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import assert_never

from core.domain.events.domain_event import (
    DomainEvent,
    LogEvent,
    MessageEvent,
    PeopleEvent,
    RecordEvent,
)
from core.domain.events.execution import (
    BackupFailed,
    BackupRestored,
    BackupWritten,
    ExecutionBegun,
    OperationFinished,
    OperationReopened,
    OperationUndone,
    TargetsEnded,
)
from core.domain.events.log import HeadPosted, LogBroken, RowsSealed, RowUnsound
from core.domain.events.messages import (
    AppStandingReported,
    DecisionUnseen,
    DeliveryFailed,
    DeliverySent,
    MessageReceived,
    MessageRefused,
    UnknownEventReceived,
)
from core.domain.events.people import (
    DirectoryCompared,
    PersonJoined,
    PersonLeft,
    PolicyLoaded,
    RolesChanged,
    RolesLoaded,
    SettingsLoaded,
)
from core.domain.events.records import DigestSent, RecordsImported, ReminderAnswered
from core.domain.events.requests import (
    ApproversNudged,
    DraftReplaced,
    OperationAbandoned,
    OperationAskedAgain,
    OperationCancelled,
    OperationConfirmed,
    OperationDrafted,
    OperationExpired,
    OperationReassigned,
    OperationRunAsked,
    OperationStuck,
    OperationWithdrawn,
    VoteCast,
)
from core.ports.crm import LocalConnector
from core.ports.store import UnitOfWork
from notify.app import tell_standing
from notify.audience import Audience
from notify.audit import tell_head, tell_log_broken, tell_unsound
from notify.copies import Copies
from notify.deciding import Deciding
from notify.deliveries import tell_undelivered
from notify.outcomes import Outcomes
from notify.people import tell_left, tell_returned
from notify.reminders import send_digest
from notify.requests import Requests


@dataclass(frozen=True)
class Teller:
    """Puts the messages and cards that an event leads to into the outbox, in the transaction of the event."""

    audience: Audience
    crm: LocalConnector

    @cached_property
    def _copies(self) -> Copies:
        return Copies(self.audience)

    @cached_property
    def _deciding(self) -> Deciding:
        return Deciding(self.audience, self._copies, self.crm)

    @cached_property
    def _requests(self) -> Requests:
        return Requests(self.audience, self._copies, self._deciding)

    @cached_property
    def _outcomes(self) -> Outcomes:
        return Outcomes(self.audience, self._copies)

    def tell(self, uow: UnitOfWork, event: DomainEvent) -> None:
        match event:
            case OperationDrafted():
                self._requests.drafted(uow, event)
            case DraftReplaced():
                self._requests.replaced(uow, event)
            case OperationConfirmed(operation) | OperationAskedAgain(operation):
                self._requests.submitted(uow, operation)
            case OperationCancelled() | OperationWithdrawn() | OperationAbandoned() | OperationExpired():
                self._requests.ended(uow, event.operation)
            case OperationRunAsked(operation):
                self._requests.run_asked(uow, operation)
            case OperationStuck(operation):
                self._requests.stuck(uow, operation)
            case VoteCast(operation):
                self._deciding.voted(uow, operation)
            case ApproversNudged(operation, by_hand):
                self._deciding.nudged(uow, operation, by_hand=by_hand)
            case OperationReassigned():
                self._deciding.reassigned(uow, event)
            case OperationReopened(operation):
                self._requests.reopened(uow, operation)
            case OperationFinished():
                self._outcomes.finished(uow, event)
            case BackupRestored():
                self._outcomes.restored_from_backup(uow, event)
            case ExecutionBegun() | BackupWritten() | BackupFailed() | TargetsEnded() | OperationUndone():
                pass  # nobody: the end of the operation, which follows, tells all of it
            case _:
                self._tell_other(uow, event)

    def _tell_other(self, uow: UnitOfWork, event: MessageEvent | PeopleEvent | RecordEvent | LogEvent) -> None:
        match event:
            case DecisionUnseen():
                self._deciding.show_again(uow, event)
            case DeliveryFailed(delivery):
                tell_undelivered(uow, delivery)
            case PersonLeft():
                tell_left(uow, event)
            case PersonJoined():
                tell_returned(uow, event)
            case DigestSent():
                send_digest(uow, self.audience, event)
            case HeadPosted(head):
                tell_head(uow, head)
            case LogBroken():
                tell_log_broken(uow)
            case RowUnsound():
                tell_unsound(uow, event)
            case AppStandingReported():
                tell_standing(uow, self.audience, event)
            case MessageReceived() | MessageRefused() | UnknownEventReceived() | ReminderAnswered():
                pass  # nobody: the handler answers the sender, where an answer is needed
            case DeliverySent() | RolesChanged() | RolesLoaded() | PolicyLoaded() | SettingsLoaded():
                pass  # nobody: these are for the log only
            case DirectoryCompared() | RecordsImported() | RowsSealed():
                pass  # nobody, as above
            case _:
                assert_never(event)
