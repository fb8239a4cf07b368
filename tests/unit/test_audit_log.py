"""The log in the database is one chain over all writers, and no change of it stays unseen."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

from core.domain.audit import Flaw, Head, NewEntry, Pseudonyms, Tag, verify
from core.domain.errors import AuditBroken
from core.storage import audit as audit_storage
from core.storage.audit import SqlAuditLog
from core.storage.db import Database
from core.storage.engines import make_engine
from core.storage.uow import SqlUnitOfWork, StoreKeys

KEY = bytes(range(32))
NAMES = Pseudonyms(bytes(32))
AT = datetime(2026, 11, 22, 8, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


def log_of(connection: Connection) -> SqlAuditLog:
    return SqlAuditLog(connection, AT, KEY, NAMES)


def outcome(number: int) -> NewEntry:
    return NewEntry(
        Tag.TARGET_OUTCOME, "zhangsan", f"customer:C{number}", 312, {"outcome": "done", "version": number}
    )


def fill(engine: Engine, count: int) -> Head:
    with engine.begin() as connection:
        return log_of(connection).append(*(outcome(number) for number in range(1, count + 1)))


def bad_seq(engine: Engine, *anchors: Head) -> int | None:
    with engine.begin() as connection:
        return log_of(connection).verify(anchors).bad_seq


def run(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def test_what_was_logged_can_be_read(engine):
    """Entries come back with all their columns, in the order they were added."""
    with engine.begin() as connection:
        log = log_of(connection)
        assert log.head() == Head()
        first = log.append(NewEntry(Tag.OPERATION_DRAFTED, "zhangsan", operation=7, detail={"targets": 2}))
        second = log.append(outcome(1), NewEntry(Tag.BACKUP_WRITTEN, operation=312))
        assert log.append() == second
    with engine.begin() as connection:
        entries = list(log_of(connection).entries())
        assert log_of(connection).head() == second

    assert [entry.seq for entry in entries] == [1, 2, 3]
    assert (first.seq, second) == (1, Head(3, entries[2].hash))
    assert entries[0].at == AT
    assert (entries[0].actor, entries[0].subject) == (NAMES.of("zhangsan"), "")
    assert (entries[1].detail, entries[2].operation) == ('{"outcome":"done","version":1}', 312)
    assert verify(KEY, [entry.row for entry in entries], second).holds


def test_long_logs_are_read_in_pieces(engine, monkeypatch):
    """However the log is cut into chunks, every entry comes exactly once."""
    fill(engine, 10)
    for chunk in (1, 3, 5, 10, 11):
        monkeypatch.setattr(audit_storage, "CHUNK", chunk)
        with engine.begin() as connection:
            log = log_of(connection)
            assert [entry.seq for entry in log.entries()] == list(range(1, 11))
            assert [entry.seq for entry in log.entries(after=4)] == list(range(5, 11))
            assert [row[0] for row in log.rows()] == list(range(1, 11))
            assert [entry.row for entry in log.entries()] == list(log.rows())


def test_a_record_and_an_operation_have_a_story(engine):
    """Asked about one record or one operation, the log answers with its entries alone."""
    fill(engine, 5)
    with engine.begin() as connection:
        log = log_of(connection)
        log.append(NewEntry(Tag.OPERATION_UNDONE, "zhangsan", "customer:C3", 400))

        assert [entry.seq for entry in log.about("customer:C3", 10)] == [6, 3]
        assert [entry.seq for entry in log.about("customer:C3", 1)] == [6]
        assert [entry.seq for entry in log.of_operation(312, 3)] == [1, 2, 3]
        assert [entry.seq for entry in log.of_operation(312, 2, newest=True)] == [5, 4]
        assert log.of_operation(312, 10, {Tag.OPERATION_UNDONE}) == []
        assert [entry.tag for entry in log.of_operation(400, 10)] == ["worker:operation:undone"]


def test_a_rollback_leaves_no_gap(engine):
    """An entry that was rolled back leaves no gap: the next entry takes its number."""
    fill(engine, 2)
    with engine.connect() as connection, connection.begin() as transaction:
        log_of(connection).append(outcome(1), outcome(2))
        transaction.rollback()
    head = fill(engine, 1)

    assert head.seq == 3
    assert bad_seq(engine) is None


def test_a_rolled_back_savepoint_is_not_built_upon(engine):
    """An entry added and taken back inside one transaction cannot become the ground of the next one."""
    with engine.connect() as connection, connection.begin():
        log = log_of(connection)
        log.append(outcome(1))
        with connection.begin_nested() as savepoint:
            log.append(outcome(2))
            savepoint.rollback()
        with pytest.raises(AuditBroken):
            log.append(outcome(3))

    assert bad_seq(engine) is None


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE audit_head SET seq = 2",
        "UPDATE audit_head SET hash = 'x'",
        "DELETE FROM audit_head",
        "DELETE FROM audit_entries WHERE seq = 3",
        "UPDATE audit_entries SET hash = 'x' WHERE seq = 3",
        "DELETE FROM audit_entries",
    ],
)
def test_nothing_is_added_to_a_broken_log(engine, damage):
    """When head and last entry disagree, the log takes no entry, so nothing is done."""
    fill(engine, 3)
    run(engine, damage)

    with engine.connect() as connection, pytest.raises(AuditBroken):
        log_of(connection).append(outcome(4))


COLUMNS = {
    "at": "at + 1",
    "tag": "'chat:operation:voted'",
    "actor": "''",
    "subject": "substr(subject, 1, 24)",
    "operation": "NULL",
    "detail": "detail || ' '",
    "prev": "'g' || substr(prev, 2)",
    "hash": "'g' || substr(hash, 2)",
}


@pytest.mark.parametrize("column", COLUMNS)
def test_an_update_is_named(engine, column):
    """Whoever changes one column of one row in the database is found at that row."""
    fill(engine, 5)
    run(engine, f"UPDATE audit_entries SET {column} = {COLUMNS[column]} WHERE seq = 3")

    assert bad_seq(engine) == 3


@pytest.mark.slow
def test_random_damage_is_always_found(sqlite_url):
    """Two hundred random changes through SQL, one after another on a fresh copy: each is named."""
    engine = make_engine(sqlite_url)
    fill(engine, 20)
    chance = random.Random(20261122)
    for _ in range(200):
        seq, column = chance.randrange(1, 21), chance.choice([*COLUMNS, "seq"])
        with engine.connect() as connection, connection.begin() as transaction:
            value = "seq + 100" if column == "seq" else COLUMNS[column]
            connection.execute(text(f"UPDATE audit_entries SET {column} = {value} WHERE seq = {seq}"))
            assert log_of(connection).verify().bad_seq == seq
            transaction.rollback()
    engine.dispose()


def test_bytes_that_are_no_text_are_named(sqlite_url):
    """SQLite can be made to hold a text that is none; the walk names the entry instead of stopping."""
    engine = make_engine(sqlite_url)
    fill(engine, 5)
    run(engine, "UPDATE audit_entries SET detail = CAST(x'ff' AS TEXT) WHERE seq = 4")

    assert bad_seq(engine) == 4
    run(engine, "UPDATE audit_entries SET tag = CAST(x'ff' AS TEXT) WHERE seq = 1")
    assert bad_seq(engine) == 1
    engine.dispose()


def test_a_blob_is_not_a_text(sqlite_url):
    """A value with the same bytes but another type is found."""
    engine = make_engine(sqlite_url)
    fill(engine, 5)
    run(engine, "UPDATE audit_entries SET detail = CAST(detail AS BLOB) WHERE seq = 4")

    assert bad_seq(engine) == 4
    engine.dispose()


@pytest.mark.parametrize("seq", [1, 3, 5])
def test_a_deleted_entry_is_named(engine, seq):
    """A deleted entry is named by its number, whether it was the first, a middle one or the last."""
    fill(engine, 5)
    run(engine, f"DELETE FROM audit_entries WHERE seq = {seq}")

    assert bad_seq(engine) == seq


def test_renumbering_does_not_hide_a_deletion(engine):
    """Closing the gap moves every later entry away from what it was hashed with."""
    fill(engine, 5)
    run(
        engine,
        "DELETE FROM audit_entries WHERE seq = 3",
        "UPDATE audit_entries SET seq = 3 WHERE seq = 4",
        "UPDATE audit_entries SET seq = 4 WHERE seq = 5",
        "UPDATE audit_head SET seq = 4",
    )

    assert bad_seq(engine) == 3


def test_an_inserted_entry_is_named(engine):
    """A row added behind the last one by hand has no hash that holds."""
    fill(engine, 3)
    run(
        engine,
        "INSERT INTO audit_entries SELECT 4, at, tag, actor, subject, operation, detail, hash, 'made up'"
        " FROM audit_entries WHERE seq = 3",
    )

    assert bad_seq(engine) == 4


LOWEST = -(2**63)


def drop_checks(engine: Engine) -> None:
    """Drops the constraints of the log, as somebody who may change tables would do first."""
    if engine.dialect.name == "postgresql":
        run(
            engine,
            "ALTER TABLE audit_entries DROP CONSTRAINT ck_audit_seq",
            "ALTER TABLE audit_head DROP CONSTRAINT ck_audit_head_seq, DROP CONSTRAINT ck_audit_head_one",
        )


def forge(engine: Engine, *statements: str) -> None:
    connection = engine.raw_connection()
    if engine.dialect.name == "sqlite":
        connection.execute("PRAGMA ignore_check_constraints = ON")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.detach()
    connection.close()


def forged(seq: object) -> str:
    """Returns the statement that inserts an entry about C2 and operation 312 without chaining it."""
    return (
        f"INSERT INTO audit_entries SELECT {seq}, at, tag, actor, subject, operation, detail, '{hash(seq)}', 'x'"
        " FROM audit_entries WHERE seq = 2"
    )


@pytest.mark.parametrize("seq", [0, -1, LOWEST])
def test_the_tables_take_no_number_before_the_first(engine, seq):
    """An entry with a number no chain gives is refused by the database itself; so is a second or lower head."""
    fill(engine, 3)
    for statement in (
        forged(seq),
        f"UPDATE audit_head SET seq = {seq or -1}",
        "INSERT INTO audit_head (id, seq, hash) VALUES (2, 1, 'x')",
    ):
        with pytest.raises(IntegrityError):
            run(engine, statement)

    assert bad_seq(engine) is None


@pytest.mark.parametrize("filled", [0, 3])
@pytest.mark.parametrize("seq", [0, -1, LOWEST])
def test_an_entry_before_the_first_is_found(engine, seq, filled):
    """Whatever number a forged entry lies under, the walk meets it, also in a log that is else empty."""
    fill(engine, 3)
    drop_checks(engine)
    forge(engine, forged(seq), *(() if filled else ("DELETE FROM audit_entries WHERE seq > 0",)))
    if not filled:
        forge(engine, f"UPDATE audit_head SET seq = 0, hash = '{Head().hash}'")
    with engine.begin() as connection:
        verdict = log_of(connection).verify()

    assert (verdict.bad_seq, verdict.flaw, verdict.entries) == (1, Flaw.STRAY, 0)


@pytest.mark.parametrize("seq", ["-9e999", "-1.5", "2.5", "'9'||x'00'", "x'31'", "9e999"])
def test_a_number_that_is_none_is_found(sqlite_url, seq):
    """SQLite can be made to hold anything as a number: fractions, infinities, texts, bytes. The walk meets it."""
    engine = make_engine(sqlite_url)
    fill(engine, 3)
    forge(engine, forged(seq))

    assert bad_seq(engine) is not None
    engine.dispose()


@pytest.mark.parametrize("chunk", [1, 2, 5000])
def test_all_that_lies_there_is_exported(engine, monkeypatch, chunk):
    """An export leaves nothing out, so that a forged entry is seen in it as well."""
    monkeypatch.setattr(audit_storage, "CHUNK", chunk)
    fill(engine, 3)
    drop_checks(engine)
    forge(engine, forged(LOWEST), forged(-7))
    with engine.begin() as connection:
        assert [entry.seq for entry in log_of(connection).entries()] == [LOWEST, -7, 1, 2, 3]
        assert [row[0] for row in log_of(connection).rows()] == [LOWEST, -7, 1, 2, 3]


@pytest.mark.parametrize(
    "damage",
    [forged(-1), forged(2000), "UPDATE audit_entries SET detail = '{}' WHERE seq = 2"],
    ids=["before", "behind", "changed"],
)
def test_nobody_is_told_a_forged_story(engine, damage):
    """Asked about a record or an operation, the log does not answer with entries that were never sealed."""
    fill(engine, 3)
    drop_checks(engine)
    forge(engine, damage)
    with engine.begin() as connection:
        log = log_of(connection)
        with pytest.raises(AuditBroken):
            log.about("customer:C2", 10)
        with pytest.raises(AuditBroken):
            log.of_operation(312, 10)
        assert [entry.seq for entry in log.about("customer:C3", 10)] == [3]


def test_swapped_entries_are_named(engine):
    """Two rows whose contents traded places break the chain at the first of them."""
    fill(engine, 5)
    run(
        engine,
        "UPDATE audit_entries SET seq = 99 WHERE seq = 2",
        "UPDATE audit_entries SET seq = 2 WHERE seq = 4",
        "UPDATE audit_entries SET seq = 4 WHERE seq = 99",
    )

    assert bad_seq(engine) == 2


def test_a_rollback_of_the_whole_log_needs_an_anchor(engine):
    """Set back rows and head together and the log holds; the head on a card or in a backup shows the cut."""
    fill(engine, 3)
    with engine.begin() as connection:
        kept = log_of(connection).append(outcome(4), outcome(5))
        third = list(log_of(connection).entries())[2]
    run(
        engine,
        "DELETE FROM audit_entries WHERE seq > 3",
        f"UPDATE audit_head SET seq = 3, hash = '{third.hash}'",
    )

    assert bad_seq(engine) is None
    assert bad_seq(engine, kept) == 4


def test_writers_at_once_make_one_chain(engine):
    """Four writers add at the same time and give up at random: one chain, no gap, nothing lost."""
    added: list[int] = []

    def write(seed: int) -> int:
        chance, committed = random.Random(seed), 0
        for number in range(50):
            with engine.connect() as connection, connection.begin() as transaction:
                events = [outcome(number) for _ in range(chance.randrange(1, 4))]
                log = log_of(connection)
                for event in events:
                    log.append(event)
                if chance.random() < 0.3:
                    transaction.rollback()
                    continue
            committed += len(events)
        return committed

    with ThreadPoolExecutor(4) as writers:
        added = list(writers.map(write, range(4)))
    with engine.begin() as connection:
        verdict = log_of(connection).verify()

    assert verdict.holds
    assert verdict.entries == sum(added)
    assert min(added) > 0


def test_a_reading_sees_one_moment(postgres_url):
    """Checked while others write on PostgreSQL, the log still holds: entries and head are of one moment."""
    database = Database(postgres_url, partial(SqlUnitOfWork, StoreKeys(KEY, NAMES, bytes(32))))
    database.run_sync(lambda uow: uow.audit.append(outcome(1)))

    def check(uow: SqlUnitOfWork) -> bool:
        head = uow.audit.head()
        database.run_sync(lambda writer: writer.audit.append(outcome(2)))
        return verify(KEY, log_of(uow.connection).rows(), head).holds

    assert database.read_sync(check)
    assert database.read_sync(lambda uow: uow.audit.head().seq) == 2
    database.close()
