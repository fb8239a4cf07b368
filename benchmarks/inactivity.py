"""Measures the inactivity scan of 1,000,000 customers. The budget is 1.5 × the bare SQL that finds them.

    python -m benchmarks.inactivity [--small] [--rebuild] [--database sqlite|postgresql]

Both sides find the owners of silent customers, then the longest silent customers of some reps. Ours returns domain
values; the bare side is a statement on the driver's own connection.
"""

import argparse
import time
from collections.abc import Callable
from datetime import timedelta
from statistics import median
from typing import Any

from sqlalchemy import Engine

from benchmarks.customers import NOW
from benchmarks.kept import KINDS, customers_database
from core.crm.embedded.silence import silent_customers, silent_owners
from core.storage.engines import make_engine
from core.storage.types import to_micros

BUDGET = 1.5
ROUNDS = 7
BEFORE = NOW - timedelta(days=180)
IN_DIGEST = 20
REPS_ASKED = 200
# The same conditions as in core/crm/embedded/silence.py, so that both sides can use the same index.
_OWNERS = """SELECT owner, count(*) FROM customers
    WHERE status = 'active' AND coalesce(last_contact_at, created_at) < ? AND owner <> ''
    GROUP BY owner ORDER BY owner"""
_CUSTOMERS = """SELECT id, number, name, short_name, level, last_contact_at FROM customers
    WHERE status = 'active' AND owner = ? AND coalesce(last_contact_at, created_at) < ?
    ORDER BY coalesce(last_contact_at, created_at), id LIMIT 20"""


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.inactivity", description=__doc__.splitlines()[0])
    parser.add_argument("--small", action="store_true", help="20,000 customers: a quick try, no verdict")
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--rebuild", action="store_true", help="fill the databases anew")
    parser.add_argument("--database", action="append", choices=KINDS)
    options = parser.parse_args(argv)
    ratios = []
    count = 20_000 if options.small else options.count
    for kind in options.database or KINDS:
        with customers_database(kind, count, rebuild=options.rebuild) as url:
            engine = make_engine(url)
            ratios.append(compare(engine))
            engine.dispose()
    return 0 if options.small or all(ratio <= BUDGET for ratio in ratios) else 1


def compare(engine: Engine) -> float:
    """Returns the ratio of the scan; the ratio for the lists of single reps is printed too."""
    kind = engine.dialect.name
    ours, bare = _times(lambda: _scan(engine), lambda: _bare_scan(engine))
    print(f"{kind}: whose customers are silent: {ours:.1f} ms, bare SQL {bare:.1f} ms, ratio {ours / bare:.2f}")
    owners = _scan(engine)[:REPS_ASKED]
    rep_ours, rep_bare = _times(lambda: _lists(engine, owners), lambda: _bare_lists(engine, owners))
    print(
        f"{kind}: {len(owners)} reps' {IN_DIGEST} longest silent: {rep_ours:.1f} ms, bare SQL {rep_bare:.1f} ms,"
        f" ratio {rep_ours / rep_bare:.2f} (with medium of last contact, as domain values)"
    )
    return ours / bare


def _times(ours: Callable[[], object], bare: Callable[[], object]) -> tuple[float, float]:
    """Returns the median ms of both. They run in turn, so that a busy moment of the machine affects both."""
    spent: dict[int, list[float]] = {0: [], 1: []}
    for _ in range(ROUNDS):
        for side, work in enumerate((ours, bare)):
            began = time.perf_counter()
            work()
            spent[side].append((time.perf_counter() - began) * 1000)
    return median(spent[0]), median(spent[1])


def _scan(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        return list(silent_owners(connection, BEFORE))


def _lists(engine: Engine, owners: list[Any]) -> None:
    with engine.connect() as connection:
        for owner in owners:
            silent_customers(connection, owner, BEFORE, IN_DIGEST, frozenset())


def _bare_scan(engine: Engine) -> list[Any]:
    return _bare(engine, _OWNERS, [(to_micros(BEFORE),)])


def _bare_lists(engine: Engine, owners: list[Any]) -> None:
    _bare(engine, _CUSTOMERS, [(owner, to_micros(BEFORE)) for owner in owners])


def _bare(engine: Engine, statement: str, values: list[tuple[Any, ...]]) -> list[Any]:
    found: list[Any] = []
    held = engine.raw_connection()
    try:
        cursor = held.cursor()
        # The drivers mark values differently: ? for sqlite3, %s for psycopg.
        spelled = statement if engine.dialect.name == "sqlite" else statement.replace("?", "%s")
        for each in values:
            cursor.execute(spelled, each)
            found = list(cursor.fetchall())
        # Nothing was written; this only ends the transaction that the driver has begun.
        held.rollback()
    finally:
        held.close()
    return found


if __name__ == "__main__":
    raise SystemExit(main())
