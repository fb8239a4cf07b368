"""The demo sets itself up once, starts the bot by its command line, and fails with the bot's own words."""

import asyncio
import contextlib
import os
import re
import signal
import socket
import stat
import sys
from pathlib import Path

import pytest
from aiohttp import ClientConnectionError, ClientSession

from sandbox import demo, keeping
from sandbox.child import Failed

COMMAND = (str(Path(__file__).with_name("fake_child.py")),)


async def run_until_open(var: Path, capsys: pytest.CaptureFixture[str], port: int = 0, bot_port: int = 0) -> str:
    """Starts the demo, stops it as Ctrl-C would once the page is named, returns what was printed."""
    work = asyncio.create_task(demo.run(var, port, bot_port, command=COMMAND))
    printed = ""
    while "Open" not in printed and not work.done():
        await asyncio.sleep(0.02)
        printed += capsys.readouterr().out
    if not work.done():
        os.kill(os.getpid(), signal.SIGINT)
    await work
    return printed


def keys_of(var: Path) -> list[str]:
    return [line for line in (var / "demo.env").read_text(encoding="utf-8").splitlines() if "_KEY=" in line]


async def told(words: str, work: asyncio.Task[None], capsys: pytest.CaptureFixture[str]) -> str:
    """What is printed until those words are among it."""
    printed = ""
    while words not in printed and not work.done():
        await asyncio.sleep(0.01)
        printed += capsys.readouterr().out
    return printed


async def test_first_run_fills_and_second_does_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Sample data goes in once; both runs migrate, serve, make the menu, and stop when asked."""
    first = await run_until_open(tmp_path, capsys)
    keys = keys_of(tmp_path)
    second = await run_until_open(tmp_path, capsys)

    commands = (tmp_path / "demo" / "commands.txt").read_text(encoding="utf-8").splitlines()
    kinds = ["customers", "contacts", "deals", "invoices", "communications", "segments"]
    imports = [f"import --kind {kind} {tmp_path}/demo/{kind}.csv" for kind in kinds]
    assert commands == ["db upgrade", *imports, "serve", "menu", "db upgrade", "serve", "menu"]
    assert "首次运行" in first
    assert "首次运行" not in second
    assert "都还在" in second
    assert keys_of(tmp_path) == keys
    assert stat.S_IMODE((tmp_path / "demo.env").stat().st_mode) == 0o600


async def test_a_second_demo_names_the_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two demos over one database would answer in each other's chats: the second says where the first one is."""
    first = asyncio.create_task(demo.run(tmp_path, port=0, bot_port=0, command=COMMAND))
    printed = ""
    while "Open" not in printed and not first.done():
        await asyncio.sleep(0.02)
        printed += capsys.readouterr().out
    page = next(word for word in printed.split() if word.startswith("http"))
    with pytest.raises(Failed, match=f"already: {page}"):
        await demo.run(tmp_path, port=0, bot_port=0, command=COMMAND)
    os.kill(os.getpid(), signal.SIGINT)
    await first


@pytest.mark.parametrize("step", ["db", "serve"])
async def test_a_failing_bot_is_quoted(tmp_path: Path, step: str) -> None:
    """When the bot cannot migrate or start, the demo ends with the bot's last words and where the log is."""
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / f"fail-{step}").touch()

    with pytest.raises(Failed, match=rf"(?s)exit code 1.*bot\.log.*cannot {step}: as the test asked"):
        await demo.run(tmp_path, port=0, bot_port=0, command=COMMAND)


async def test_a_missing_menu_does_not_stop_the_demo(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The chat works without the app's menu, so a failure there is only told."""
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "fail-menu").touch()

    assert "http://127.0.0.1:" in await run_until_open(tmp_path, capsys)


async def test_taken_ports_are_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where 8700 or 8701 is taken others are used, for the page and the bot alike, and the person is told."""
    with socket.socket() as page, socket.socket() as bot:
        for taken in (page, bot):
            taken.bind(("127.0.0.1", 0))
            taken.listen()
        ports = page.getsockname()[1], bot.getsockname()[1]
        printed = await run_until_open(tmp_path, capsys, *ports)

    assert f"port {ports[0]} is taken" in printed
    assert f"port {ports[1]} is taken, the bot uses http://127.0.0.1:" in printed
    assert f"Open  http://127.0.0.1:{ports[0]}/" not in printed


async def test_demos_of_the_same_second(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two that want the same ports at once both open, and each pretend WeCom calls its own bot."""
    with socket.socket() as probe, socket.socket() as other:
        for free in (probe, other):
            free.bind(("127.0.0.1", 0))
        ports = probe.getsockname()[1], other.getsockname()[1]
    works = [asyncio.create_task(demo.run(tmp_path / name, *ports, command=COMMAND)) for name in "ab"]
    printed = ""
    while printed.count("Open") < 2 and not any(work.done() for work in works):
        await asyncio.sleep(0.02)
        printed += capsys.readouterr().out
    pages = re.findall(r"Open  (http://\S+)/", printed)
    bots = [
        re.findall(r"voidbot: (http://\S+)", (tmp_path / name / "demo" / "bot.log").read_text(encoding="utf-8"))
        for name in "ab"
    ]
    os.kill(os.getpid(), signal.SIGINT)
    for work in works:
        work.cancel()  # the signal reaches the loop's newest listener only
    await asyncio.gather(*works, return_exceptions=True)

    assert len(set(pages)) == 2
    assert sorted(len(addresses) for addresses in bots) == [1, 1]
    assert bots[0] != bots[1]


