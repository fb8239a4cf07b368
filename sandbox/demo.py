"""Runs the demo, `python -m sandbox demo`: sample data, the pretend WeCom, and the bot as a child process.

The demo knows the bot by its command line and by HTTP only. Everything it makes lies in `var/demo/` and
`var/demo.env`; remove both for a fresh start. It ignores the settings VOIDBOT_… of the caller's environment on
purpose, so that sample data never lands in a real database.
"""

import asyncio
import contextlib
import dataclasses
import fcntl
import os
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from aiohttp.web import AppRunner

from sandbox import keeping
from sandbox.child import Bot, Failed, say
from sandbox.clock import WorldClock
from sandbox.env_file import fresh_keys, read_env, write_env
from sandbox.keys import WORLD
from sandbox.morning import ZONE, lead_to_morning
from sandbox.samples.generate import HEADERS, Maker, write_csv
from sandbox.serving import listen, stop_event
from sandbox.settings import SAMPLES, Settings, from_environment
from sandbox.world import World

HOST = "127.0.0.1"
KEPT_FROM_CALLER = ("VOIDBOT_LANGUAGE", "VOIDBOT_TIMEZONE")
HINTS = {
    "zh": ("帮助", "作废客户 宏远科技", "查 宏远", "我的客户", "待我审批"),
    "en": ("help", "void customer Hongyuan", "find Hongyuan", "my customers", "waiting for me"),
}


def set_up(var: Path) -> dict[str, str]:
    """Makes folders, keys, roles and sample sheets where they are missing. Returns the settings for demo.env."""
    demo, env_file = var / "demo", var / "demo.env"
    demo.mkdir(parents=True, exist_ok=True)
    keys = read_env(env_file) if env_file.exists() else fresh_keys()
    if not (demo / "roles.toml").exists():
        shutil.copyfile(SAMPLES / "roles.toml", demo / "roles.toml")
    if not (demo / "customers.csv").exists():
        write_csv(demo, Maker(datetime.now(UTC).date(), count=500, seed=1).make())
        _begin_in_working_hours(WorldClock(str(demo / "clock")))
    place = demo.resolve()  # absolute, so that demo.env works in any folder
    own = {
        **keys,
        "VOIDBOT_DATABASE_URL": f"sqlite:///{place / 'voidbot.db'}",
        "VOIDBOT_VAULT_DIR": str(place / "vault"),
        "VOIDBOT_ROLES_FILE": str(place / "roles.toml"),
    }
    write_env(env_file, own)
    return own


def _begin_in_working_hours(clock: WorldClock) -> None:
    """Moves the clock to a working morning, because reminders are sent in working hours only (`morning.py`)."""
    lead = lead_to_morning(datetime.now(UTC))
    if lead:
        clock.advance(lead)
        begins = datetime.fromtimestamp(clock.now(), ZONE).strftime("%Y-%m-%d %H:%M")
        say(f"现在不是工作时间，演示从 {begins} 开始", f"outside working hours: the demo begins at {begins}")


async def fill(bot: Bot, demo: Path) -> None:
    """Migrates the database and imports each sample sheet once."""
    done = demo / "imported"
    finished = done.read_text(encoding="utf-8").split() if done.exists() else []
    if len(finished) < len(HEADERS):
        say(f"首次运行，在 {demo} 里准备示例数据…", f"first run, making sample data in {demo}…")
    else:
        say("客户、申请、日志和聊天都还在", "customers, requests, the log and the chats are kept")
        say(f"要全部重来：删除 {demo} 和 {demo}.env", f"to begin anew: remove {demo} and {demo}.env")
    await bot.run("db", "upgrade")
    for place, kind in enumerate(HEADERS, start=1):
        if kind in finished:
            continue
        print(f"  {place}/{len(HEADERS)} {kind}", flush=True)
        await bot.run("import", "--kind", kind, str(demo / f"{kind}.csv"))
        # Noted sheet by sheet: a demo that is stopped meanwhile goes on here the next time.
        with done.open("a", encoding="utf-8") as file:
            file.write(f"{kind}\n")


@contextlib.contextmanager
def alone(demo: Path) -> Iterator[IO[str]]:
    """Locks the folder of the demo, and yields the file that takes the address of the page.

    A second demo with the same database would answer in the chats of the first. Raises Failed, which names the
    page of the running one.
    """
    demo.mkdir(parents=True, exist_ok=True)
    with (demo / "running").open("a+", encoding="utf-8") as file:
        # The system frees this lock when the process ends, however it ends; a file by itself would stay behind.
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            page = file.read().strip() or "正在启动 / it is starting"
            raise Failed(f"演示已经在运行 / the demo is running already: {page}") from None
        file.truncate(0)
        yield file


async def run(var: Path, port: int = 8700, bot_port: int = 8701, command: tuple[str, ...] = ("-m", "bot")) -> None:
    """Runs the whole demo until it is stopped. Raises Failed."""
    with alone(var / "demo") as running:
        await _run(var / "demo", set_up(var), (port, bot_port), command, running)


async def _run(
    demo: Path, own: dict[str, str], ports: tuple[int, int], command: tuple[str, ...], running: IO[str]
) -> None:
    port, bot_port = ports
    settings = dataclasses.replace(
        from_environment(own),
        language=from_environment().language,
        host=HOST,
        port=port,
        callback=f"http://{HOST}:{bot_port}/wecom/callback",  # until the bot says where it is
        clock_file=str(demo / "clock"),
        chats_file=str(demo / "chats.json"),
        hints=HINTS,
    )
    runner, page = await _listen(settings)
    print(f"{page}/", file=running, flush=True)
    # PATH and the like are passed on to the bot, but of its settings only those that do no harm.
    kept = {k: v for k, v in os.environ.items() if not k.startswith("VOIDBOT_") or k in KEPT_FROM_CALLER}
    own = {**own, "VOIDBOT_HOST": HOST, "VOIDBOT_WECOM_API_BASE": page}
    write_env(demo.with_suffix(".env"), own)
    world = runner.app[WORLD]
    bot = Bot({**kept, **own}, demo / "bot.log", command)
    stopped = asyncio.create_task(_wait(stop_event()))
    try:
        start = asyncio.create_task(_start(bot, demo, bot_port, world))
        await keeping.first_of(stopped, start, keep=stopped)
        if not stopped.done():
            print(f"\n打开 / Open  {page}/\n", flush=True)
            say("按 Ctrl-C 停止", "Ctrl-C stops it")
            await keeping.first_of(stopped, asyncio.create_task(keeping.keep(bot, start.result(), world)))
    finally:
        stopped.cancel()
        await bot.stop()
        await runner.cleanup()


async def _listen(settings: Settings) -> tuple[AppRunner, str]:
    """Starts the page and returns its address. When the port is taken, it uses another one and prints it."""
    try:
        runner, port = await listen(settings)
    except OSError:
        runner, port = await listen(dataclasses.replace(settings, port=0))
        say(f"端口 {settings.port} 已被占用，改用 {port}", f"port {settings.port} is taken, using {port}")
    return runner, f"http://{settings.host}:{port}"


async def _wait(event: asyncio.Event) -> None:
    await event.wait()


async def _start(bot: Bot, demo: Path, port: int, world: World) -> int:
    """Prepares the database, starts the bot, and returns the port it got. Raises Failed."""
    await fill(bot, demo)
    say("正在启动机器人…", "starting the bot…")
    port = await keeping.start(bot, port, world)
    try:
        await bot.run("menu")
    except Failed as failed:  # the chat works without the app's menu
        print(f"应用菜单没有建成 / the app menu was not made: {failed}", file=sys.stderr)
    return port
