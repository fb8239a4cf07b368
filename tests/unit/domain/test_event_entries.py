"""The log entries of every event, written out one by one: what the log keeps is a promise to its readers."""

from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest

from core.domain.actions import Action
from core.domain.address import Address, Channel
from core.domain.approval.vote import Decision, Vote
from core.domain.audit import Head, NewEntry, Tag
from core.domain.events.domain_event import DomainEvent
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
from core.domain.events.log import PEOPLE_SEALING, HeadPosted, LogBroken, RowsSealed, RowUnsound
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
from core.domain.fingerprint import Fingerprint
from core.domain.incoming import Standing
from core.domain.operation.life import State
from core.domain.operation.operation import Mode, Operation
from core.domain.operation.reason import Reason, ReasonCode
from core.domain.operation.targets import Outcome, Tally, Targets
from core.domain.outbox import CardCopy, CardName, Delivery, DeliveryKind, Envelope
from core.domain.people import Person, Role
from core.domain.prompts import Asking, Prompt
from core.domain.records import Kind, RecordRef
from core.domain.reminders import Digest, FactKind, SilentCustomer
from core.domain.seals import Unsound
from tests.cards import IMPACT, LI, NOW, WANG, ZHAO, target

SEEN = Fingerprint("5ee0" * 16)
"""The fingerprint of the made-up operation."""
EARLIER = Fingerprint("01d5" * 16)
"""The fingerprint of a made-up vote: another one, so that a test sees whose the log keeps."""
DESK = Channel("desk")
LEFT = Person(ZHAO, "ZhaoJun", "赵军", frozenset({Role.REP, Role.APPROVER}), active=False, generation=4)
LISTED = (target(), replace(target("远航", "C1031"), version=8))


def operation(state: State) -> Operation:
    """Returns an operation in which every fact that the log may keep differs from its default."""
    return Operation(
        number=312,
        action=Action.RESTORE,
        kind=Kind.CUSTOMER,
        requester=WANG,
        targets=Targets(5, LISTED, SEEN),
        created_at=NOW,
        state=state,
        mode=Mode.UNDO,
        round=2,
        reason=Reason(ReasonCode.DUPLICATE, "和 C1031 重复"),
        approvers=(LI, ZHAO),
        votes_needed=3,
        undo_of=300,
        fence=7,
    )


def cast(state: State, decision: Decision = Decision.APPROVE, card: CardCopy | None = None) -> VoteCast:
    return VoteCast(operation(state), Vote(LI, decision, NOW, EARLIER, 6, words="再看看"), card)


def delivery(kind: DeliveryKind, body: str = "好的", card: CardName | None = None) -> Delivery:
    number, task = (312, "t-312") if card else (None, "")
    return Delivery(9, Envelope(Address(DESK, LI), kind, body, number, card, task), 1, NOW, NOW)


SHOWN = CardCopy("t-312", Address(DESK, LI), 312, CardName.DECIDE, open=True, card_hash="ca4d" * 16)
SILENT = SilentCustomer(RecordRef(Kind.CUSTOMER, "C1024"), "宏远科技", NOW - timedelta(days=90))