async def test_the_second_of_one_folder_spoils_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Started at the same moment on one folder: one goes on, the other is told, and the keys are written once."""
    works = [asyncio.create_task(demo.run(tmp_path, 0, 0, command=COMMAND)) for _ in range(2)]
    done, going = await asyncio.wait(works, return_when=asyncio.FIRST_COMPLETED)
    keys = keys_of(tmp_path)
    while "Open" not in capsys.readouterr().out and not all(work.done() for work in going):
        await asyncio.sleep(0.02)
    os.kill(os.getpid(), signal.SIGINT)
    await asyncio.gather(*going)

    assert len(done) == 1
    assert "is running already" in str(done.pop().exception())
    assert keys_of(tmp_path) == keys


async def test_a_killed_bot_is_started_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page stays while the bot is away; it is tried again after growing pauses until it runs."""
    monkeypatch.setattr(keeping, "PAUSES", (0.01, 0.02, 0.04))
    work = asyncio.create_task(demo.run(tmp_path, 0, 0, command=COMMAND))
    printed = await told("Open", work, capsys)
    page = re.findall(r"Open  (http://\S+/)", printed)[0]
    fails = tmp_path / "demo" / "fail-serve"
    fails.touch()
    os.kill(int((tmp_path / "demo" / "pid").read_text(encoding="ascii")), signal.SIGKILL)
    away = await told("again in 0.04 s", work, capsys)
    async with ClientSession() as session, session.get(page) as response:
        assert response.status == 200
    fails.unlink()
    await told("the bot is back", work, capsys)
    os.kill(os.getpid(), signal.SIGINT)
    await work

    assert next(line for line in away.splitlines() if "again in" in line).endswith("0.01 s")
    commands = (tmp_path / "demo" / "commands.txt").read_text(encoding="utf-8").splitlines()
    assert commands[-2:] == ["serve", "serve"]


@pytest.mark.skipif(sys.platform != "linux", reason="the bond is Linux's")
async def test_a_killed_demo_leaves_no_bot_behind(tmp_path: Path) -> None:
    """kill -9 of the demo ends its bot too: nothing goes on answering on the port."""
    run = f"demo.run(pathlib.Path({str(tmp_path)!r}), 0, 0, {COMMAND!r})"
    code = f"import asyncio, pathlib; from sandbox import demo; asyncio.run({run})"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, cwd=Path(__file__).parents[2], stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    while "Open" not in (await process.stdout.readline()).decode():
        assert process.returncode is None
    log = (tmp_path / "demo" / "bot.log").read_text(encoding="utf-8")
    address = re.findall(r"voidbot: (http://\S+)", log)[0]
    process.kill()
    await process.wait()

    async with ClientSession() as session, asyncio.timeout(30):
        with contextlib.suppress(ClientConnectionError):
            while True:
                async with session.get(address):
                    await asyncio.sleep(0.05)


async def test_the_command_line_works_on_the_demo(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """After `. demo.env` the bot's commands find the demo's own database, vault, roles and pretend WeCom."""
    var = tmp_path / "a folder's"
    printed = await run_until_open(var, capsys)
    page = re.findall(r"Open  (http://\S+)/", printed)[0]
    names = "DATABASE_URL", "VAULT_DIR", "ROLES_FILE", "WECOM_API_BASE"
    script = (
        f'set -a; . "$0"; {"; ".join(f"echo $VOIDBOT_{name}" for name in names)}; "$@" && "$1" -m bot audit verify'
    )
    process = await asyncio.create_subprocess_exec(
        *("sh", "-c", script, str(var / "demo.env"), sys.executable, "-m", "bot", "db", "upgrade"),
        cwd=Path(__file__).parents[2],
        stdout=asyncio.subprocess.PIPE,
    )
    said = (await process.communicate())[0].decode().splitlines()

    assert process.returncode == 0
    assert said[:4] == [f"sqlite:///{var}/demo/voidbot.db", f"{var}/demo/vault", f"{var}/demo/roles.toml", page]
    assert (var / "demo" / "voidbot.db").exists()
