"""Any sequence of actions, undos and repeats leaves the store where a tiny model says."""

from dataclasses import dataclass

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import StaticPool, create_engine, insert, select

from core.crm.embedded import acting
from core.crm.embedded.tables import customers
from core.domain.actions import Action, LifeStatus, after, allowed_from
from core.domain.operation.targets import Outcome, Target
from core.domain.people import PersonId
from core.domain.records import Kind, RecordRef
from core.ports.crm import Chunk
from tests.embedded import NOW

CHANGES = st.sampled_from([Action.VOID, Action.ARCHIVE, Action.DELETE, Action.RESTORE])
NUMBERS = ("C1", "C2", "C3")


@dataclass
class Modelled:
    """One record: its status, whose doing that is, and the two as they were before that doing."""

    status: LifeStatus = LifeStatus.ACTIVE
    by: int | None = None
    before: tuple[LifeStatus, int | None] = (LifeStatus.ACTIVE, None)
    version: int = 1


class Life(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.engine = create_engine("sqlite://", poolclass=StaticPool)
        self.model = {number: Modelled() for number in NUMBERS}
        self.operation = 0
        with self.engine.begin() as connection:
            customers.create(connection)
            rows = [{"number": number, "name": number, "created_at": NOW} for number in NUMBERS]
            connection.execute(insert(customers), rows)

    def _apply(self, action: Action, numbers: set[str], undo_of: int | None = None, stale: int = 0):
        targets = tuple(
            Target(
                RecordRef(Kind.CUSTOMER, number),
                number,
                self.model[number].version - stale,
                self.model[number].status,
            )
            for number in sorted(numbers)
        )
        work = Chunk(self.operation, action, targets, PersonId("wang"), "", NOW, undo_of)
        with self.engine.begin() as connection:
            first = acting.apply(connection, work)
            again = acting.apply(connection, work)
        for ref, outcome in first.items():
            repeated = Outcome.ALREADY if outcome is Outcome.DONE else outcome
            assert again[ref] is repeated
        return {ref.number: outcome for ref, outcome in first.items()}

    @rule(action=CHANGES, numbers=st.sets(st.sampled_from(NUMBERS), min_size=1))
    def act(self, action: Action, numbers: set[str]) -> None:
        self.operation += 1
        outcomes = self._apply(action, numbers)
        for number, outcome in outcomes.items():
            one = self.model[number]
            if one.status not in allowed_from(action):
                assert outcome in {Outcome.ALREADY, Outcome.WRONG_STATE}
                continue
            assert outcome is Outcome.DONE
            status = after(action, one.status, one.before[0])
            self.model[number] = Modelled(status, self.operation, (one.status, one.by), one.version + 1)

    @rule(action=CHANGES, number=st.sampled_from(NUMBERS))
    def act_on_what_was_seen_earlier(self, action: Action, number: str) -> None:
        self.operation += 1
        outcomes = self._apply(action, {number}, stale=1)
        assert outcomes[number] in {Outcome.CONFLICT, Outcome.ALREADY}

    @rule(numbers=st.sets(st.sampled_from(NUMBERS), min_size=1), whose=st.sampled_from(NUMBERS))
    def undo(self, numbers: set[str], whose: str) -> None:
        """Of the operation that put `whose` where it is, asked for these numbers too."""
        self.operation += 1
        undone = self.model[whose].by or 0
        outcomes = self._apply(Action.RESTORE, numbers, undo_of=undone)
        for number, outcome in outcomes.items():
            one = self.model[number]
            theirs = one.by == undone and one.status in allowed_from(Action.RESTORE)
            assert (outcome is Outcome.DONE) == theirs
            if theirs:
                status, by = one.before
                # One step is remembered; where a deleted record was stays known.
                known = (one.status if status is LifeStatus.DELETED else LifeStatus.ACTIVE, None)
                self.model[number] = Modelled(status, by, known, one.version + 1)

    @invariant()
    def stands_where_the_model_says(self) -> None:
        if not hasattr(self, "engine"):
            return
        c = customers.c
        with self.engine.begin() as connection:
            rows = connection.execute(select(c.number, c.status, c.status_by, c.version)).all()
        assert {row.number: (row.status, row.status_by, row.version) for row in rows} == {
            number: (one.status.value, one.by, one.version) for number, one in self.model.items()
        }

    def teardown(self) -> None:
        if hasattr(self, "engine"):
            self.engine.dispose()


@pytest.mark.slow
def test_record_life():
    """The store and the model never part, and everything done twice is done once."""
    run_state_machine_as_test(Life, settings=settings(max_examples=60, stateful_step_count=20, deadline=None))
