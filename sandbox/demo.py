"""`python -m sandbox demo`: sample data once, the pretend WeCom here, the bot as a child process.

It knows the bot by its command line and by HTTP only. Everything it makes lies in `var/demo/` and
`var/demo.env`; remove both for a fresh start. Settings named VOIDBOT_… in the caller's environment are left
out on purpose, so that sample data never lands in somebody's real database.
"""

import asyncio
import base64
import contextlib
import dataclasses
import fcntl
import os
import secrets
import shutil
import socket
import sys
import time
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from aiohttp import ClientError, ClientSession, ClientTimeout

from sandbox.clock import WorldClock
from sandbox.morning import ZONE, lead_to_morning
from sandbox.samples.generate import HEADERS, Maker, write_csv
from sandbox.serving import listen, stop_event
from sandbox.settings import SAMPLES, Settings, from_environment

ROOT = Path(__file__).resolve().parents[1]
READY_WITHIN = 60.0
STOP_WITHIN = 15.0
KEPT_FROM_CALLER = ("VOIDBOT_LANGUAGE", "VOIDBOT_TIMEZONE")
HINTS = {
    "zh": ("帮助", "作废客户 宏远科技", "查 宏远", "我的客户", "待我审批"),
    "en": ("help", "void customer Hongyuan", "find Hongyuan", "my customers", "waiting for me"),
}


class Failed(Exception):
    """The demo cannot go on; the text says why and where to look."""


def say(chinese: str, english: str) -> None:
    print(f"{chinese} / {english}", flush=True)


def free_port(host: str, wanted: int) -> int:
    """`wanted`, or another free one (and says so)."""
    for port in (wanted, 0):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            found = int(probe.getsockname()[1])
            if found != wanted:
                say(f"端口 {wanted} 已被占用，改用 {found}", f"port {wanted} is taken, using {found}")
            return found
    raise Failed("没有空闲端口 / no free port")


def read_env(path: Path) -> dict[str, str]:
    """KEY=VALUE lines; blank lines and # lines are skipped."""
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = (line.split("=", 1) for line in lines if line.strip() and not line.startswith("#"))
    return {name.strip(): value.strip() for name, value in pairs}


