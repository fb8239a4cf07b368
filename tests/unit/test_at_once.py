"""Tests two transactions about one record at the same moment: whatever both have read before, one gives way."""

import random
import tomllib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.command_line.opening import open_database, open_policy
from bot.seeding import seed
from config.files import DEFAULT_ROLES, read_toml
from config.roles_file import roster_from
from config.settings import Settings
from core.crm.embedded.store import EmbeddedCrm
from core.crm.embedded.tables import customers
from core.domain.actions import Action, LifeStatus
from core.domain.approval.vote import Decision
from core.domain.errors import AlreadyClosed, BadInput
from core.domain.events.domain_event import DomainEvent
from core.domain.events.execution import OperationFinished
from core.domain.events.people import PersonLeft
from core.domain.events.requests import OperationAbandoned
from core.domain.fingerprint import fingerprint
from core.domain.operation.life import State
from core.domain.operation.operation import Mode, Operation
from core.domain.operation.targets import Outcome, Target, Targets
from core.domain.people import PersonId, Sight
from core.domain.policy import Policy
from core.domain.records import Kind, RecordRef
from core.domain.reminders import Digest
from core.services.confirming import confirm
from core.services.deciding import Ballot, decide
from core.services.executing.finish import finish
from core.services.executing.shared import Tools, still_ours
from core.services.executing.take import Taken, take
from core.services.expiry import expire_due
from core.services.people import leave
from core.services.proposing import Proposal, propose
from core.services.reminders import send_digest
from core.services.requests import ask_again, withdraw
from core.services.undoing import undo
from core.storage.db import Database
from core.storage.tables import digests, in_flight
from tests.pretend import ROLES
from tests.publishing import log_only, of_kind
from tests.scenario.settling import now, settle_in, town_settings
from tests.unit.at_once import Pause, meet, meet_midway

WANG, ZHAO, LI, CHEN = (PersonId(name) for name in ("wangmin", "zhaojun", "liqiang", "chenjie"))
HONG, YUAN = RecordRef(Kind.CUSTOMER, "C1024"), RecordRef(Kind.CUSTOMER, "C1025")
ALL = Sight(everything=True)
NO_VAULT: Any = None
"""A vault is needed as an argument, but these tests make no backup."""


class Office:
    """Calls services as the handlers do, each in a transaction of its own."""

    def __init__(self, db: Database, policy: Policy, settings: Settings) -> None:
        self.db, self.policy, self.zone = db, policy, settings.zone
        self.crm = EmbeddedCrm(db)

    def draft(self, uow: Any, who: PersonId, *refs: RecordRef) -> Operation:
        records = tuple(self.crm.read_within(uow, refs or (HONG,)))
        proposal = Proposal(Action.VOID, records, "作废客户")
        return propose(uow, uow.people.get(who), ALL, self.policy, proposal)[-1].operation

    def confirm(self, number: int, who: PersonId) -> Callable[[Any], Operation]:
        return lambda uow: confirm(uow, number, uow.people.get(who), None, self.policy, self.zone).operation

    def vote(self, number: int, who: PersonId) -> Callable[[Any], Operation]:
        ballot = Ballot(number, Decision.APPROVE)

        def work(uow: Any) -> Operation:
            voted = decide(uow, uow.people.get(who), ballot, self.policy)
            log_only(uow, voted)  # a vote counts only with its entry in the log
            return voted.operation

        return work

    def undo(self, number: int, who: PersonId) -> Callable[[Any], Operation]:
        def work(uow: Any) -> Operation:
            records = tuple(self.crm.read_within(uow, [HONG]))
            return undo(uow, number, uow.people.get(who), ALL, records, self.policy, self.zone)[-1].operation

        return work

    def withdraw(self, number: int) -> Callable[[Any], Operation]:
        return lambda uow: withdraw(uow, number, uow.people.get(WANG)).operation

    def take(self, uow: Any) -> Any:
        return take(uow, "worker", self.policy)

    def carry_out(self, uow: Any) -> Operation:
        """Takes the next approved operation and stores DONE for every target, without touching a record."""
        taken = self.take(uow)
        number = taken.operation.number
        targets = uow.operations.targets(number)
        uow.operations.record_outcomes(number, {target.ref: Outcome.DONE for target in targets})
        return self.finish(uow, taken).operation

    def finish(self, uow: Any, taken: Taken) -> OperationFinished:
        assert taken.proof is not None
        tools = Tools(self.db, self.crm, NO_VAULT, self.policy, log_only)
        (finished,) = of_kind(OperationFinished, finish(uow, tools, taken.operation, taken.proof))
        return finished

    def run(self, work: Callable[[Any], Any]) -> Any:
        return self.db.run_sync(work)

    def requested(self, who: PersonId = WANG) -> int:
        draft = self.run(lambda uow: self.draft(uow, who))
        self.run(self.confirm(draft.number, who))
        return int(draft.number)

    def state(self, number: int) -> State:
        found: Operation = self.db.read_sync(lambda uow: uow.operations.get(number))
        return found.state

    def held(self) -> list[tuple[str, int]]:
        rows = self.db.read_sync(lambda uow: uow.connection.execute(select(in_flight)).all())
        return sorted((row.number, row.operation) for row in rows)


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    settings = town_settings(tmp_path, database_url, "http://127.0.0.1:1")
    db, policy = open_database(settings), open_policy(settings)
    roster = roster_from(tomllib.loads(ROLES), read_toml(DEFAULT_ROLES))

    def open_up(uow: Any) -> None:
        seed(uow, settings, roster, policy)
        settle_in(uow.connection, now())

    db.run_sync(open_up)
    yield Office(db, policy, settings)
    db.close()


