"""The command `python -m bot backup`: verifying backups, and restoring from them."""

import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.__main__ import main
from core.crm.embedded.store import EmbeddedCrm
from core.domain.audit import NewEntry, Tag
from core.domain.operation.life import State
from core.domain.people import Person, PersonId, Role
from core.domain.records import Kind, RecordRef
from core.ports.vault import BackupReceipt
from core.vault.keys import vault_keys
from tests.commands import VAULT_KEY, Place, set_environment

AT = datetime(2026, 11, 22, tzinfo=UTC)
ROOT = Path(__file__).parents[2]
REFS = [RecordRef(Kind.CUSTOMER, f"C{number}") for number in (1, 2, 3)]


@pytest.fixture
def place(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    place = Place(set_environment(monkeypatch, tmp_path, database_url))
    for ref in REFS:
        place.sql(
            f"INSERT INTO customers (number, name, created_at) VALUES ('{ref.number}', '宏远{ref.number}', 0)"
        )
    yield place
    place.database.close()


def back_up(place: Place, operation: int = 312) -> BackupReceipt:
    def work(uow):
        snapshots = EmbeddedCrm(place.database).snapshots_within(uow, REFS)
        receipt = place.vault.seal(operation, snapshots, uow.audit.head(), AT)
        uow.backups.add(receipt)
        return receipt

    receipt: BackupReceipt = place.database.run_sync(work)
    return receipt


def void(place: Place, operation: int = 312) -> None:
    place.sql(f"UPDATE customers SET status = 'voided', status_before = 'active', status_by = {operation}")


def statuses(place: Place) -> dict[str, str]:
    with place.database.engine.begin() as connection:
        rows = connection.exec_driver_sql("SELECT number, status FROM customers ORDER BY number").all()
    return {row.number: row.status for row in rows}


def test_proven_backups_pass(place, capsys):
    """When every backup opens and compares, `verify` returns 0."""
    back_up(place)
    back_up(place, 313)

    assert main(["backup", "verify"]) == 0
    assert "2 backups proven, 0 problems" in capsys.readouterr().out


def test_an_empty_vault_passes(place):
    """A vault without backups verifies."""
    assert main(["backup", "verify"]) == 0


def test_every_problem_is_listed(place, capsys):
    """A damaged file, a missing one and unknown ones of each kind are all listed, and `verify` returns 1."""
    damaged, missing = back_up(place), back_up(place, 313)
    (place.folder / damaged.file).write_bytes(b"x")
    (place.folder / missing.file).unlink()
    place.vault.seal(900, [], place.log_some(1), AT)
    (place.folder / "notes.txt").write_text("hello")
    (place.folder / ".B-0312.age.0123.tmp").write_bytes(b"half")

    assert main(["backup", "verify"]) == 1
    shown = capsys.readouterr().out
    assert "0 backups proven, 4 problems" in shown
    for line in (
        "B-0312.age: 未通过校验 · not proven",
        "B-0313.age: 未通过校验 · not proven: No such file",
        "B-0900.age: 完好，但数据库不认识 · proven, but the database does not know it: #0900, 0 records",
        "notes.txt: 数据库不认识，也打不开",
        ".B-0312.age.0123.tmp: 中断时留下的半成品",
    ):
        assert line in shown


def draft(place: Place, number: int) -> None:
    """Stores an operation with this number."""
    place.sql(
        "INSERT INTO operations (number, action, kind, mode, state, requester, round, fingerprint, target_count,"
        f" created_at) VALUES ({number}, 'void', 'customer', 'normal', 'done', 'wangmin', 1, 'f', 3, 0)"
    )
    place.database.run_sync(lambda uow: uow.operations.seal_all())


def test_what_a_kill_left_behind_is_no_problem(place, capsys):
    """A half-written draft and an empty file that never counted as a backup are told, and the answer is 0."""
    back_up(place)
    draft(place, 312)
    (place.folder / ".B-0312.age.0123.tmp").write_bytes(b"half")
    (place.folder / "B-0312.2.age").write_bytes(b"")

    assert main(["backup", "verify"]) == 0
    shown = capsys.readouterr().out
    assert "· .B-0312.age.0123.tmp: 中断时留下的半成品" in shown
    assert "· B-0312.2.age: 中断时留下，从未算作备份 · left by an interrupted run, never counted" in shown
    assert "1 backups proven, 0 problems" in shown


def test_an_earlier_backup_that_counted_must_still_open(place, capsys):
    """An emptied file is a problem when an operation once relied on it, even if a later backup is good."""
    first = back_up(place)
    draft(place, 312)
    written = NewEntry(Tag.BACKUP_WRITTEN, operation=312, detail={"file": first.file})
    place.database.run_sync(lambda uow: uow.audit.append(written))
    place.sql("UPDATE customers SET version = version + 1")
    back_up(place)
    (place.folder / first.file).write_bytes(b"")

    assert main(["backup", "verify"]) == 1
    assert f"✗ {first.file}: " in capsys.readouterr().out


def test_what_a_kill_left_behind_does_not_spoil_a_restore(place, capsys):
    """The good backup is put back; an empty file beside it that nobody ever relied on is no loss."""
    back_up(place)
    draft(place, 312)
    (place.folder / "B-0312.2.age").write_bytes(b"")
    place.sql("DELETE FROM customers")

    assert main(["backup", "restore", "#0312"]) == 0
    assert "B-0312.2.age" not in capsys.readouterr().out


def test_gone_customers_come_back(place, capsys):
    """Records deleted from the table stand there again as they were, and the log says so."""
    back_up(place)
    place.sql("DELETE FROM customers")

    assert main(["backup", "restore", "#0312"]) == 0
    assert "done         3" in capsys.readouterr().out
    assert statuses(place) == {"C1": "active", "C2": "active", "C3": "active"}
    entries = place.database.read_sync(lambda uow: list(uow.audit.of_operation(312, 10)))
    assert [entry.tag for entry in entries] == [Tag.BACKUP_RESTORED]
    assert '"done":3' in entries[0].detail
    assert main(["audit", "verify"]) == 0


def test_voided_customers_come_back(place, capsys):
    """Records that only changed their status get it back."""
    back_up(place)
    void(place)

    assert main(["backup", "restore", "312"]) == 0
    assert statuses(place) == {"C1": "active", "C2": "active", "C3": "active"}


def test_restoring_twice_changes_nothing_more(place, capsys):
    """A record that is as it was backed up is counted as already there."""
    back_up(place)
    place.sql("DELETE FROM customers WHERE number = 'C2'")

    assert main(["backup", "restore", "312"]) == 0
    assert "done         1" in capsys.readouterr().out
    head = place.database.read_sync(lambda uow: uow.audit.head().seq)
    assert main(["backup", "restore", "312"]) == 0
    assert "already      3" in capsys.readouterr().out
    assert place.database.read_sync(lambda uow: uow.audit.head().seq) == head


def test_those_concerned_hear_of_a_restore(place):
    """The operation is no longer one that is done; requester and administrators are told, once."""
    back_up(place)
    void(place)
    draft(place, 312)
    for userid, roles in (("wangmin", "rep"), ("zhouyun", "admin"), ("zhaojun", "rep")):
        somebody = Person(PersonId(userid), userid, userid, frozenset({Role(roles)}))
        place.database.run_sync(lambda uow, one=somebody: uow.people.put(one))

    assert main(["backup", "restore", "312"]) == 0
    assert main(["backup", "restore", "312"]) == 0
    with place.database.engine.begin() as connection:
        told = connection.exec_driver_sql("SELECT person, body FROM deliveries ORDER BY person").all()
    assert [row.person for row in told] == ["wangmin", "zhouyun"]
    assert "管理员已从备份取回 #0312" in told[0].body
    operation = place.database.read_sync(lambda uow: uow.operations.get(312))
    assert operation.state is State.UNDONE
    assert operation.undone_at is not None


def test_a_trial_writes_nothing(place, capsys):
    """A dry run tells what would happen; database and log stay as they were."""
    back_up(place)
    place.sql("DELETE FROM customers")

    assert main(["backup", "restore", "#312", "--dry-run"]) == 0
    assert "done         3" in capsys.readouterr().out
    assert statuses(place) == {}
    assert place.database.read_sync(lambda uow: uow.audit.head().seq) == 0


def test_conflicts_are_named_and_left_alone(place, capsys):
    """A record another operation has moved since stays where it is; the answer is 1 and names it."""
    back_up(place)
    void(place)
    place.sql("UPDATE customers SET status = 'archived', status_by = 400 WHERE number = 'C2'")

    assert main(["backup", "restore", "#0312"]) == 1
    assert "customer C2 (conflict)" in capsys.readouterr().out
    assert statuses(place) == {"C1": "active", "C2": "archived", "C3": "active"}


def test_a_damaged_backup_restores_nothing(place, capsys):
    """With one flipped byte at the end of the file, no record is restored."""
    receipt = back_up(place)
    place.sql("DELETE FROM customers")
    path = place.folder / receipt.file
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)

    assert main(["backup", "restore", "#0312"]) == 1
    assert "B-0312.age" in capsys.readouterr().err
    assert statuses(place) == {}


