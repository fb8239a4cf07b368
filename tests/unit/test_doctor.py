"""`doctor` finds what would stop the bot before it stops it, and changes nothing."""

import base64
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.checkup import Mark, drift_row, vault_rows, wecom_rows
from bot.command_line.opening import at_work
from config.settings import Settings, load_settings
from core.domain.audit import NewEntry, Tag
from tests.unit.wecom_app.fake_wecom import CORP, SECRET, FakeWeCom

PEOPLE = '[people.rep]\nroles = ["rep"]\nleader = "boss"\n[people.boss]\nroles = ["lead", "approver"]\n'
SECOND = '[people.second]\nroles = ["approver"]\n'


def _key(first: int) -> str:
    return base64.b64encode(bytes(range(first, first + 32))).decode()


GOOD = {
    "WECOM_CORP_ID": CORP,
    "WECOM_AGENT_ID": "1000002",
    "WECOM_SECRET": SECRET,
    "WECOM_TOKEN": "QDG6eK",
    "WECOM_AES_KEY": "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",
    "SEAL_KEY": _key(0),
    "VAULT_KEY": _key(100),
    "ROLES_FILE": "roles.toml",
}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for field in Settings.model_fields:
        monkeypatch.delenv(f"VOIDBOT_{field.upper()}", raising=False)
    for name, value in GOOD.items():
        monkeypatch.setenv(f"VOIDBOT_{name}", value)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "300")
    (tmp_path / "roles.toml").write_text(PEOPLE + SECOND)


@pytest.fixture
async def wecom() -> AsyncIterator[FakeWeCom]:
    fake = FakeWeCom()
    await fake.start()
    yield fake
    await fake.server.close()