def refused_as(answer: Any, text: str) -> bool:
    return isinstance(answer, BadInput | AlreadyClosed) and answer.text == text


# one request at a time on a record


def test_two_drafts_on_one_record_confirmed_at_once(office):
    """王敏 and 赵军 confirm at the same moment: one request goes on, and the other person is told which one."""
    mine, yours = (office.run(lambda uow, who=who: office.draft(uow, who)).number for who in (WANG, ZHAO))
    first, second = meet(office.db, office.confirm(mine, WANG), office.confirm(yours, ZHAO))

    assert first.state is State.PENDING
    assert refused_as(second, "already_asked")
    assert second.values["operation"] == "#0001"
    assert office.state(yours) is State.DRAFT
    assert office.held() == [("C1024", mine)]


def test_the_second_passes_when_the_first_breaks_off(office):
    """A confirmation that is rolled back leaves the record free for the next one."""
    mine, yours = (office.run(lambda uow, who=who: office.draft(uow, who)).number for who in (WANG, ZHAO))

    def breaks_off(uow: Any) -> None:
        office.confirm(mine, WANG)(uow)
        raise KeyError("cable")

    first, second = meet(office.db, breaks_off, office.confirm(yours, ZHAO))

    assert isinstance(first, KeyError)
    assert second.state is State.PENDING
    assert office.held() == [("C1024", yours)]


@pytest.mark.parametrize("end", ["withdrawn", "rejected", "expired", "done", "left"])
def test_an_ended_request_lets_go_of_its_record(office, end):
    """However a request ends, the next request on its record passes."""
    number = office.requested()
    match end:
        case "withdrawn":
            office.run(office.withdraw(number))
        case "rejected":
            no = Ballot(number, Decision.REJECT)
            office.run(lambda uow: decide(uow, uow.people.get(LI), no, office.policy))
        case "expired":
            office.run(lambda uow: overdue(uow, number))
            office.run(expire_due)
        case "done":
            office.run(office.vote(number, LI))
            office.run(office.carry_out)
        case "left":
            office.run(lambda uow: leave(uow, WANG, office.policy))
    assert office.held() == []

    assert office.state(office.requested(ZHAO)) is State.PENDING


def overdue(uow: Any, number: int) -> None:
    operation = uow.operations.get(number)
    uow.operations.save(replace(operation, expires_at=uow.now - timedelta(hours=1)))


def a_set(uow: Any, who: PersonId, numbers: list[int]) -> int:
    """Stores a draft on many records at once; the records need not exist to be requested."""
    listed = tuple(
        Target(RecordRef(Kind.CUSTOMER, f"C{number:04d}"), f"客户{number}", 1, LifeStatus.ACTIVE)
        for number in numbers
    )
    mark = fingerprint(
        Action.VOID, Mode.NORMAL, ((target.ref, 1) for target in sorted(listed, key=lambda t: t.ref))
    )
    number = uow.operations.next_number()
    draft = Operation(number, Action.VOID, Kind.CUSTOMER, who, Targets(len(listed), listed, mark), uow.now)
    uow.operations.add(draft, listed)
    return int(number)


