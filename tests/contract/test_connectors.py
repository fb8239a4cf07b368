"""What every connector promises, told once and run over each of them, on each database it can live in."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest

from core.domain.actions import Action, LifeStatus
from core.domain.operation.targets import Outcome, Target
from core.domain.people import PersonId, Sight
from core.domain.records import FoundBy, Kind, Medium, Money, RecordRef, RecordState
from core.domain.snapshots import differences
from core.ports.crm import Chunk, LocalConnector, SearchQuery
from core.storage.db import Database
from tests.embedded import NOW, filled, opened

ALL = Sight(everything=True)
WANG = Sight(owners=frozenset({PersonId("wang")}))
ACTIVE = frozenset({LifeStatus.ACTIVE})
EVERY = frozenset(LifeStatus)
C1, C2, C3 = (RecordRef(Kind.CUSTOMER, f"C{number}") for number in (1, 2, 3))
GONE = RecordRef(Kind.CUSTOMER, "C404")
G1 = RecordRef(Kind.SEGMENT, "G1")
R1 = RecordRef(Kind.COMMUNICATION, "R1")


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    with opened(database_url) as database:
        yield database


@pytest.fixture(params=["embedded"])
def crm(request, db: Database) -> LocalConnector:
    return {"embedded": filled}[request.param](db)


async def state(crm: LocalConnector, ref: RecordRef) -> RecordState:
    (found,) = await crm.read([ref])
    return found


async def work(
    crm: LocalConnector, operation: int, action: Action, *refs: RecordRef, undo_of: int | None = None
) -> Chunk:
    """A piece of work on these records as they are now."""
    targets = tuple(Target(r.ref, r.label, r.version, r.status) for r in await crm.read(refs))
    return Chunk(operation, action, targets, PersonId("wang"), "ended", NOW, undo_of)


async def apply(db: Database, crm: LocalConnector, asked: Chunk) -> list[Outcome]:
    outcomes = await db.run(lambda uow: crm.apply_within(uow, asked))
    assert set(outcomes) == {target.ref for target in asked.targets}
    return [outcomes[target.ref] for target in asked.targets]


async def act(db, crm, operation: int, action: Action, *refs: RecordRef, undo_of: int | None = None):
    return await apply(db, crm, await work(crm, operation, action, *refs, undo_of=undo_of))


async def search(crm, text: str, sight: Sight = ALL, statuses=ACTIVE, kind: Kind = Kind.CUSTOMER, limit: int = 20):
    return await crm.search(SearchQuery(text, kind, sight, statuses, limit))


async def found(crm, text: str, sight: Sight = ALL, statuses=ACTIVE, kind: Kind = Kind.CUSTOMER):
    hits = await search(crm, text, sight, statuses, kind)
    return [(hit.record.ref.number, hit.found_by) for hit in hits.items]


# reading and searching


async def test_reads_what_is_there(crm):
    """Records come in the order asked, without those that do not exist."""
    records = await crm.read([C2, GONE, C1, R1, G1])

    assert [record.ref for record in records] == [C2, C1, R1, G1]
    assert records[1].last_medium is Medium.WECHAT
    assert records[3].member_count == 2


@pytest.mark.parametrize(
    ("text", "number", "how"),
    [
        ("C1", "C1", FoundBy.NUMBER),
        ("ｃ1", "C1", FoundBy.NUMBER),
        ("北京宏远科技有限公司", "C1", FoundBy.NAME),
        ("北京宏遠科技 有限公司", "C1", FoundBy.NAME),
        ("宏远科技", "C1", FoundBy.SHORT_NAME),
        ("阿里", "C7", FoundBy.SHORT_NAME),
        ("长沙银行", "C4", FoundBy.SHORT_NAME),
        ("远科", "C1", FoundBy.PARTIAL),
        ("北京宏远", "C1", FoundBy.PARTIAL),
        ("鸿", "C3", FoundBy.PARTIAL),
        ("acme", "C6", FoundBy.PARTIAL),
        ("4321", "C1", FoundBy.PHONE),
        ("13912344321", "C1", FoundBy.PHONE),
        ("138 0000 5672", "C2", FoundBy.PHONE),
        ("王建国", "C1", FoundBy.CONTACT),
        ("建国", "C1", FoundBy.CONTACT),
        ("chen", "C6", FoundBy.CONTACT),
        ("hongyuankeji", "C1", FoundBy.PINYIN),
        ("Hong Yuan Mao", "C2", FoundBy.PINYIN),
        ("changshayinhang", "C4", FoundBy.PINYIN),
        ("zhali", "C5", FoundBy.PINYIN),
        ("hykj", "C1", FoundBy.INITIALS),
        ("stf", "C8", FoundBy.INITIALS),
        ("宏元科技", "C1", FoundBy.TYPO),
        ("宏远科计", "C1", FoundBy.TYPO),
        ("acne trading", "C6", FoundBy.TYPO),
    ],
)
async def test_finds_the_ways_people_name_a_customer(crm, text, number, how):
    """Each way of naming finds the customer first, and says how it was found."""
    assert (await found(crm, text))[0] == (number, how)


async def test_name_and_tail_together(crm):
    """宏远 is two customers; with the last four digits it is one."""
    assert {number for number, _ in await found(crm, "宏远")} == {"C1", "C2"}
    assert await found(crm, "宏远 尾号5672") == [("C2", FoundBy.SHORT_NAME)]
    assert await found(crm, "宏远 尾号5673") == []


async def test_same_sound_is_a_question_not_an_answer(crm):
    """宏元 sounds like three customers: all are offered, none is taken for sure."""
    hits = await search(crm, "宏元")

    assert {hit.record.ref.number for hit in hits.items} == {"C1", "C2", "C3"}
    assert hits.sure is None


@pytest.mark.parametrize(
    "text",
    ["", "  ", "（）", "没有这样的客户", "%", "_", '"', "' OR 1=1 --", "a" * 3000, "\U0001f600", "\ud83d", "\x00"],
)
async def test_finds_nothing_where_nothing_is(crm, text):
    """Odd input is a search without hits, never an error."""
    assert await found(crm, text) == []


@pytest.mark.parametrize(
    "text", ["C2", "上海宏远贸易有限公司", "宏远贸易", "远贸", "5672", "hongyuanmaoyi", "hymy", "宏远茂易"]
)
async def test_others_records_do_not_exist(crm, text):
    """A rep neither sees nor counts a customer of somebody else, however exactly it is named."""
    assert [number for number, _ in await found(crm, text)] == ["C2"]
    hits = await search(crm, text, WANG)

    assert "C2" not in {hit.record.ref.number for hit in hits.items}
    assert hits.total == len(hits.items)


async def test_nobody_sees_nothing(crm):
    """Sight of no owner at all finds nothing, not everything."""
    assert (await search(crm, "宏远", Sight())).total == 0


async def test_status_is_part_of_the_question(db, crm):
    """What is voided is hidden from 作废 and found by 恢复, and the total counts accordingly."""
    await act(db, crm, 1, Action.VOID, C1)

    assert await found(crm, "宏远") == [("C2", FoundBy.SHORT_NAME)]
    assert await found(crm, "宏远", statuses=frozenset({LifeStatus.VOIDED})) == [("C1", FoundBy.SHORT_NAME)]
    assert (await search(crm, "宏远", statuses=EVERY)).total == 2
    assert (await search(crm, "宏远", statuses=EVERY, limit=1)).total == 2


async def test_finds_segments_and_communications(crm):
    """Segments by number, name, part or typo; communications by number or by their customer."""
    assert await found(crm, "g1", kind=Kind.SEGMENT) == [("G1", FoundBy.NUMBER)]
    assert await found(crm, "展会线索2024", kind=Kind.SEGMENT) == [("G1", FoundBy.NAME)]
    assert await found(crm, "展会", kind=Kind.SEGMENT) == [("G1", FoundBy.PARTIAL)]
    assert await found(crm, "展会线锁2024", kind=Kind.SEGMENT) == [("G1", FoundBy.TYPO)]
    assert await found(crm, "老客户", WANG, kind=Kind.SEGMENT) == []
    assert await found(crm, "R1", kind=Kind.COMMUNICATION) == [("R1", FoundBy.NUMBER)]
    assert await found(crm, "R3", WANG, kind=Kind.COMMUNICATION) == []
    assert {number for number, _ in await found(crm, "宏远科技", kind=Kind.COMMUNICATION)} == {"R1", "R2"}


async def test_impact_counts_what_hangs_on_it(crm):
    """Open deals and unpaid invoices by currency, people, talks, groups and the last contact."""
    impact = await crm.impact(C1)

    assert (impact.contacts, impact.communications, impact.segments) == (2, 2, 2)
    assert (impact.open_deals, impact.open_amounts) == (2, (Money(Decimal("48000.30"), "CNY"),))
    assert (impact.unpaid_invoices, impact.unpaid_amounts) == (1, (Money(Decimal("12.50"), "USD"),))
    assert impact.last_contact is not None
    assert impact.last_contact.medium is Medium.WECHAT
    assert (await crm.impact(G1)).members == 2


# acting


@pytest.mark.parametrize(
    ("action", "status"),
    [
        (Action.VOID, LifeStatus.VOIDED),
        (Action.ARCHIVE, LifeStatus.ARCHIVED),
        (Action.DELETE, LifeStatus.DELETED),
    ],
)
@pytest.mark.parametrize("ref", [C1, G1, R1], ids=lambda ref: ref.kind)
async def test_action_and_undo(db, crm, ref, action, status):
    """Each action changes the status and says by which operation; the undo leaves no difference."""
    before = await state(crm, ref)
    (snapshot,) = await crm.snapshots([ref])

    assert await act(db, crm, 7, action, ref) == [Outcome.DONE]
    changed = await state(crm, ref)
    assert (changed.status, changed.changed_by) == (status, 7)
    assert changed.version == before.version + 1

    assert await act(db, crm, 8, Action.RESTORE, ref, undo_of=7) == [Outcome.DONE]
    again = await state(crm, ref)
    assert (again.status, again.changed_by) == (before.status, before.changed_by)
    assert again.version > changed.version
    assert differences(snapshot.body, (await crm.snapshots([ref]))[0].body) == []


async def test_second_time_is_already(db, crm):
    """The same work done twice changes nothing the second time; an undo neither."""
    asked = await work(crm, 7, Action.VOID, C1, C2)
    assert await apply(db, crm, asked) == [Outcome.DONE, Outcome.DONE]
    version = (await state(crm, C1)).version
    assert await apply(db, crm, asked) == [Outcome.ALREADY, Outcome.ALREADY]
    assert (await state(crm, C1)).version == version

    undo = await work(crm, 8, Action.RESTORE, C1, C2, undo_of=7)
    assert await apply(db, crm, undo) == [Outcome.DONE, Outcome.DONE]
    assert await apply(db, crm, undo) == [Outcome.ALREADY, Outcome.ALREADY]


async def test_changed_since_seen_is_conflict(db, crm):
    """A record that moved on drops out; the others go through."""
    asked = await work(crm, 7, Action.VOID, C1, C2)
    await act(db, crm, 6, Action.ARCHIVE, C2)

    assert await apply(db, crm, asked) == [Outcome.DONE, Outcome.CONFLICT]
    assert (await state(crm, C2)).status is LifeStatus.ARCHIVED


async def test_a_talk_is_a_change_of_its_customer(db, crm):
    """A vote on a customer does not survive the voiding of one of its communications."""
    asked = await work(crm, 7, Action.VOID, C1)
    await act(db, crm, 6, Action.VOID, R1)

    assert await apply(db, crm, asked) == [Outcome.CONFLICT]


async def test_wrong_state_and_not_found(db, crm):
    """What the life cycle forbids and what is not there are told apart; nothing is written."""
    await act(db, crm, 6, Action.VOID, C1)
    archive = await work(crm, 7, Action.ARCHIVE, C1)
    ghost = replace(archive.targets[0], ref=GONE)

    outcomes = await apply(db, crm, replace(archive, targets=(*archive.targets, ghost)))

    assert outcomes == [Outcome.WRONG_STATE, Outcome.NOT_FOUND]
    assert (await state(crm, C1)).changed_by == 6


@pytest.mark.parametrize("action", list(Action))
async def test_offers_only_what_it_can_do(db, crm, action):
    """An action a connector says it lacks has the outcome unsupported and changes nothing."""
    supported = crm.capability(action, Kind.CUSTOMER).supported
    before = await state(crm, C1)
    (outcome,) = await act(db, crm, 7, action, C1)

    assert (outcome is Outcome.UNSUPPORTED) == (not supported)
    if not supported:
        assert await state(crm, C1) == before


async def test_undo_takes_back_one_operation_only(db, crm):
    """Voided by 6, deleted by 7: undoing 7 leads back to voided by 6, and then 6 can be undone too."""
    await act(db, crm, 6, Action.VOID, C1, C2)
    await act(db, crm, 7, Action.DELETE, C1)

    assert await act(db, crm, 8, Action.RESTORE, C1, C2, undo_of=7) == [Outcome.DONE, Outcome.WRONG_STATE]
    assert [(r.status, r.changed_by) for r in await crm.read([C1, C2])] == [(LifeStatus.VOIDED, 6)] * 2
    assert await act(db, crm, 9, Action.RESTORE, C1, C2, undo_of=6) == [Outcome.DONE, Outcome.DONE]
    assert [(r.status, r.changed_by) for r in await crm.read([C1, C2])] == [(LifeStatus.ACTIVE, None)] * 2


async def test_restore_leads_back_to_where_it_was(db, crm):
    """A deleted record that was archived is archived again; restored once more it is active."""
    await act(db, crm, 6, Action.ARCHIVE, C1)
    await act(db, crm, 7, Action.DELETE, C1)
    await act(db, crm, 8, Action.RESTORE, C1)
    assert (await state(crm, C1)).status is LifeStatus.ARCHIVED
    await act(db, crm, 9, Action.RESTORE, C1)
    assert (await state(crm, C1)).status is LifeStatus.ACTIVE


async def test_a_failed_transaction_leaves_no_trace(db, crm):
    """What was done in a transaction that fails was not done."""
    asked = await work(crm, 7, Action.VOID, C1)

    def fail(uow):
        crm.apply_within(uow, asked)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await db.run(fail)
    assert (await state(crm, C1)).status is LifeStatus.ACTIVE


async def test_many_targets(db, crm):
    """More targets than one statement takes: each has its outcome."""
    asked = await work(crm, 7, Action.VOID, C1, C2, C3)
    ghosts = tuple(replace(asked.targets[0], ref=RecordRef(Kind.CUSTOMER, f"X{n}")) for n in range(2500))

    outcomes = await apply(db, crm, replace(asked, targets=ghosts + asked.targets))

    assert outcomes == [Outcome.NOT_FOUND] * 2500 + [Outcome.DONE] * 3


# snapshots and what they bring back


async def test_snapshot_holds_all_that_hangs_on_it(crm):
    """Two looks at the same records give the same bytes, with contacts, deals, invoices, talks and groups."""
    first, second = await crm.snapshots([C1, C2]), await crm.snapshots([C2, GONE, C1])
    whole = json.loads(first[0].body)

    assert first == second[::-1]
    assert b"\n" not in first[0].body
    assert whole["customer"]["name"] == "北京宏远科技有限公司"
    assert [contact["name"] for contact in whole["contacts"]] == ["李梅", "王建国"]
    assert [deal["amount"] for deal in whole["deals"]] == ["48000.10", "0.20", "9.00"]
    assert [row["number"] for row in whole["communications"]] == ["R1", "R2"]
    assert whole["memberships"] == ["G1", "G2"]
    (segment,) = await crm.snapshots([G1])
    assert json.loads(segment.body)["members"] == ["C1", "C2"]


@pytest.mark.parametrize("ref", [C1, G1, R1], ids=lambda ref: ref.kind)
async def test_backup_brings_the_status_back(db, crm, ref):
    """Where the record still exists, the status goes back; a second time there is nothing to do."""
    (snapshot,) = await crm.snapshots([ref])
    await act(db, crm, 7, Action.DELETE, ref)

    restore = partial(crm.restore_within, snapshot=snapshot, operation=7)
    assert await db.run(restore) is Outcome.DONE
    assert (await state(crm, ref)).status is LifeStatus.ACTIVE
    assert differences(snapshot.body, (await crm.snapshots([ref]))[0].body) == []
    assert await db.run(restore) is Outcome.ALREADY


async def test_backup_does_not_undo_somebody_else(db, crm):
    """Moved on by another operation: conflict, and nothing is written."""
    (snapshot,) = await crm.snapshots([C1])
    await act(db, crm, 9, Action.ARCHIVE, C1)
    before = await crm.snapshots([C1])

    assert await db.run(lambda uow: crm.restore_within(uow, snapshot, 7)) is Outcome.CONFLICT
    assert await crm.snapshots([C1]) == before


async def test_silent_longest_first(crm):
    """Nobody spoke to them since: own ones only, longest first, snoozed ones left out."""
    wang, half_a_year = PersonId("wang"), NOW - timedelta(days=80)

    silent = await crm.silent(wang, half_a_year, 10, frozenset())
    assert [(one.ref.number, one.never) for one in silent] == [("C5", True), ("C7", False), ("C3", False)]
    quiet = frozenset({silent[0].ref})
    assert [one.ref.number for one in await crm.silent(wang, half_a_year, 1, quiet)] == ["C7"]
    assert list(await crm.silent_owners(half_a_year)) == ["li", "wang"]
    assert list(await crm.silent_owners(NOW - timedelta(days=230))) == ["li", "wang"]
    assert list(await crm.silent_owners(NOW - timedelta(days=300))) == ["wang"]


async def test_customers_of_one_rep(db, crm):
    """All of them, the longest silent first, with their number beyond the limit; none that is put away."""
    first, count = await crm.of_owner(PersonId("wang"), 2)
    assert ([one.ref.number for one in first], count) == (["C5", "C7"], 4)

    await act(db, crm, 7, Action.VOID, RecordRef(Kind.CUSTOMER, "C5"))
    first, count = await crm.of_owner(PersonId("wang"), 2)
    assert ([one.ref.number for one in first], count) == (["C7", "C3"], 3)


async def test_silent_leaves_out_what_is_put_away(db, crm):
    """A voided customer reminds nobody."""
    await act(db, crm, 7, Action.VOID, RecordRef(Kind.CUSTOMER, "C5"))
    silent = await crm.silent(PersonId("wang"), NOW, 10, frozenset())

    assert "C5" not in {one.ref.number for one in silent}