def test_files_and_key_alone_are_enough(place):
    """The database is lost and a new one stands in its place: the vault gives everything back."""
    back_up(place)
    place.sql("DELETE FROM customers", "DELETE FROM backups")

    assert main(["backup", "restore", "#0312"]) == 0
    assert len(statuses(place)) == 3


def test_every_attempt_of_an_operation_is_restored(place, capsys):
    """An operation that was asked again for some records wrote two files: both come back, the later one wins."""
    back_up(place)
    place.sql("UPDATE customers SET name = '宏远二', version = version + 1 WHERE number = 'C2'")
    again = [RecordRef(Kind.CUSTOMER, "C2")]
    snapshots = place.database.run_sync(lambda uow: EmbeddedCrm(place.database).snapshots_within(uow, again))
    receipt = place.vault.seal(312, snapshots, place.log_some(1), AT)
    place.database.run_sync(lambda uow: uow.backups.add(receipt))
    place.sql("DELETE FROM customers")

    assert main(["backup", "verify"]) == 1  # the operation itself is unknown to this database
    assert main(["backup", "restore", "#0312"]) == 0
    assert "B-0312.2.age, B-0312.age: 3" in capsys.readouterr().out
    with place.database.engine.begin() as connection:
        names = connection.exec_driver_sql("SELECT name FROM customers ORDER BY number").scalars().all()
    assert names == ["宏远C1", "宏远二", "宏远C3"]


