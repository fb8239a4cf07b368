"""Runs the bot as a child process; it is known by its command line, its log and HTTP only."""

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
# Two lines that `bot serve` prints: its address once it listens, and the reason when its port is taken.
_LISTENS = re.compile(r"^voidbot: (http://\S+)$", re.MULTILINE)
_TAKEN = "Cannot listen on"


class Failed(Exception):
    """The demo cannot go on; the text tells why, and where to look."""


def say(chinese: str, english: str) -> None:
    print(f"{chinese} / {english}", flush=True)


class Bot:
    """The child process, and the commands run by the same program."""

    def __init__(self, environment: dict[str, str], log: Path, command: tuple[str, ...] = ("-m", "bot")) -> None:
        self._environment = environment
        self._log = log
        # -E and -S: bound.py needs neither the environment nor installed packages, and starts sooner without.
        bound = (sys.executable, "-ES", str(Path(__file__).with_name("bound.py")), str(os.getpid()))
        self._command = (*bound, sys.executable, *command)
        self._process: Process | None = None
        self._served_from = 0

    async def run(self, *arguments: str) -> None:
        """Runs one command to its end. Raises Failed with its last output when it fails."""
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
        """Starts `bot serve` and returns its address. When the port is taken, another one is used and printed."""
        address = await self._listen(port)
        if address is None:
            address = await self._listen(0)
            say(f"端口 {port} 已被占用，机器人改用 {address}", f"port {port} is taken, the bot uses {address}")
        if address is None:
            raise Failed("没有空闲端口 / no free port")
        return address

    async def _listen(self, port: int) -> str | None:
        """Starts `bot serve` and returns its address, or None when the port is taken.

        Only the bot that binds the port knows: after a test beforehand, another program could still take it.
        """
        with self._log.open("ab") as log:
            self._served_from = log.tell()
            self._process = await self._start(log, "serve", VOIDBOT_PORT=str(port))
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            ended = self._process.returncode  # read before the output, which is then complete if it has ended
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
        # In a session of its own the bot does not get the Ctrl-C of the terminal: we get it, and stop the bot.
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
        """Waits until the child ends, which it should not, and then raises Failed."""
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
        """Waits until /readyz answers 200. Raises Failed with its last answer after a minute."""
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
        """Sends SIGTERM, and SIGKILL when the bot does not end in time."""
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
