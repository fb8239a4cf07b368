"""`python -m bot`: quick help, clear errors, the exit codes other programs rely on."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from bot.__main__ import COMMANDS, main
from config.settings import KEYS, Settings, load_settings
from core.services import use_cases

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _empty_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for field in Settings.model_fields:
        monkeypatch.delenv(f"VOIDBOT_{field.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)


def _python(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout


def test_the_help_loads_nothing_heavy() -> None:
    """`--help` answers at once: it loads no database, network or settings library."""
    loaded = _python(
        "import sys, contextlib, io\nfrom bot.__main__ import main\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit): main(['--help'])\n"
        "print([name for name in ('sqlalchemy', 'aiohttp', 'pydantic', 'alembic', 'rich') if name in sys.modules])"
    )
    assert loaded.strip() == "[]"


def test_the_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """Every command stands in the help with one line in both languages."""
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert all(f"{name} " in shown and line in shown for name, line in COMMANDS.items())


@pytest.mark.parametrize("words", [[], ["nope"], ["db"], ["db", "nope"], ["init", "--nope"]])
def test_bad_use_is_two(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A command line that makes no sense ends with 2 and says how it goes."""
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_a_command_passes_the_gate(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A command with a use case for members is refused before it runs, as the machine's operator is no member."""
    monkeypatch.setattr(use_cases, "INIT", use_cases.APPROVE)
    assert main(["init"]) == 1
    assert "could not be done" in capsys.readouterr().err
    assert not Path(".env").exists()


@pytest.mark.parametrize("words", [["serve"], ["audit", "verify"], ["backup", "restore"], ["db", "upgrade"]])
def test_the_help_says_whose_command_it_is(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """The help of a command says that only an operator of the machine may use it."""
    with pytest.raises(SystemExit):
        main([*words, "--help"])
    assert "Only an operator of the machine" in capsys.readouterr().out


WECOM_APP = {"CORP_ID": "ww0123456789abcdef", "AGENT_ID": "1000002", "SECRET": "canary" * 7}


def _environment(**more: str) -> dict[str, str]:
    values = {f"WECOM_{name}": value for name, value in WECOM_APP.items()} | more
    named = {f"VOIDBOT_{name}": value for name, value in values.items()}
    return {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]} | named


@pytest.mark.parametrize("words", [["menu"], ["doctor"]])
def test_no_network_is_said_in_one_line(tmp_path: Path, words: list[str]) -> None:
    """Without a way to WeCom a command ends with 1, says what to look at, and shows no secret and no traceback."""
    assert main(["init"]) == 0
    ended = subprocess.run(
        [sys.executable, "-m", "bot", *words],
        cwd=tmp_path,
        env=_environment(WECOM_API_BASE="http://127.0.0.1:1") | {"COLUMNS": "1000"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    said = ended.stdout + ended.stderr
    assert ended.returncode == 1
    told = ("连不上企业微信", "cannot be reached", "127.0.0.1:1", "DNS", "VOIDBOT_WECOM_API_BASE")
    assert [part for part in told if part not in said] == []
    assert "Traceback" not in said
    assert "canary" not in said


def test_any_free_port(tmp_path: Path) -> None:
    """`serve` with port 0 says which port it got, once it listens there."""
    assert main(["init"]) == 0
    serving = subprocess.Popen(
        [sys.executable, "-m", "bot", "serve"],
        cwd=tmp_path,
        env=_environment(WECOM_API_BASE="http://127.0.0.1:1", PORT="0"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert serving.stdout is not None
        address = next(line.split()[1] for line in serving.stdout if line.startswith("voidbot: http://127.0.0.1:"))
        with urlopen(f"{address}/healthz", timeout=10) as answer:  # our own, just printed
            assert answer.status == 200
    finally:
        serving.terminate()
        serving.communicate(timeout=30)
    assert not address.endswith(":0")


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    """`serve` on an address somebody else holds ends with 1 and one line that says which."""
    assert main(["init"]) == 0
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        ended = subprocess.run(
            [sys.executable, "-m", "bot", "serve"],
            cwd=tmp_path,
            env=_environment(PORT=str(port)),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert f"127.0.0.1:{port}" in ended.stderr
    assert "VOIDBOT_PORT" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VAULT_DIR", "a-file/vault"),
        ("DATABASE_URL", "sqlite:///a-file/voidbot.db"),
        ("ROLES_FILE", "nowhere.toml"),
        ("POLICY_FILE", "."),
    ],
)
def test_a_bad_value_names_itself_and_stops_the_start(
    name: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An unusable path stops the start and is named, so that nobody approves what could never be backed up."""
    assert main(["init"]) == 0
    (tmp_path / "a-file").touch()
    for setting, given in _environment(WECOM_API_BASE="http://127.0.0.1:1").items():
        monkeypatch.setenv(setting, given)
    monkeypatch.setenv(f"VOIDBOT_{name}", value)
    assert main(["serve"]) == 2
    assert f"VOIDBOT_{name}" in capsys.readouterr().err


def test_init_writes_a_private_file_that_serves(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The new file is for its owner alone, its keys are accepted, and none of them is printed."""
    assert main(["init"]) == 0
    file = tmp_path / ".env"
    assert file.stat().st_mode & 0o777 == 0o600
    settings = load_settings(*KEYS, "wecom_token", "wecom_aes_key")
    said = capsys.readouterr()
    assert not any(secret in said.out + said.err for secret in settings.secrets)
    assert settings.seal_key_bytes != settings.vault_key_bytes


def test_init_names_every_setting(tmp_path: Path) -> None:
    """The `.env` that `init` writes shows every setting."""
    main(["init"])
    text = (tmp_path / ".env").read_text(encoding="utf-8")
    assert [field for field in Settings.model_fields if f"VOIDBOT_{field.upper()}=" not in text] == []


def test_init_never_overwrites(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A second `init` changes nothing and says so, because existing keys must not be lost."""
    (tmp_path / ".env").write_text("mine")
    assert main(["init"]) == 1
    assert (tmp_path / ".env").read_text() == "mine"
    assert ".env exists already" in capsys.readouterr().err


def test_a_bad_configuration_is_two_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every fault stands on a line of its own, in both languages."""
    monkeypatch.setenv("VOIDBOT_PORT", "x")
    monkeypatch.setenv("VOIDBOT_LANGUAGE", "fr")
    assert main(["db", "upgrade"]) == 2
    shown = capsys.readouterr().err
    assert "VOIDBOT_PORT" in shown
    assert "VOIDBOT_LANGUAGE" in shown
    assert "配置有误" in shown
    assert "Traceback" not in shown


def test_db_upgrade_makes_and_keeps_the_tables(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first run fills an empty database, the second finds nothing to do; it needs no other setting."""
    monkeypatch.setenv("VOIDBOT_DATABASE_URL", empty_database_url)
    assert [main(["db", "upgrade"]), main(["db", "upgrade"])] == [0, 0]
    assert "up to date" in capsys.readouterr().out.splitlines()[-1]


def test_a_database_that_is_away_is_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback and no password when the database does not answer."""
    monkeypatch.setenv("VOIDBOT_DATABASE_URL", "postgresql://bot:hunter2@127.0.0.1:1/none")
    assert main(["db", "upgrade"]) == 1
    shown = capsys.readouterr().err
    assert "database is not available" in shown
    assert "hunter2" not in shown


def test_new_files_are_private(tmp_path: Path) -> None:
    """The customer database is not readable by other users of the machine."""
    command = [sys.executable, "-m", "bot", "db", "upgrade"]
    subprocess.run(
        command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True, capture_output=True
    )
    assert (tmp_path / "var" / "voidbot.db").stat().st_mode & 0o077 == 0