def test_an_attempt_that_is_not_proven_is_told(place, capsys):
    """The good file is restored; the one left out, once relied on, is named, and the answer is 1."""
    first = back_up(place)
    written = NewEntry(Tag.BACKUP_WRITTEN, operation=312, detail={"file": first.file})
    place.database.run_sync(lambda uow: uow.audit.append(written))
    place.sql("UPDATE customers SET version = version + 1")
    back_up(place)
    (place.folder / first.file).write_bytes(b"")
    place.sql("DELETE FROM customers")

    assert main(["backup", "restore", "#0312"]) == 1
    assert f"left out: {first.file}: " in capsys.readouterr().out
    assert len(statuses(place)) == 3


def test_an_operation_without_backup_is_told(place, capsys):
    """Without a backup, `restore` returns 1 and names the operation."""
    assert main(["backup", "restore", "#0999"]) == 1
    assert "#0999" in capsys.readouterr().err


@pytest.mark.parametrize("words", ["", "#", "abc", "#0", "-3", "3.5"])
def test_a_number_that_is_none_is_bad_use(words, capsys):
    """A mistyped operation ends with 2."""
    with pytest.raises(SystemExit) as ended:
        main(["backup", "restore", "--", words])

    assert ended.value.code == 2
    assert "#0312" in capsys.readouterr().err


def test_the_key_is_not_for_files(place, capsys):
    """The identity is never printed to a pipe or a file."""
    assert main(["backup", "key"]) == 1
    assert "AGE-SECRET-KEY" not in "".join(capsys.readouterr())


def test_the_key_is_shown_on_a_terminal(place):
    """A person at a terminal gets the identity that opens every backup, with a warning beside it."""
    controller, terminal = pty.openpty()
    ran = subprocess.run(
        [sys.executable, "-m", "bot", "backup", "key"],
        cwd=ROOT,
        stdout=terminal,
        stderr=subprocess.PIPE,
        check=True,
        env=os.environ,
    )
    shown = os.read(controller, 1000).decode()
    os.close(controller)
    os.close(terminal)

    assert shown.strip() == vault_keys(VAULT_KEY).identity
    assert "Whoever holds this opens every backup" in ran.stderr.decode()
