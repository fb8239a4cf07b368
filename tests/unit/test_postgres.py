"""The databases that tests are given."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from core.storage.engines import one_shot_engine
from tests import postgres as home


def _counters(url: str) -> int:
    engine = one_shot_engine(url)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO counters (name, value) VALUES ('x', 1)"))
        rows: int = connection.execute(text("SELECT count(*) FROM counters")).scalar_one()
    engine.dispose()
    return rows


@pytest.mark.parametrize("turn", [1, 2])
def test_every_test_gets_its_own_tables(database_url: str, turn: int) -> None:
    """On both databases a test does not see what another has written."""
    assert _counters(database_url) == 1


def test_an_empty_database_is_empty(empty_database_url: str) -> None:
    """A test of migrations gets an empty database."""
    engine = one_shot_engine(empty_database_url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_chinese_sorts_and_folds_as_text(postgres_url: str) -> None:
    """The test server handles Chinese, which lower() and trigrams do not under the plain C locale."""
    engine = one_shot_engine(postgres_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT lower('ÄB 宏远')")).scalar_one() == "äb 宏远"
    engine.dispose()


def test_a_missing_server_names_the_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without PostgreSQL the tests fail with the one command that installs it, they never skip."""
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.setattr(home, "Path", lambda *parts: tmp_path)
    with pytest.raises(home.NoPostgres, match="apt-get install -y postgresql"), home.start_postgres():
        pass


def test_a_killed_test_run_leaves_no_server_behind() -> None:
    """When the process that started the server is killed, the server and its files go too."""
    script = "from tests.postgres import start_postgres as s\nwith s() as p: print(p.url(''), flush=True); input()"
    owner = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    folder = Path(owner.stdout.readline().strip().split("host=")[1])
    assert (folder / "data").exists()
    owner.kill()
    owner.communicate()
    while folder.exists():  # the test's own time limit ends a wait in vain
        time.sleep(0.02)