def _new_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def write_env(path: Path) -> None:
    """Fresh keys, once; readable by its owner only."""
    base = Settings()
    values = {
        "VOIDBOT_WECOM_CORP_ID": base.corp_id,
        "VOIDBOT_WECOM_AGENT_ID": str(base.agent_id),
        "VOIDBOT_WECOM_SECRET": base.secret,
        "VOIDBOT_WECOM_TOKEN": base.token,
        "VOIDBOT_WECOM_AES_KEY": base.aes_key,
        "VOIDBOT_SEAL_KEY": _new_key(),
        "VOIDBOT_VAULT_KEY": _new_key(),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    text = "".join(f"{name}={value}\n" for name, value in values.items())
    path.write_text("# 演示用，自动生成 / made for the demo\n" + text, encoding="utf-8")


def set_up(var: Path) -> dict[str, str]:
    """Folders, keys, roles and sample sheets; what is there stays. Returns the demo's own settings."""
    demo, env_file = var / "demo", var / "demo.env"
    demo.mkdir(parents=True, exist_ok=True)
    if not env_file.exists():
        write_env(env_file)
    if not (demo / "roles.toml").exists():
        shutil.copyfile(SAMPLES / "roles.toml", demo / "roles.toml")
    if not (demo / "customers.csv").exists():
        write_csv(demo, Maker(datetime.now(UTC).date(), count=500, seed=1).make())
        _begin_in_working_hours(WorldClock(str(demo / "clock")))
    return {
        **read_env(env_file),
        "VOIDBOT_DATABASE_URL": f"sqlite:///{demo / 'voidbot.db'}",
        "VOIDBOT_VAULT_DIR": str(demo / "vault"),
        "VOIDBOT_ROLES_FILE": str(demo / "roles.toml"),
    }


def _begin_in_working_hours(clock: WorldClock) -> None:
    lead = lead_to_morning(datetime.now(UTC))
    if lead:
        clock.advance(lead)
        begins = datetime.fromtimestamp(clock.now(), ZONE).strftime("%Y-%m-%d %H:%M")
        say(f"现在不是工作时间，演示从 {begins} 开始", f"outside working hours: the demo begins at {begins}")


class Bot:
    """The child process and its command line."""

    def __init__(self, environment: dict[str, str], log: Path, command: tuple[str, ...] = ("-m", "bot")) -> None:
        self._environment = environment
        self._log = log
        self._command = (sys.executable, *command)
        self._process: Process | None = None
        self._served_from = 0

    async def run(self, *arguments: str) -> None:
        """One command to its end; Failed with its last words when it fails."""
        with self._log.open("ab") as log:
            start = log.tell()
            process = await self._start(log, *arguments)
            try:
                status = await process.wait()
            except asyncio.CancelledError:
                await _end(process)
                raise
        if status != 0:
            raise Failed(self._last_words(f"bot {' '.join(arguments)}", status, start))

    async def serve(self) -> None:
        with self._log.open("ab") as log:
            self._served_from = log.tell()
            self._process = await self._start(log, "serve")

    async def _start(self, log: IO[bytes], *arguments: str) -> Process:
        # A session of its own: Ctrl-C in the terminal is ours to hear, and we stop the bot in order.
        return await asyncio.create_subprocess_exec(
            *self._command,
            *arguments,
            cwd=ROOT,
            env=self._environment,
            stdin=DEVNULL,
            stdout=log,
            stderr=STDOUT,
            start_new_session=True,
        )

    async def ended(self) -> None:
        """Waits for the child's end, which should not come; always raises Failed."""
        if self._process is None:
            raise RuntimeError("the bot was not started")
        raise Failed(self._last_words("bot serve", await self._process.wait(), self._served_from))

    def _last_words(self, what: str, status: int, start: int) -> str:
        with self._log.open("rb") as log:
            log.seek(start)
            words = log.read().decode(errors="replace").strip().splitlines()[-25:]
        return "\n".join([f"{what} 退出码 / exit code {status}; 日志 / log: {self._log}", *words])

    async def until_ready(self, address: str) -> None:
        """Returns when /readyz says 200; Failed with its last answer after a minute."""
        deadline = time.monotonic() + READY_WITHIN
        last = ""
        async with ClientSession(timeout=ClientTimeout(total=5)) as session:
            while time.monotonic() < deadline:
                with contextlib.suppress(ClientError, TimeoutError):
                    async with session.get(f"{address}/readyz") as response:
                        if response.status == 200:
                            return
                        last = f"HTTP {response.status} {await response.text()}"
                await asyncio.sleep(0.1)
        raise Failed(f"机器人没有就绪 / the bot is not ready: {last or 'no answer'}; 日志 / log: {self._log}")

    async def stop(self) -> None:
        """SIGTERM, and SIGKILL if that is not heard."""
        if self._process is not None:
            await _end(self._process)


async def _end(process: Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_WITHIN)
    except TimeoutError:
        process.kill()
        await process.wait()


async def fill(bot: Bot, demo: Path) -> None:
    """Migrates the database, and imports the sample sheets the first time (each sheet once)."""
    done = demo / "imported"
    finished = done.read_text(encoding="utf-8").split() if done.exists() else []
    if len(finished) < len(HEADERS):
        say(f"首次运行，在 {demo} 里准备示例数据…", f"first run, making sample data in {demo}…")
    else:
        say("客户、申请、日志都还在；聊天从头开始", "customers, requests and the log are kept; chats start empty")
        say(f"要全部重来：删除 {demo} 和 {demo}.env", f"to begin anew: remove {demo} and {demo}.env")
    await bot.run("db", "upgrade")
    for place, kind in enumerate(HEADERS, start=1):
        if kind in finished:
            continue
        print(f"  {place}/{len(HEADERS)} {kind}", flush=True)
        await bot.run("import", "--kind", kind, str(demo / f"{kind}.csv"))
        with done.open("a", encoding="utf-8") as file:
            file.write(f"{kind}\n")


@contextlib.contextmanager
def alone(demo: Path) -> Iterator[IO[str]]:
    """Holds the folder, and the file to write the page's address into; a second demo over the same database
    would answer in the first one's chats. Raises Failed naming the page of the other.
    """
    with (demo / "running").open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise Failed(f"演示已经在运行 / the demo is running already: {file.read().strip()}") from None
        file.truncate(0)
        yield file


Work = asyncio.Task[None]


async def _first_of(*works: Work, keep: Work | None = None) -> None:
    """Waits for whichever ends first, passes its error on and drops the rest (but `keep`)."""
    done, waiting = await asyncio.wait(works, return_when=asyncio.FIRST_COMPLETED)
    dropped = waiting - {keep}
    for work in dropped:
        work.cancel()
    await asyncio.gather(*dropped, return_exceptions=True)
    for work in done:
        work.result()


async def run(var: Path, port: int = 8700, bot_port: int = 8701, command: tuple[str, ...] = ("-m", "bot")) -> None:
    """The whole demo, until stopped; raises Failed."""
    own = set_up(var)
    with alone(var / "demo") as running:
        await _run(var / "demo", own, (port, bot_port), command, running)


async def _run(
    demo: Path, own: dict[str, str], ports: tuple[int, int], command: tuple[str, ...], running: IO[str]
) -> None:
    port, bot_port = ports
    host = "127.0.0.1"
    bot_port = free_port(host, bot_port)
    settings = dataclasses.replace(
        from_environment(own),
        language=from_environment().language,
        host=host,
        port=free_port(host, port),
        callback=f"http://{host}:{bot_port}/wecom/callback",
        clock_file=str(demo / "clock"),
        hints=HINTS,
    )
    kept = {k: v for k, v in os.environ.items() if not k.startswith("VOIDBOT_") or k in KEPT_FROM_CALLER}
    page = f"http://{host}:{settings.port}"
    print(f"{page}/", file=running, flush=True)
    here = {"VOIDBOT_HOST": host, "VOIDBOT_PORT": str(bot_port), "VOIDBOT_WECOM_API_BASE": page}
    bot = Bot({**kept, **own, **here}, demo / "bot.log", command)
    runner, _ = await listen(settings)
    stopped = asyncio.create_task(_wait(stop_event()))
    try:
        await _first_of(stopped, asyncio.create_task(_start(bot, demo, f"http://{host}:{bot_port}")), keep=stopped)
        if not stopped.done():
            print(f"\n打开 / Open  {page}/\n", flush=True)
            say("按 Ctrl-C 停止", "Ctrl-C stops it")
            await _first_of(stopped, asyncio.create_task(bot.ended()))
    finally:
        stopped.cancel()
        await bot.stop()
        await runner.cleanup()


async def _wait(event: asyncio.Event) -> None:
    await event.wait()


async def _start(bot: Bot, demo: Path, address: str) -> None:
    await fill(bot, demo)
    say("正在启动机器人…", "starting the bot…")
    await bot.serve()
    await _first_of(asyncio.create_task(bot.until_ready(address)), asyncio.create_task(bot.ended()))
    try:
        await bot.run("menu")
    except Failed as failed:  # the chat works without the app's menu
        print(f"应用菜单没有建成 / the app menu was not made: {failed}", file=sys.stderr)
