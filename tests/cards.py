"""Makes domain values for card tests, the same for every test."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from cards.keys import CardKeys, KeyRing
from cards.views import Viewer
from core.domain.actions import Action, LifeStatus
from core.domain.approval.vote import Decision, Vote
from core.domain.audit import Head
from core.domain.facts import facts_of
from core.domain.fingerprint import fingerprint
from core.domain.impact import Impact, LastContact
from core.domain.operation.life import State
from core.domain.operation.operation import Mode, Operation
from core.domain.operation.reason import Reason, ReasonCode
from core.domain.operation.targets import Target, Targets
from core.domain.people import Language, PersonId
from core.domain.records import FoundBy, Hit, Hits, Kind, Medium, Money, RecordRef, RecordState

NOW = datetime(2026, 11, 22, 2, 43, tzinfo=UTC)  # 10:43 in Shanghai
WANG, LI, ZHAO = PersonId("wangmin"), PersonId("liqiang"), PersonId("zhaojun")
NAMES = {WANG: "王敏", LI: "李强", ZHAO: "赵军"}
HEAD = Head(128, "ab12cd34ef56" + "0" * 52)
RING = KeyRing(bytes(range(32)))
IMPACT = Impact(
    contacts=3,
    open_deals=1,
    open_amounts=(Money(Decimal(48000), "CNY"),),
    unpaid_invoices=2,
    unpaid_amounts=(Money(Decimal("1200.5"), "USD"), Money(Decimal(9000), "CNY")),
    communications=37,
    segments=2,
    last_contact=LastContact(datetime(2026, 4, 18, 6, 0, tzinfo=UTC), Medium.PHONE),
)
SEGMENT_IMPACT = Impact(members=128)


def viewer(language: Language = Language.ZH) -> Viewer:
    return Viewer(language, ZoneInfo("Asia/Shanghai"), NOW)


def target(name: str = "宏远科技", number: str = "C1024", kind: Kind = Kind.CUSTOMER) -> Target:
    record = replace(state(f"上海{name}有限公司", number, name, phone="13800005678"), level="B")
    facts = facts_of(
        replace(record, ref=RecordRef(kind, number)), SEGMENT_IMPACT if kind is Kind.SEGMENT else IMPACT
    )
    return Target(RecordRef(kind, number), name, 3, LifeStatus.ACTIVE, facts=facts)


def targets(*listed: Target, count: int | None = None) -> Targets:
    seen = fingerprint("void", "normal", [(t.ref, t.version) for t in listed])
    return Targets(count or len(listed), listed, seen)


def operation(
    name: str = "宏远科技", action: Action = Action.VOID, state: State = State.DRAFT, kind: Kind = Kind.CUSTOMER
) -> Operation:
    number = "C1024" if kind is Kind.CUSTOMER else "G12"
    return Operation(
        number=312,
        action=action,
        kind=kind,
        requester=WANG,
        targets=targets(target(name, number, kind)),
        created_at=NOW,
        state=state,
        reason=None if state is State.DRAFT else Reason(ReasonCode.ENDED),
        approvers=(LI,),
        votes_needed=1,
        expires_at=NOW + timedelta(hours=23, minutes=30),
        undo_until=datetime(2027, 2, 20, 2, 43, tzinfo=UTC),
    )


def approved(op: Operation, state: State = State.APPROVED) -> Operation:
    vote = Vote(LI, Decision.APPROVE, NOW - timedelta(minutes=1), op.fingerprint, op.round)
    finished = NOW if state in {State.DONE, State.PARTLY_DONE, State.UNDONE} else None
    return replace(op, votes=(vote,), state=state, finished_at=finished)


def undoing(op: Operation) -> Operation:
    return replace(op, number=313, action=Action.RESTORE, mode=Mode.UNDO, undo_of=312)


def keys(op: Operation | None = None, person: PersonId = WANG, ref: str = "") -> CardKeys:
    until = NOW + timedelta(hours=1)
    if op is None:
        return RING.for_card(person, until, ref=ref)
    return RING.for_card(person, until, operation=op.number, fingerprint=op.fingerprint, round_=op.round, ref=ref)


def state(
    name: str = "宏远科技有限公司",
    number: str = "C1024",
    short_name: str = "宏远科技",
    owner: PersonId | None = WANG,
    phone: str = "",
) -> RecordState:
    return RecordState(
        RecordRef(Kind.CUSTOMER, number), name, owner, LifeStatus.ACTIVE, 4, short_name=short_name, phone=phone
    )


def hits(*ways: FoundBy) -> Hits:
    listed = [
        Hit(state(), ways[0]),
        Hit(state("宏远物流有限公司", "C1031", "宏远物流", LI), ways[1 % len(ways)]),
        Hit(state("上海宏远国际贸易股份有限公司", "C1040", "宏远国际贸易股份", ZHAO), ways[2 % len(ways)]),
    ]
    return Hits(tuple(listed), len(listed))
