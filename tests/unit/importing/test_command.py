"""`python -m bot import` as an operator meets it: exit codes, answers, and what a crash leaves."""

import base64
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.__main__ import main
from core.crm.embedded import tables
from core.crm.embedded.importing import run
from tests.unit.importing.conftest import Store, report_rows, write_csv

SAMPLES = Path(__file__).parents[3] / "sandbox" / "samples"
KINDS = ("customers", "contacts", "deals", "invoices", "communications", "segments")


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str) -> Path:
    """The environment of an operator whose bot has never run; the current folder."""
    for name in list(os.environ):
        if name.startswith("VOIDBOT_"):
            monkeypatch.delenv(name)
    roles = tmp_path / "roles.toml"
    roles.write_text('[people.WangMin]\nname = "王敏"\nroles = ["rep"]\n', encoding="utf-8")
    monkeypatch.setenv("VOIDBOT_DATABASE_URL", database_url)
    monkeypatch.setenv("VOIDBOT_SEAL_KEY", base64.b64encode(b"k" * 32).decode())
    monkeypatch.setenv("VOIDBOT_ROLES_FILE", str(roles))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_all_good(shell: Path, store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 0, counts in both languages; an owner may be named as the roles file does before the bot ever ran."""
    path = write_csv(shell / "客户.csv", [("编号", "名称", "负责人", "状态"), ("C1", "宏远", "王敏", "x")])
    assert main(["import", "--kind", "customers", str(path)]) == 0
    out = capsys.readouterr()
    assert "新增 1，更新 0，未变 0，错误 0" in out.out
    assert "1 new, 0 changed, 0 unchanged, 0 bad" in out.out
    assert "columns left alone: 状态" in out.out
    assert out.err == ""
    assert store.customer("C1")["owner"] == "wangmin"
    assert not (shell / "客户.csv.errors.xlsx").exists()


def test_some_bad(shell: Path, store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 1: good rows are in, and the answer says where the bad ones are, beside the file or where asked."""
    path = write_csv(shell / "a.csv", [("编号", "名称", "手机"), ("C1", "宏远", ""), ("C2", "海蓝", "12ab")])
    assert main(["import", "--kind", "customers", str(path)]) == 1
    assert "a.csv.errors.xlsx" in capsys.readouterr().out
    assert main(["import", "--kind", "customers", "--errors", str(shell / "bad.xlsx"), str(path)]) == 1
    assert report_rows(shell / "bad.xlsx") == report_rows(shell / "a.csv.errors.xlsx")
    assert [row["number"] for row in store.rows(tables.customers)] == ["C1"]


@pytest.mark.parametrize(
    "words",
    [
        ["--kind", "customers", "none.csv"],
        ["--kind", "customers", "a.pdf"],
        ["--kind", "customers", "--errors", "a.csv", "a.csv"],
        ["--kind", "customers", "--errors", "nowhere/x.xlsx", "a.csv"],
        ["--kind", "deals", "headless.csv"],
    ],
)
def test_what_cannot_be_used(
    shell: Path, words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 2 and a reason in both languages, found before so much as a database is created."""
    monkeypatch.setenv("VOIDBOT_DATABASE_URL", f"sqlite:///{shell}/fresh.db")
    (shell / "a.pdf").write_bytes(b"%PDF-1.7")
    write_csv(shell / "a.csv", [("编号", "名称"), ("C1", "宏远")])
    write_csv(shell / "headless.csv", [("甲", "乙")])
    before = (shell / "a.csv").read_bytes()
    assert main(["import", *words]) == 2
    said = capsys.readouterr()
    assert said.err.isascii() is False
    assert len(said.err.strip().splitlines()) == 2
    assert not (shell / "fresh.db").exists()
    assert (shell / "a.csv").read_bytes() == before


@pytest.mark.parametrize("words", [[], ["--kind", "people", "a.csv"], ["a.csv"], ["--kind", "deals"]])
def test_bad_use(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A kind or file that is missing or unknown ends with 2, as for every command."""
    with pytest.raises(SystemExit) as caught:
        main(["import", *words])
    assert caught.value.code == 2
    capsys.readouterr()


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_our_own_samples(shell: Path, store: Store, suffix: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Every sheet that comes with the project goes in without a bad row, and XLSX says what CSV says."""
    for kind in KINDS:
        errors = str(shell / "bad.xlsx")
        code = main(["import", "--kind", kind, "--errors", errors, str(SAMPLES / f"{kind}.{suffix}")])
        assert code == 0, capsys.readouterr().out
    before = store.everything()
    other = "xlsx" if suffix == "csv" else "csv"
    for kind in KINDS:
        main(["import", "--kind", kind, "--errors", errors, str(SAMPLES / f"{kind}.{other}")])
    assert store.everything() == before


KILLED_AFTER_A_CHUNK = """
import os, signal, sys
from contextlib import contextmanager
from bot.__main__ import main
from bot.command_line import import_command

@contextmanager
def progress():
    yield lambda _part, _tally: os.kill(os.getpid(), signal.SIGKILL)

import_command._progress = progress
main(["import", "--kind", "customers", sys.argv[1]])
"""


def test_killed_in_the_middle(shell: Path, store: Store) -> None:
    """SIGKILL between chunks leaves whole rows; the same command again finishes, and nothing was written twice."""
    total = 2500
    path = write_csv(shell / "a.csv", [("编号", "名称"), *((f"C{n}", f"客户{n}有限公司") for n in range(total))])
    command = [sys.executable, "-c", KILLED_AFTER_A_CHUNK, str(path)]
    here = Path(__file__).parents[3]
    killed = subprocess.run(command, env=os.environ | {"PYTHONPATH": str(here)}, cwd=shell, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert _count(store) == 1000
    assert main(["import", "--kind", "customers", str(path)]) == 0
    rows = store.rows(tables.customers)
    assert len(rows) == total
    assert {row["version"] for row in rows} == {1}
    assert len(store.rows(tables.search_rows)) == total
    phases = [json.loads(entry.detail)["phase"] for entry in store.log()]
    assert phases == ["begun", "begun", "finished"]


def _count(store: Store) -> int:
    found: int = store.database.read_sync(
        lambda uow: uow.connection.execute(select(func.count()).select_from(tables.customers)).scalar_one()
    )
    return found


def test_interrupted_by_hand(store: Store, tmp_path: Path) -> None:
    """Ctrl-C after the first chunk: the chunk stays, the log says that the import was cut off and where."""
    path = write_csv(tmp_path / "a.csv", [("编号", "名称"), *((f"C{n}", f"客户{n}") for n in range(2000))])

    def interrupt(_part: float, _tally: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.load("customers", path, interrupt)
    last = json.loads(store.log()[-1].detail)
    assert (last["phase"], last["created"]) == ("cut off", 1000)
    assert _count(store) == 1000


def test_a_log_that_cannot_be_written_stops_the_import(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No audit, no import: when the entry cannot be chained, its rows are not there either."""
    monkeypatch.setattr(run, "_PAUSE_SECONDS", 0)
    path = write_csv(tmp_path / "a.csv", [("编号", "名称"), ("C1", "宏远")])
    store.database.run_sync(lambda uow: uow.connection.exec_driver_sql("DROP TABLE audit_entries"))
    with pytest.raises(Exception, match="audit_entries"):
        store.load("customers", path)
    assert _count(store) == 0
