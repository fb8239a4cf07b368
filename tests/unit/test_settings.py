"""The operator learns everything that is wrong with the settings at once, and no secret shows."""

import base64
from pathlib import Path

import pytest

from config.official import OFFICIAL_API
from config.settings import KEYS, REMEDIES, WECOM, Settings, load_settings
from core.domain.errors import ConfigError

KEY = base64.b64encode(bytes(range(32))).decode()
TENCENT_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
"""From Tencent's published sample (path/90968): its last character sets the two unused bits."""
GOOD = {
    "WECOM_CORP_ID": "ww5823bf96d3bd56c7",
    "WECOM_AGENT_ID": "1000002",
    "WECOM_SECRET": "canary-app-secret",
    "WECOM_TOKEN": "QDG6eK",
    "WECOM_AES_KEY": TENCENT_KEY,
    "SEAL_KEY": KEY,
    "VAULT_KEY": KEY,
}


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for field in Settings.model_fields:
        monkeypatch.delenv(f"VOIDBOT_{field.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)


def _set(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(f"VOIDBOT_{name}", value)


def _faults(*needs: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_settings(*needs)
    return caught.value.faults


def test_the_defaults_run_on_this_machine_alone() -> None:
    """Without any setting the bot would listen on loopback, on SQLite in var/, against the official platform."""
    settings = load_settings()
    assert (settings.host, settings.port, settings.database_url) == ("127.0.0.1", 8701, "sqlite:///var/voidbot.db")
    assert (settings.wecom_api_base, settings.crm, settings.language) == (OFFICIAL_API, "embedded", "zh")
    assert settings.timezone == settings.zone.key == "Asia/Shanghai"
    assert settings.roles_file.name == "roles.toml"
    assert settings.policy_file.exists()
    assert settings.official_api


def test_good_settings_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tencent's own sample values are accepted, keys come out as bytes."""
    _set(monkeypatch, **GOOD)
    settings = load_settings(*WECOM, *KEYS)
    assert settings.seal_key_bytes == settings.vault_key_bytes == bytes(range(32))
    assert settings.wecom_agent_id == 1000002


def test_everything_missing_is_named_at_once() -> None:
    """One start names all seven missing settings, and says how to get each."""
    faults = _faults(*WECOM, *KEYS)
    assert len(faults) == 7
    assert all(name in " ".join(faults) for name in GOOD)
    assert all("python -m bot init" in fault for fault in faults if "_KEY" in fault and "AES" not in fault)


def test_bad_and_missing_are_named_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bad port does not hide that the keys are missing."""
    _set(monkeypatch, PORT="eighty", TIMEZONE="Mars/Base")
    named = [fault.split(":")[0].split(" ")[0] for fault in _faults(*KEYS)]
    assert sorted(named) == ["VOIDBOT_PORT", "VOIDBOT_SEAL_KEY", "VOIDBOT_TIMEZONE", "VOIDBOT_VAULT_KEY"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "-1"),
        ("PORT", "65536"),
        ("DATABASE_URL", "mysql://x/y"),
        ("DATABASE_URL", "sqlite://"),
        ("WECOM_API_BASE", "qyapi.weixin.qq.com"),
        ("WECOM_API_BASE", "ftp://qyapi"),
        ("WECOM_AGENT_ID", "app"),
        ("WECOM_TOKEN", "token"),
        ("WECOM_TOKEN", "password"),
        ("WECOM_TOKEN", "aaaaaaaa"),
        ("WECOM_TOKEN", "a" * 20 + "bcdefghijklmn"),
        ("WECOM_TOKEN", "with blank"),
        ("WECOM_AES_KEY", TENCENT_KEY[:-1]),
        ("WECOM_AES_KEY", TENCENT_KEY + "C"),
        ("WECOM_AES_KEY", TENCENT_KEY + "="),
        ("WECOM_AES_KEY", TENCENT_KEY[:-1] + "?"),
        ("SEAL_KEY", "short"),
        ("SEAL_KEY", base64.b64encode(bytes(31)).decode()),
        ("VAULT_KEY", "密" * 44),
        ("CRM", "Embedded!"),
        ("CRM", "salesforce"),
        ("TIMEZONE", "Asia"),
        ("TIMEZONE", "../etc/passwd"),
        ("LANGUAGE", "fr"),
    ],
)
def test_a_bad_value_names_itself_and_its_remedy(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """The fault says which setting and what to write instead; it never repeats the value: it may be a secret."""
    _set(monkeypatch, **{name: value})
    assert _faults() == [f"VOIDBOT_{name}: {REMEDIES[name.lower()]}"]


def test_a_misspelt_name_is_not_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt policy setting would silently leave the default rules in force, so it stops the start."""
    _set(monkeypatch, POLICY_FLE="strict.toml")
    assert "VOIDBOT_POLICY_FILE" in _faults()[0]


def test_the_file_is_read_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A `.env` in the working folder counts; a real environment variable wins; an empty one does not."""
    (tmp_path / ".env").write_text("VOIDBOT_PORT=9000\nVOIDBOT_LANGUAGE=en\nVOIDBOT_HOST=0.0.0.0\nOTHER=1\n")
    _set(monkeypatch, PORT="9001", HOST="")
    settings = load_settings()
    assert (settings.port, settings.language, settings.host) == (9001, "en", "0.0.0.0")


def test_a_misspelt_name_in_the_file_is_named_too(tmp_path: Path) -> None:
    """A misspelt name in the `.env` file stops the start too."""
    (tmp_path / ".env").write_text("VOIDBOT_ROLE_FILE=mine.toml\n")
    assert "VOIDBOT_ROLES_FILE" in _faults()[0]


def test_no_secret_in_its_printed_form(monkeypatch: pytest.MonkeyPatch) -> None:
    """Printing the settings, or an error about them, shows no secret."""
    _set(monkeypatch, **GOOD, DATABASE_URL="postgresql://bot:canary-db@db/voidbot")
    settings = load_settings()
    assert not any(secret in repr(settings) + str(settings) for secret in settings.secrets)
    assert set(settings.secrets) == {"canary-app-secret", "QDG6eK", TENCENT_KEY, KEY, "canary-db"}
    _set(monkeypatch, SEAL_KEY="canary-bad-key")
    assert "canary" not in " ".join(_faults())


def test_a_key_that_was_not_asked_for_is_not_silently_empty() -> None:
    """Code that uses a key its command did not ask for gets an error, never an empty key."""
    with pytest.raises(ConfigError, match="VOIDBOT_SEAL_KEY"):
        _ = load_settings().seal_key_bytes


def test_settings_do_not_change() -> None:
    """Settings cannot be changed once they are read."""
    with pytest.raises(ValueError, match="frozen"):
        load_settings().port = 1