def test_a_set_is_refused_for_its_last_record(office):
    """An operation holds all of its records, also the last of many, which is not loaded together with it."""
    mine = office.run(lambda uow: a_set(uow, WANG, list(range(100, 200))))
    yours = office.run(lambda uow: a_set(uow, ZHAO, list(range(199, 299))))
    first, second = meet(office.db, office.confirm(mine, WANG), office.confirm(yours, ZHAO))

    assert first.state is State.PENDING
    assert refused_as(second, "already_asked")
    assert second.values["what"] == "客户199"
    assert len(office.held()) == 100


def test_sets_that_overlap_never_wait_for_each_other(office):
    """Overlapping sets, confirmed at once in any order, neither deadlock nor put a record into two requests."""
    chance = random.Random(20261122)

    def one(numbers: list[int]) -> Any:
        number = office.run(lambda uow: a_set(uow, WANG, numbers))
        try:
            return office.run(office.confirm(number, WANG))
        except BadInput as no:
            return no

    wishes = [chance.sample(range(60), 12) for _ in range(24)]
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(one, wishes))
    passed = [answer for answer in answers if isinstance(answer, Operation)]
    taken = [number for number, _ in office.held()]

    assert passed
    assert all(isinstance(answer, Operation) or answer.text == "already_asked" for answer in answers)
    assert len(taken) == len(set(taken)) == 12 * len(passed)


def test_what_is_asked_again_holds_what_it_is_about_now(office):
    """A stale request asked again with fewer records frees the record that dropped out and holds the rest."""

    def stale(uow: Any) -> Operation:
        draft = office.draft(uow, WANG, HONG, YUAN)
        asked = office.confirm(draft.number, WANG)(uow)
        approved = office.vote(asked.number, LI)(uow)
        running = uow.operations.save(approved.start())
        uow.operations.record_outcomes(running.number, dict.fromkeys((HONG, YUAN), Outcome.CONFLICT))
        tally = uow.operations.tally(running.number)
        saved: Operation = uow.operations.save(running.finish(tally, uow.now, None))
        return saved

    number = office.run(stale).number
    assert office.state(number) is State.STALE
    assert len(office.held()) == 2

    def again(uow: Any) -> Operation:
        records = tuple(office.crm.read_within(uow, [YUAN]))
        return ask_again(uow, number, uow.people.get(WANG), ALL, records, office.policy).operation

    office.run(again)
    assert office.held() == [("C1025", number)]


# two people who ask for the same, or for the opposite


def done(office: Office) -> int:
    number = office.requested()
    office.run(office.vote(number, LI))
    office.run(office.carry_out)
    voided = customers.update().where(customers.c.number == HONG.number).values(status="voided", status_by=number)
    office.run(lambda uow: uow.connection.execute(voided))
    return number


def test_two_undo_the_same_operation_at_once(office):
    """The requester and the leader tap 撤销 at the same moment: one undo runs, and the other person is told so."""
    number = done(office)
    first, second = meet(office.db, office.undo(number, WANG), office.undo(number, LI))

    assert first.state is State.APPROVED
    assert refused_as(second, "already_asked")


def test_an_undo_that_ends_while_somebody_leaves(office):
    """An undo that ends locks two operations, and a leaving locks the same ones: the two cause no deadlock."""
    number = done(office)
    office.run(office.undo(number, WANG))
    office.run(lambda uow: office.draft(uow, WANG, YUAN))
    office.run(office.confirm(3, WANG))

    taken = office.run(office.take)

    def ends(uow: Any, pause: Pause) -> OperationFinished:
        still_ours(uow, taken.proof)
        uow.operations.record_outcomes(taken.operation.number, {HONG: Outcome.DONE})
        pause()
        finished: OperationFinished = office.finish(uow, taken)
        return finished

    ended, gone = meet_midway(office.db, ends, leaving(office, WANG))
    assert ended.operation.state is State.DONE
    assert ended.undone.number == number
    assert [event.operation.number for event in of_kind(OperationAbandoned, gone)] == [3]


def test_an_undo_of_what_was_put_back_meanwhile(office):
    """The backup of an operation is restored while its undo runs: the undo ends too, and undoes nothing twice."""
    number = done(office)
    office.run(office.undo(number, WANG))
    taken = office.run(office.take)

    def put_back(uow: Any) -> None:
        uow.operations.save(uow.operations.lock(number).mark_undone(uow.now, None))

    def ends(uow: Any) -> OperationFinished:
        uow.operations.record_outcomes(taken.operation.number, {HONG: Outcome.ALREADY})
        finished: OperationFinished = office.finish(uow, taken)
        return finished

    _, ended = meet(office.db, put_back, ends)
    assert (ended.operation.state, ended.undone) == (State.DONE, None)
    assert office.held() == []