ROWS: dict[str, tuple[DomainEvent, tuple[NewEntry, ...]]] = {
    # Requests.
    "drafted, an entry for each record listed": (
        OperationDrafted(operation(State.DRAFT), IMPACT, (LI,), 1, owner=ZHAO, level="A"),
        (
            NewEntry(
                Tag.OPERATION_DRAFTED,
                actor="wangmin",
                subject="customer:C1024",
                operation=312,
                detail={"action": "restore", "mode": "undo", "version": 3},
            ),
            NewEntry(
                Tag.OPERATION_DRAFTED,
                actor="wangmin",
                subject="customer:C1031",
                operation=312,
                detail={"action": "restore", "mode": "undo", "version": 8},
            ),
        ),
    ),
    "draft replaced": (
        DraftReplaced(operation(State.CANCELLED), by=replace(operation(State.DRAFT), number=313)),
        (
            NewEntry(
                Tag.OPERATION_CANCELLED,
                actor="wangmin",
                operation=312,
                detail={"state": "cancelled", "fingerprint": "5ee0" * 16, "round": 2},
            ),
        ),
    ),
    "confirmed": (
        OperationConfirmed(operation(State.PENDING)),
        (
            NewEntry(
                Tag.OPERATION_CONFIRMED,
                actor="wangmin",
                operation=312,
                detail={
                    "fingerprint": "5ee0" * 16,
                    "reason": "duplicate",
                    "votes_needed": 3,
                    "state": "pending",
                },
            ),
        ),
    ),
    "confirmed without a reason": (
        OperationConfirmed(replace(operation(State.APPROVED), reason=None)),
        (
            NewEntry(
                Tag.OPERATION_CONFIRMED,
                actor="wangmin",
                operation=312,
                detail={"fingerprint": "5ee0" * 16, "reason": None, "votes_needed": 3, "state": "approved"},
            ),
        ),
    ),
    "asked again": (
        OperationAskedAgain(operation(State.PENDING)),
        (
            NewEntry(
                Tag.OPERATION_ASKED_AGAIN,
                actor="wangmin",
                operation=312,
                detail={"state": "pending", "fingerprint": "5ee0" * 16, "round": 2},
            ),
        ),
    ),
    "cancelled": (
        OperationCancelled(operation(State.CANCELLED)),
        (
            NewEntry(
                Tag.OPERATION_CANCELLED,
                actor="wangmin",
                operation=312,
                detail={"state": "cancelled", "fingerprint": "5ee0" * 16, "round": 2},
            ),
        ),
    ),
    "withdrawn": (
        OperationWithdrawn(operation(State.WITHDRAWN)),
        (
            NewEntry(
                Tag.OPERATION_WITHDRAWN,
                actor="wangmin",
                operation=312,
                detail={"state": "withdrawn", "fingerprint": "5ee0" * 16, "round": 2},
            ),
        ),
    ),
    "abandoned": (
        OperationAbandoned(operation(State.WITHDRAWN), "requester left"),
        (
            NewEntry(
                Tag.OPERATION_WITHDRAWN,
                actor="wangmin",
                operation=312,
                detail={"state": "withdrawn", "why": "requester left"},
            ),
        ),
    ),
    "expired": (
        OperationExpired(operation(State.EXPIRED), was=State.FINAL),
        (NewEntry(Tag.OPERATION_EXPIRED, operation=312, detail={"from": "final"}),),
    ),
    "vote that decides nothing, without a card": (
        cast(State.PENDING),
        (
            NewEntry(
                Tag.OPERATION_VOTED,
                actor="liqiang",
                operation=312,
                detail={"decision": "approve", "fingerprint": "01d5" * 16, "round": 6},
            ),
        ),
    ),
    "vote that decides nothing, on a card": (
        cast(State.PENDING, card=SHOWN),
        (
            NewEntry(
                Tag.OPERATION_VOTED,
                actor="liqiang",
                operation=312,
                detail={
                    "decision": "approve",
                    "fingerprint": "01d5" * 16,
                    "round": 6,
                    "task_id": "t-312",
                    "card": "ca4d" * 16,
                },
            ),
        ),
    ),
    "vote that approves, without a card": (
        cast(State.APPROVED),
        (
            NewEntry(
                Tag.OPERATION_VOTED,
                actor="liqiang",
                operation=312,
                detail={"decision": "approve", "fingerprint": "01d5" * 16, "round": 6},
            ),
            NewEntry(Tag.OPERATION_APPROVED, operation=312, detail={"state": "approved"}),
        ),
    ),
    "vote that approves, on a card, before the final word": (
        cast(State.FINAL, card=SHOWN),
        (
            NewEntry(
                Tag.OPERATION_VOTED,
                actor="liqiang",
                operation=312,
                detail={
                    "decision": "approve",
                    "fingerprint": "01d5" * 16,
                    "round": 6,
                    "task_id": "t-312",
                    "card": "ca4d" * 16,
                },
            ),
            NewEntry(Tag.OPERATION_APPROVED, operation=312, detail={"state": "final"}),
        ),
    ),
    "vote that rejects, without a card": (
        cast(State.REJECTED, Decision.REJECT),
        (
            NewEntry(
                Tag.OPERATION_VOTED,
                actor="liqiang",
                operation=312,
                detail={"decision": "reject", "fingerprint": "01d5" * 16, "round": 6},
            ),
            NewEntry(Tag.OPERATION_REJECTED, operation=312, detail={"state": "rejected"}),
        ),
    ),
    "vote that rejects, on a card": (
        cast(State.REJECTED, Decision.REJECT, SHOWN),
        (
            NewEntry(
                Tag.OPERATION_VOTED,
                actor="liqiang",
                operation=312,
                detail={
                    "decision": "reject",
                    "fingerprint": "01d5" * 16,
                    "round": 6,
                    "task_id": "t-312",
                    "card": "ca4d" * 16,
                },
            ),
            NewEntry(Tag.OPERATION_REJECTED, operation=312, detail={"state": "rejected"}),
        ),
    ),
    "run asked": (
        OperationRunAsked(operation(State.APPROVED)),
        (
            NewEntry(
                Tag.OPERATION_RUN,
                actor="wangmin",
                operation=312,
                detail={"state": "approved", "fingerprint": "5ee0" * 16, "round": 2},
            ),
        ),
    ),
    "nudged by hand": (
        ApproversNudged(operation(State.PENDING), by_hand=True),
        (
            NewEntry(
                Tag.OPERATION_NUDGED,
                actor="wangmin",
                operation=312,
                detail={"state": "pending", "fingerprint": "5ee0" * 16, "round": 2},
            ),
        ),
    ),
    "nudged by half time": (
        ApproversNudged(operation(State.PENDING), by_hand=False),
        (NewEntry(Tag.OPERATION_NUDGED, operation=312, detail={"by": "half time"}),),
    ),
    "reassigned": (
        OperationReassigned(operation(State.PENDING), gone=ZHAO, others_asked=True),
        (NewEntry(Tag.OPERATION_REASSIGNED, actor="zhaojun", operation=312, detail={"approvers": 2, "round": 2}),),
    ),
    "stuck": (OperationStuck(operation(State.PENDING)), ()),
    # A worker's way through an operation.
    "begun": (
        ExecutionBegun(operation(State.EXECUTING)),
        (
            NewEntry(
                Tag.OPERATION_INTENT,
                operation=312,
                detail={
                    "action": "restore",
                    "mode": "undo",
                    "fingerprint": "5ee0" * 16,
                    "fence": 7,
                    "targets": 5,
                },
            ),
        ),
    ),
    "reopened": (
        OperationReopened(operation(State.PENDING), "a vote does not count"),
        (
            NewEntry(
                Tag.OPERATION_REOPENED,
                operation=312,
                detail={"state": "pending", "why": "a vote does not count"},
            ),
        ),
    ),
    "backup written": (
        BackupWritten(312, "0312.age", 5, "f11e" * 16, "c047" * 16),
        (
            NewEntry(
                Tag.BACKUP_WRITTEN,
                operation=312,
                detail={
                    "file": "0312.age",
                    "records": 5,
                    "file_hash": "f11e" * 16,
                    "content_hash": "c047" * 16,
                },
            ),
        ),
    ),
    "backup failed with a fence": (
        BackupFailed(312, "no space left", fence=7),
        (NewEntry(Tag.BACKUP_FAILED, operation=312, detail={"why": "no space left", "fence": 7}),),
    ),
    "backup failed without a fence": (
        BackupFailed(None, "no such file"),
        (NewEntry(Tag.BACKUP_FAILED, detail={"why": "no such file"}),),
    ),
    "backup failed, with the words cut": (
        BackupFailed(312, "长" * 301, fence=0),
        (NewEntry(Tag.BACKUP_FAILED, operation=312, detail={"why": "长" * 300, "fence": 0}),),
    ),
    "targets ended, in their order": (
        TargetsEnded(
            312,
            7,
            {
                RecordRef(Kind.SEGMENT, "G12"): Outcome.UNKNOWN,
                RecordRef(Kind.CUSTOMER, "C1031"): Outcome.CONFLICT,
                RecordRef(Kind.CUSTOMER, "C1024"): Outcome.DONE,
            },
        ),
        (
            NewEntry(
                Tag.TARGET_OUTCOME,
                subject="customer:C1024",
                operation=312,
                detail={"outcome": "done", "fence": 7},
            ),
            NewEntry(
                Tag.TARGET_OUTCOME,
                subject="customer:C1031",
                operation=312,
                detail={"outcome": "conflict", "fence": 7},
            ),
            NewEntry(
                Tag.TARGET_OUTCOME,
                subject="segment:G12",
                operation=312,
                detail={"outcome": "unknown", "fence": 7},
            ),
        ),
    ),
    "finished with a tally": (
        OperationFinished(operation(State.PARTLY_DONE), Tally(4, 3, 2, 1)),
        (
            NewEntry(
                Tag.OPERATION_FINISHED,
                operation=312,
                detail={"state": "partly_done", "done": 4, "failed": 3, "conflicts": 2, "unknown": 1},
            ),
        ),
    ),
    "finished with a tally and a reason": (
        OperationFinished(operation(State.FAILED), Tally(failed=5), "KeyError"),
        (
            NewEntry(
                Tag.OPERATION_FINISHED,
                operation=312,
                detail={
                    "state": "failed",
                    "done": 0,
                    "failed": 5,
                    "conflicts": 0,
                    "unknown": 0,
                    "why": "KeyError",
                },
            ),
        ),
    ),
    "ended early with a reason": (
        OperationFinished(operation(State.STALE), why="records changed"),
        (NewEntry(Tag.OPERATION_FINISHED, operation=312, detail={"state": "stale", "why": "records changed"}),),
    ),
    "ended early without words": (
        OperationFinished(operation(State.FAILED)),
        (NewEntry(Tag.OPERATION_FINISHED, operation=312, detail={"state": "failed", "why": ""}),),
    ),
    "undone by an operation": (
        OperationUndone(operation(State.UNDONE), by=313, records=4),
        (NewEntry(Tag.OPERATION_UNDONE, operation=312, detail={"by": 313, "records": 4}),),
    ),
    "undone from the backup": (
        OperationUndone(operation(State.UNDONE), by="backup", records=4),
        (NewEntry(Tag.OPERATION_UNDONE, operation=312, detail={"by": "backup", "records": 4}),),
    ),
    "restored": (
        BackupRestored(
            312, operation(State.DONE), ("0312.age", "0312-2.age"), {Outcome.DONE: 4, Outcome.CONFLICT: 1}
        ),
        (
            NewEntry(
                Tag.BACKUP_RESTORED,
                operation=312,
                detail={"files": ["0312.age", "0312-2.age"], "records": 5, "done": 4, "conflict": 1},
            ),
        ),
    ),
    "restored without a known operation": (
        BackupRestored(312, None, ("0312.age",), {Outcome.ALREADY: 2}),
        (
            NewEntry(
                Tag.BACKUP_RESTORED,
                operation=312,
                detail={"files": ["0312.age"], "records": 2, "already": 2},
            ),
        ),
    ),
    # Messages and deliveries.
    "received": (
        MessageReceived(WANG, "Tap", "k-1", "4a5b" * 16),
        (
            NewEntry(
                Tag.MESSAGE_RECEIVED,
                actor="wangmin",
                detail={"kind": "Tap", "key": "k-1", "hash": "4a5b" * 16},
            ),
        ),
    ),
    "refused": (
        MessageRefused(WANG, "no_right", "k-1"),
        (NewEntry(Tag.MESSAGE_REFUSED, actor="wangmin", detail={"why": "no_right", "key": "k-1"}),),
    ),
    "unknown event, with the name cut": (
        UnknownEventReceived(WANG, "n" * 65),
        (NewEntry(Tag.MESSAGE_REFUSED, actor="wangmin", detail={"why": "unknown event", "name": "n" * 64}),),
    ),
    "decision unseen": (
        DecisionUnseen(LI, operation(State.PENDING), "k-1", missed=True),
        (
            NewEntry(
                Tag.MESSAGE_REFUSED,
                actor="liqiang",
                operation=312,
                detail={"why": "card not shown", "key": "k-1", "round": 2},
            ),
        ),
    ),
    "text sent": (DeliverySent(delivery(DeliveryKind.TEXT)), ()),
    "Markdown sent": (DeliverySent(delivery(DeliveryKind.MARKDOWN)), ()),
    "card sent": (
        DeliverySent(delivery(DeliveryKind.CARD, "abc", CardName.DECIDE)),
        (
            NewEntry(
                Tag.CARD_SHOWN,
                actor="liqiang",
                operation=312,
                detail={
                    # SHA-256 of "abc", from FIPS 180-2.
                    "card": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                    "step": "decide",
                    "task_id": "t-312",
                    "channel": "desk",
                },
            ),
        ),
    ),
    "redraw sent": (
        DeliverySent(delivery(DeliveryKind.UPDATE, "abc", CardName.FINAL)),
        (
            NewEntry(
                Tag.CARD_SHOWN,
                actor="liqiang",
                operation=312,
                detail={
                    "card": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                    "step": "final",
                    "task_id": "t-312",
                    "channel": "desk",
                },
            ),
        ),
    ),
    "card failed": (
        DeliveryFailed(delivery(DeliveryKind.CARD, "abc", CardName.DECIDE)),
        (
            NewEntry(
                Tag.CARD_UNDELIVERED,
                actor="liqiang",
                operation=312,
                detail={"kind": "card", "step": "decide", "channel": "desk"},
            ),
        ),
    ),
    "text failed": (
        DeliveryFailed(delivery(DeliveryKind.TEXT)),
        (
            NewEntry(
                Tag.CARD_UNDELIVERED,
                actor="liqiang",
                detail={"kind": "text", "step": None, "channel": "desk"},
            ),
        ),
    ),
    # People, and the files of a start.
    "left, as WeCom reported": (
        PersonLeft(LEFT, ended=2),
        (NewEntry(Tag.PERSON_LEFT, actor="zhaojun", detail={"generation": 4}),),
    ),
    "left, as the comparison found": (
        PersonLeft(LEFT, found="disabled"),
        (NewEntry(Tag.PERSON_MISSED, actor="zhaojun", detail={"generation": 4, "found": "disabled"}),),
    ),
    "joined": (
        PersonJoined(LEFT),
        (NewEntry(Tag.PERSON_JOINED, actor="zhaojun", detail={"generation": 4}),),
    ),
    "roles changed": (
        RolesChanged(LEFT),
        (
            NewEntry(
                Tag.ROLES_LOADED,
                subject="zhaojun",
                detail={"roles": ["approver", "rep"], "generation": 4, "active": False},
            ),
        ),
    ),
    "roles loaded": (
        RolesLoaded(6, "f11e" * 16),
        (NewEntry(Tag.ROLES_LOADED, detail={"people": 6, "file": "f11e" * 16}),),
    ),
    "policy loaded": (
        PolicyLoaded("f11e" * 16),
        (NewEntry(Tag.POLICY_LOADED, detail={"file": "f11e" * 16}),),
    ),
    "settings loaded": (
        SettingsLoaded({"language": "zh", "metrics": True}),
        (NewEntry(Tag.SETTINGS_LOADED, detail={"language": "zh", "metrics": True}),),
    ),
    "directory compared": (
        DirectoryCompared(asked=9, gone=2, out_of_sight=1),
        (NewEntry(Tag.DIRECTORY_COMPARED, detail={"asked": 9, "gone": 2, "out_of_sight": 1}),),
    ),
    # Reminders and imports.
    "digest sent": (
        DigestSent(Digest(LEFT, (SILENT, SILENT), total=8), Prompt("p-1", ZHAO, Asking.DIGEST, NOW)),
        (NewEntry(Tag.REMINDER_SENT, actor="zhaojun", detail={"customers": 2}),),
    ),
    "reminder answered": (
        ReminderAnswered(ZHAO, RecordRef(Kind.CUSTOMER, "C1024"), FactKind.SNOOZED),
        (
            NewEntry(
                Tag.REMINDER_ANSWERED, actor="zhaojun", subject="customer:C1024", detail={"answer": "snoozed"}
            ),
        ),
    ),
    "imported": (
        RecordsImported({"phase": "finished", "kind": "customer", "created": 3}),
        (NewEntry(Tag.RECORDS_IMPORTED, detail={"phase": "finished", "kind": "customer", "created": 3}),),
    ),
    # The log itself.
    "head posted": (
        HeadPosted(Head(128, "ab12" * 16)),
        (NewEntry(Tag.ANCHOR_POSTED, detail={"seq": 128, "hash": "ab12" * 16}),),
    ),
    "log broken": (LogBroken(), ()),
    "rows sealed": (
        RowsSealed(PEOPLE_SEALING, {"people": 9, "inbox": 0}),
        (NewEntry(Tag.ROWS_SEALED, subject="rows:1", detail={"people": 9, "inbox": 0}),),
    ),
    "row unsound": (
        RowUnsound(Unsound("people", "liqiang")),
        (NewEntry(Tag.ROW_UNSOUND, detail={"table": "people", "row": "liqiang"}),),
    ),
    "app threatened": (
        AppStandingReported(Standing.THREATENED, 1700000000),
        (NewEntry(Tag.APP_STANDING, detail={"standing": "threatened", "effective_at": 1700000000}),),
    ),
}


@pytest.mark.parametrize("row", ROWS)
def test_an_event_is_logged_as_written_here(row: str) -> None:
    """An event gives exactly the entries that the table lists for it."""
    event, entries = ROWS[row]
    assert tuple(event.entries()) == entries


def test_every_event_has_a_row() -> None:
    """The table lists every kind of event, so a new event must say here what the log keeps of it."""
    assert {type(event) for event, _ in ROWS.values()} == set(get_args(DomainEvent))


def test_every_tag_has_a_row() -> None:
    """The table shows every kind of entry at least once."""
    assert {entry.tag for _, entries in ROWS.values() for entry in entries} == set(Tag)
