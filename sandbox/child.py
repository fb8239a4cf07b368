"""The bot as a child process, known by its command line, its log and HTTP only."""

import asyncio
import contextlib
import os
import re
import sys
import time
from asyncio.subprocess import DEVNULL, STDOUT, Process
from pathlib import Path
from typing import IO

from aiohttp import ClientError, ClientSession, ClientTimeout

ROOT = Path(__file__).resolve().parents[1]
READY_WITHIN = 60.0
STOP_WITHIN = 15.0
_LISTENS = re.compile(r"^voidbot: (http://\S+)$", re.MULTILINE)
_TAKEN = "Cannot listen on"


class Failed(Exception):
    """The demo cannot go on; the text says why and where to look."""


def say(chinese: str, english: str) -> None:
    print(f"{chinese} / {english}", flush=True)


class Bot:
    """The child process and its command line."""

    def __init__(self, environment: dict[str, str], log: Path, command: tuple[str, ...] = ("-m", "bot")) -> None:
        self._environment = environment
        self._log = log
        bound = (sys.executable, "-ES", str(Path(__file__).with_name("bound.py")), str(os.getpid()))
        self._command = (*bound, sys.executable, *command)
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

    async def serve(self, port: int) -> str:
        """The address it listens on: at `port`, or at another one where that is taken (and says so)."""
        address = await self._listen(port)
        if address is None:
            address = await self._listen(0)
            say(f"端口 {port} 已被占用，机器人改用 {address}", f"port {port} is taken, the bot uses {address}")
        if address is None:
            raise Failed("没有空闲端口 / no free port")
        return address

    async def _listen(self, port: int) -> str | None:
        """None where the port is taken: only the bot that binds it knows, a probe before could be overtaken."""
        with self._log.open("ab") as log:
            self._served_from = log.tell()
            self._process = await self._start(log, "serve", VOIDBOT_PORT=str(port))
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            ended = self._process.returncode  # before its words are read: none come after
            words = self._said_since(self._served_from)
            if found := _LISTENS.search(words):
                return found[1]
            if ended is not None and _TAKEN in words:
                return None
            if ended is not None:
                await self.ended()
            await asyncio.sleep(0.02)
        raise Failed(f"机器人没有就绪 / the bot is not ready; 日志 / log: {self._log}")

    async def _start(self, log: IO[bytes], *arguments: str, **more: str) -> Process:
        # A session of its own: Ctrl-C in the terminal is ours to hear, and we stop the bot in order.
        return await asyncio.create_subprocess_exec(
            *self._command,
            *arguments,
            cwd=ROOT,
            env={**self._environment, **more},
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
        words = self._said_since(start).strip().splitlines()[-25:]
        return "\n".join([f"{what} 退出码 / exit code {status}; 日志 / log: {self._log}", *words])

    def _said_since(self, start: int) -> str:
        with self._log.open("rb") as log:
            log.seek(start)
            return log.read().decode(errors="replace")

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
