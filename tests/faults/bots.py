"""Controls bots as processes: starts them through the launcher, watches, kills and freezes them."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from config.settings import Settings
from tests.faults.hooks import Plan

ROOT = Path(__file__).parents[2]


class Launcher:
    """The connection to launch.py, a process that has loaded the bot and forks it on request."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._numbers = count(1)
        self._gone = False
        self.ready = asyncio.Event()
        """Set once the bot is loaded; from then on a start is quick."""
        self._starting: dict[int, asyncio.Future[int]] = {}
        self._ending: dict[int, asyncio.Future[int]] = {}

    async def start(self, settings: Settings, folder: Path, port: int, plan: Plan) -> "Bot":
        if self._gone:
            raise ChildProcessError("the launcher has ended")
        number = next(self._numbers)
        asked: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._starting[number] = asked
        request = {
            "id": number,
            "folder": str(folder),
            "log": str(folder / "bot.log"),
            "environment": environment_of(settings, port),
            "plan": asdict(plan),
        }
        assert self._process.stdin is not None
        self._process.stdin.write((json.dumps(request) + "\n").encode())
        pid = await asked
        # `setdefault`: a bot may have ended before its start was answered here.
        return Bot(pid, self._ending.setdefault(pid, asyncio.get_running_loop().create_future()))

    async def listen(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self._hear(json.loads(line))
        self._gone = True
        self.ready.set()
        for asked in self._starting.values():
            asked.set_exception(ChildProcessError("the launcher has ended; what it said stands above"))

    def _hear(self, said: dict[str, Any]) -> None:
        loop = asyncio.get_running_loop()
        if "ready" in said:
            self.ready.set()
        elif "started" in said:
            self._ending.setdefault(said["started"], loop.create_future())
            self._starting.pop(said["request"]).set_result(said["started"])
        elif "ended" in said:
            self._ending.setdefault(said["ended"], loop.create_future()).set_result(said["status"])


@dataclass
class Bot:
    pid: int
    ended: asyncio.Future[int] = field(repr=False)
    """Resolves to the exit code of the process, or to minus the signal that ended it."""

    def send(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    async def kill(self) -> None:
        if not self.ended.done():
            self.send(signal.SIGKILL)
        await self.ended

    def is_frozen(self) -> bool:
        # Cut after the last `)`, since the program's name before it may hold blanks and brackets.
        state = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0]
        return state == "T"


@asynccontextmanager
async def open_launcher() -> AsyncIterator[Launcher]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.faults.launch", cwd=ROOT, stdin=PIPE, stdout=PIPE
    )
    launcher = Launcher(process)
    listening = asyncio.create_task(launcher.listen())
    try:
        await launcher.ready.wait()
        yield launcher
    finally:
        assert process.stdin is not None
        process.stdin.close()  # at which the launcher kills all its bots and itself
        await process.wait()
        await listening


def environment_of(settings: Settings, port: int) -> dict[str, str]:
    """Returns the settings as the environment that an operator would set."""
    values: dict[str, str] = {"VOIDBOT_HOST": "127.0.0.1", "VOIDBOT_PORT": str(port)}
    for name in settings.model_fields_set:
        value = getattr(settings, name)
        reveal = getattr(value, "get_secret_value", None)
        values[f"VOIDBOT_{name.upper()}"] = str(reveal() if reveal else value)
    return values
