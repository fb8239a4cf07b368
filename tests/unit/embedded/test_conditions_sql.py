"""A condition picks the same customers in SQL as in memory."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, insert, select

from core.crm.embedded.conditions_sql import where
from core.crm.embedded.tables import customers
from core.domain.conditions import matches
from core.storage.engines import make_engine
from tests.conditions import NOW, conditions, rows


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.mark.slow
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(rows(), min_size=3, max_size=6), st.lists(conditions(), min_size=5, max_size=8))
def test_sql_and_memory_agree(engine, made, asked):
    """For any customers and any conditions, on both databases."""
    numbered = [{**row, "number": f"C{place}"} for place, row in enumerate(made)]
    with engine.begin() as connection:
        connection.execute(delete(customers))
        stored = [{**row, "tags": json.dumps(row["tags"], ensure_ascii=False)} for row in numbered]
        connection.execute(insert(customers), stored)
        for condition in asked:
            found = connection.execute(select(customers.c.number).where(where(condition, NOW))).scalars()
            assert set(found) == {row["number"] for row in numbered if matches(condition, row, NOW)}
