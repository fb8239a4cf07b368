"""The closed set of events. An event that is missing here can neither be logged nor told to people."""

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

# Grouped by the modules above. `notify` tells people of each event; a missing case does not type-check.
RequestEvent = (
    ApproversNudged
    | DraftReplaced
    | OperationAbandoned
    | OperationAskedAgain
    | OperationCancelled
    | OperationConfirmed
    | OperationDrafted
    | OperationExpired
    | OperationReassigned
    | OperationRunAsked
    | OperationStuck
    | OperationWithdrawn
    | VoteCast
)
ExecutionEvent = (
    BackupFailed
    | BackupRestored
    | BackupWritten
    | ExecutionBegun
    | OperationFinished
    | OperationReopened
    | OperationUndone
    | TargetsEnded
)
MessageEvent = (
    AppStandingReported
    | DecisionUnseen
    | DeliveryFailed
    | DeliverySent
    | MessageReceived
    | MessageRefused
    | UnknownEventReceived
)
PeopleEvent = (
    DirectoryCompared | PersonJoined | PersonLeft | PolicyLoaded | RolesChanged | RolesLoaded | SettingsLoaded
)
RecordEvent = DigestSent | RecordsImported | ReminderAnswered
LogEvent = HeadPosted | LogBroken | RowsSealed | RowUnsound
DomainEvent = RequestEvent | ExecutionEvent | MessageEvent | PeopleEvent | RecordEvent | LogEvent