def leaving(office: Office, who: PersonId) -> Callable[[Any], list[DomainEvent]]:
    return lambda uow: leave(uow, who, office.policy)


def test_a_vote_meets_a_withdrawal(office):
    """A vote after a withdrawal is refused, so nothing withdrawn is approved; a withdrawal after a vote counts."""
    number = office.requested()
    first, second = meet(office.db, office.withdraw(number), office.vote(number, LI))
    assert first.state is State.WITHDRAWN
    assert refused_as(second, "closed_withdrawn")

    number = office.requested()
    first, second = meet(office.db, office.vote(number, LI), office.withdraw(number))
    assert (first.state, second.state) == (State.APPROVED, State.WITHDRAWN)


def test_a_worker_meets_a_withdrawal(office):
    """A request that a worker has taken cannot be withdrawn, and no worker takes one that is being withdrawn."""
    number = office.requested()
    office.run(office.vote(number, LI))
    first, second = meet(
        office.db,
        office.take,
        office.withdraw(number),
    )
    assert first.proof is not None
    assert refused_as(second, "closed_executing")

    other = office.run(lambda uow: office.draft(uow, WANG, YUAN)).number
    office.run(office.confirm(other, WANG))
    office.run(office.vote(other, LI))
    first, second = meet(
        office.db,
        office.withdraw(other),
        office.take,
    )
    assert first.state is State.WITHDRAWN
    assert second is None


def test_a_vote_meets_the_end_of_the_term(office):
    """A request that expires while a vote comes in stays expired, and the vote is refused."""
    number = office.requested()
    office.run(lambda uow: overdue(uow, number))
    first, second = meet(office.db, expire_due, office.vote(number, LI))
    assert [expired.operation.number for expired in first] == [number]
    assert refused_as(second, "closed_expired")


def test_two_votes_at_once_are_both_counted(office):
    """Two votes are needed and come at the same moment: the second sees the first, and the request is approved."""
    rule = replace(office.policy.approval[Action.VOID], votes=2)
    office.policy = replace(office.policy, approval={**office.policy.approval, Action.VOID: rule})
    number = office.requested()
    first, second = meet(office.db, office.vote(number, LI), office.vote(number, CHEN))
    assert (first.state, second.state) == (State.PENDING, State.APPROVED)


def test_a_worker_sends_back_while_the_last_approver_leaves(office):
    """A request that has lost its votes is not handed to an approver who leaves at the same moment."""
    number = office.requested()
    office.run(office.vote(number, LI))
    office.run(leaving(office, LI))
    first, second = meet(office.db, leaving(office, CHEN), office.take)
    assert of_kind(PersonLeft, first)
    (finished,) = of_kind(OperationFinished, second.events)
    assert finished.operation.state is State.FAILED


def test_asking_again_meets_a_leaving(office):
    """A requester, also an approver, asks again and leaves at the same moment: the request ends, no deadlock."""

    def stale(uow: Any) -> Operation:
        asked = office.confirm(office.draft(uow, LI).number, LI)(uow)
        running = uow.operations.save(office.vote(asked.number, CHEN)(uow).start())
        uow.operations.record_outcomes(running.number, {HONG: Outcome.CONFLICT})
        tally = uow.operations.tally(running.number)
        saved: Operation = uow.operations.save(running.finish(tally, uow.now, None))
        return saved

    number = office.run(stale).number

    def again(uow: Any, pause: Pause) -> Operation:
        records = tuple(office.crm.read_within(uow, [HONG]))
        uow.operations.lock(number)
        pause()
        return ask_again(uow, number, uow.people.get(LI), ALL, records, office.policy).operation

    first, second = meet_midway(office.db, again, leaving(office, LI))
    assert first.state is State.PENDING
    assert [event.operation.number for event in of_kind(OperationAbandoned, second)] == [number]


def test_two_processes_send_a_digest_at_once(office):
    """Two processes find that 王敏 is due for a digest, her first or a later one: she gets it once."""
    wang = office.db.read_sync(lambda uow: uow.people.get(WANG))
    digest = Digest(wang, (), 3)

    def send(uow: Any) -> bool:
        return bool(send_digest(uow, digest, office.policy.reminders))

    assert meet(office.db, send, send) == (True, False)
    assert office.run(send) is False
    office.run(lambda uow: uow.connection.execute(digests.update().values(sent_at=uow.now - timedelta(days=8))))
    assert meet(office.db, send, send) == (True, False)