def test_all_is_well(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With everything in place it ends with 0, on both databases, and prints no secret."""
    monkeypatch.setenv("VOIDBOT_DATABASE_URL", database_url)
    with at_work(may_create=True) as (settings, database):
        database.run_sync(lambda uow: uow.audit.append(NewEntry(Tag.ROLES_LOADED)))
    assert main(["doctor", "--offline"]) == 0
    shown = capsys.readouterr().out
    assert "All is well" in shown
    assert "fits the log" in shown
    assert not any(secret in shown for secret in settings.secrets)


def test_it_changes_nothing(tmp_path: Path) -> None:
    """`doctor` makes neither a database nor a vault, which is left to `serve`."""
    main(["doctor", "--offline"])
    assert [path.name for path in tmp_path.iterdir()] == ["roles.toml"]


def test_every_fault_of_every_part_in_one_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A missing secret, a bad policy and bad roles are all named in one run."""
    monkeypatch.delenv("VOIDBOT_WECOM_SECRET")
    (tmp_path / "roles.toml").write_text('[people.rep]\nroles = ["king"]\n')
    (tmp_path / "policy.toml").write_text("[nonsense]\n")
    monkeypatch.setenv("VOIDBOT_POLICY_FILE", "policy.toml")
    monkeypatch.setenv("VOIDBOT_VAULT_KEY", _key(0))
    assert main(["doctor"]) == 1
    shown = capsys.readouterr().out
    assert all(part in shown for part in ("VOIDBOT_WECOM_SECRET", "'king'", "[nonsense]", "are the same"))


def test_settings_that_cannot_be_read_at_all(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bad port is named and stops the rest without a traceback."""
    monkeypatch.setenv("VOIDBOT_PORT", "x")
    assert main(["doctor"]) == 1
    assert "VOIDBOT_PORT" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("people", "named"),
    [
        ("", "names nobody"),
        ('[people.rep]\nroles = ["rep"]\n', "rep (void, archive, delete)"),
        ('[people.solo]\nroles = ["rep", "approver"]\n', "solo (void, archive, delete)"),
        (
            PEOPLE + SECOND + '[people.adm]\nroles = ["admin"]\n[people.a2]\nroles = ["rep"]\nleader = "a2x"\n',
            "a2x",
        ),
    ],
)
def test_a_request_nobody_could_approve(
    people: str, named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A person with no other approver is named, with the actions whose requests would wait for ever."""
    (tmp_path / "roles.toml").write_text(people)
    assert main(["doctor", "--offline"]) == 1
    assert named in capsys.readouterr().out


@pytest.mark.parametrize(
    ("people", "named"),
    [
        (PEOPLE, "boss (void, archive, delete)"),
        ('[people.adm]\nroles = ["admin"]\n[people.b]\nroles = ["approver"]\n', "adm (purge)"),
    ],
)
def test_a_small_team(people: str, named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is noted, and no fault, when only the sole approver's own requests or a purge would wait."""
    (tmp_path / "roles.toml").write_text(people)
    assert main(["doctor", "--offline"]) == 0
    assert named in capsys.readouterr().out


def test_a_key_that_is_not_the_logs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Another SEAL_KEY than the one the log was made with is found before the bot adds to the log with it."""
    with at_work(may_create=True) as (_, database):
        database.run_sync(lambda uow: uow.audit.append(NewEntry(Tag.ROLES_LOADED)))
    monkeypatch.setenv("VOIDBOT_SEAL_KEY", _key(50))
    assert main(["doctor", "--offline"]) == 1
    assert "not the key of this log" in capsys.readouterr().out


def test_a_database_that_is_away(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A database that is away is one line of the table, and the other checks are still made."""
    monkeypatch.setenv("VOIDBOT_DATABASE_URL", "postgresql://bot:hunter2@127.0.0.1:1/none")
    assert main(["doctor", "--offline"]) == 1
    shown = capsys.readouterr().out
    assert "not available" in shown
    assert "hunter2" not in shown
    assert "writable" in shown


def test_a_vault_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder that cannot hold a backup is found by trying, not by looking at its mode."""
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("VOIDBOT_VAULT_DIR", "file/vault")
    assert [row.mark for row in vault_rows(load_settings())] == [Mark.BAD]


def test_a_vault_others_may_read(tmp_path: Path) -> None:
    """A vault that other users can read is noted, although backups are encrypted."""
    (tmp_path / "var" / "vault").mkdir(parents=True)
    (tmp_path / "var" / "vault").chmod(0o755)
    assert "chmod 700" in next(iter(vault_rows(load_settings()))).words


@pytest.mark.parametrize(
    ("seconds", "mark"), [(0, Mark.GOOD), (-30, Mark.GOOD), (31, Mark.BAD), (-3600, Mark.BAD)]
)
def test_a_clock_that_is_off(seconds: int, mark: Mark) -> None:
    """A clock may be off by half a minute in either direction, but not by more."""
    assert drift_row("clock", timedelta(seconds=seconds)).mark is mark


async def test_wecom_accepts_us(wecom: FakeWeCom, monkeypatch: pytest.MonkeyPatch) -> None:
    """A good secret and a trusted address; a base that is not the official one is pointed out."""
    monkeypatch.setenv("VOIDBOT_WECOM_API_BASE", wecom.base)
    rows = await wecom_rows(load_settings())
    assert [row.mark for row in rows] == [Mark.NOTE, Mark.GOOD, Mark.GOOD]


async def test_wecom_refuses_our_secret(wecom: FakeWeCom, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong secret is asked once and answered with what to do."""
    monkeypatch.setenv("VOIDBOT_WECOM_API_BASE", wecom.base)
    wecom.right_secret = "another"
    rows = await wecom_rows(load_settings())
    assert rows[-1].mark is Mark.BAD
    assert "VOIDBOT_WECOM_SECRET" in rows[-1].words
    assert len(wecom.calls("gettoken")) == 1


async def test_wecom_does_not_know_our_address(wecom: FakeWeCom, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commonest fault of a new server, an address that is not on the trusted list, names its remedy."""
    monkeypatch.setenv("VOIDBOT_WECOM_API_BASE", wecom.base)
    wecom.script["getcallbackip"] = [{"errcode": 60020, "errmsg": "not allow to access from your ip"}]
    assert "trusted IPs" in (await wecom_rows(load_settings()))[-1].words


async def test_wecom_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """No connection is a line of the table, without the secret that the address carries."""
    monkeypatch.setenv("VOIDBOT_WECOM_API_BASE", "http://127.0.0.1:1")
    last = (await wecom_rows(load_settings()))[-1]
    assert last.mark is Mark.BAD
    assert SECRET not in last.words
