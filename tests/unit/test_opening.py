"""Commands open the same things in the same way."""

import base64
from pathlib import Path

import pytest

from bot.command_line.opening import at_work, open_policy, open_roster, open_vault
from config.settings import Settings, load_settings
from core.domain.audit import NewEntry, Tag
from core.domain.errors import ConfigError
from core.domain.people import Right, Role
from core.storage.migrate import is_current

KEY = base64.b64encode(bytes(range(32))).decode()


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for field in Settings.model_fields:
        monkeypatch.delenv(f"VOIDBOT_{field.upper()}", raising=False)
    monkeypatch.setenv("VOIDBOT_SEAL_KEY", KEY)
    monkeypatch.chdir(tmp_path)


def test_a_command_works_on_the_named_database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings lead to an open database whose log is keyed, on both kinds."""
    monkeypatch.setenv("VOIDBOT_DATABASE_URL", database_url)
    with at_work(may_create=True) as (_, database):
        database.run_sync(lambda uow: uow.audit.append(NewEntry(Tag.ROLES_LOADED, actor="zhangsan")))
        entry = database.read_sync(lambda uow: next(uow.audit.entries()))
    assert (entry.seq, entry.tag) == (1, "config:roles:loaded")
    assert "zhangsan" not in entry.actor


def test_a_mistyped_address_is_not_an_empty_log(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A command that only reads refuses an empty database, and leaves no file behind."""
    monkeypatch.setenv("VOIDBOT_DATABASE_URL", "sqlite:///var/typo.db")
    with pytest.raises(ConfigError, match="VOIDBOT_DATABASE_URL"), at_work():
        pass
    assert not (tmp_path / "var").exists()


def test_a_command_that_fills_makes_the_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """An import may run on an empty database, which it fills."""
    monkeypatch.setenv("VOIDBOT_DATABASE_URL", "sqlite:///var/new.db")
    with at_work(may_create=True):
        assert is_current("sqlite:///var/new.db")


def test_without_its_keys_nothing_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log and the vault do not open without their keys, and the missing key is named."""
    monkeypatch.delenv("VOIDBOT_SEAL_KEY")
    with pytest.raises(ConfigError, match="VOIDBOT_SEAL_KEY"), at_work(may_create=True):
        pass
    with pytest.raises(ConfigError, match="VOIDBOT_VAULT_KEY"):
        open_vault(load_settings())


def test_the_shipped_files_are_good() -> None:
    """The defaults open: a policy for every action, rights for every role, nobody in the sample."""
    settings = load_settings()
    assert open_policy(settings).limits.changes_per_day > 0
    roster = open_roster(settings)
    assert roster.people == ()
    assert Right.APPROVE in roster.rights.grants[Role.APPROVER]


@pytest.mark.parametrize(("name", "opens"), [("ROLES_FILE", open_roster), ("POLICY_FILE", open_policy)])
def test_a_bad_file_is_named(name: str, opens, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An error says which file it is about: missing, not TOML, or with unknown parts."""
    file = tmp_path / "mine.toml"
    monkeypatch.setenv(f"VOIDBOT_{name}", str(file))
    for content in (None, b"[", b"\xff\xfe", b"[nonsense]"):
        if content is not None:
            file.write_bytes(content)
        with pytest.raises(ConfigError, match=r"mine\.toml"):
            opens(load_settings())
