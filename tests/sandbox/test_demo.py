"""The demo sets itself up once, starts the bot by its command line, and fails with the bot's own words."""

import asyncio
import os
import signal
import stat
from pathlib import Path

import pytest

from sandbox import demo

COMMAND = (str(Path(__file__).with_name("fake_child.py")),)


async def run_until_open(var: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Starts the demo, stops it as Ctrl-C would once the page is named, returns what was printed."""
    work = asyncio.create_task(demo.run(var, port=0, bot_port=0, command=COMMAND))
    printed = ""
    while "Open" not in printed and not work.done():
        await asyncio.sleep(0.02)
        printed += capsys.readouterr().out
    if not work.done():
        os.kill(os.getpid(), signal.SIGINT)
    await work
    return printed


async def test_first_run_fills_and_second_does_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Sample data goes in once; both runs migrate, serve, make the menu, and stop when asked."""
    first = await run_until_open(tmp_path, capsys)
    keys = (tmp_path / "demo.env").read_text(encoding="utf-8")
    second = await run_until_open(tmp_path, capsys)

    commands = (tmp_path / "demo" / "commands.txt").read_text(encoding="utf-8").splitlines()
    kinds = ["customers", "contacts", "deals", "invoices", "communications", "segments"]
    imports = [f"import --kind {kind} {tmp_path}/demo/{kind}.csv" for kind in kinds]
    assert commands == ["db upgrade", *imports, "serve", "menu", "db upgrade", "serve", "menu"]
    assert "首次运行" in first
    assert "首次运行" not in second
    assert "都还在" in second
    assert (tmp_path / "demo.env").read_text(encoding="utf-8") == keys
    assert stat.S_IMODE((tmp_path / "demo.env").stat().st_mode) == 0o600


async def test_a_second_demo_names_the_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two demos over one database would answer in each other's chats: the second says where the first one is."""
    first = asyncio.create_task(demo.run(tmp_path, port=0, bot_port=0, command=COMMAND))
    printed = ""
    while "Open" not in printed and not first.done():
        await asyncio.sleep(0.02)
        printed += capsys.readouterr().out
    page = next(word for word in printed.split() if word.startswith("http"))
    with pytest.raises(demo.Failed, match=f"already: {page}"):
        await demo.run(tmp_path, port=0, bot_port=0, command=COMMAND)
    os.kill(os.getpid(), signal.SIGINT)
    await first


@pytest.mark.parametrize("step", ["db", "serve"])
async def test_a_failing_bot_is_quoted(tmp_path: Path, step: str) -> None:
    """When the bot cannot migrate or start, the demo ends with the bot's last words and where the log is."""
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / f"fail-{step}").touch()

    with pytest.raises(demo.Failed, match=rf"(?s)exit code 1.*bot\.log.*cannot {step}: as the test asked"):
        await demo.run(tmp_path, port=0, bot_port=0, command=COMMAND)


async def test_a_missing_menu_does_not_stop_the_demo(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The chat works without the app's menu, so a failure there is only told."""
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "fail-menu").touch()

    assert "http://127.0.0.1:" in await run_until_open(tmp_path, capsys)


def test_a_taken_port_is_replaced(capsys: pytest.CaptureFixture[str]) -> None:
    """Where 8700 is taken another free port is used, and the person is told."""
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        assert demo.free_port("127.0.0.1", port) != port
    assert str(port) in capsys.readouterr().out
