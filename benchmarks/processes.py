"""Starts the servers that are measured, each as a real process with its own environment."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from benchmarks.company import write_roles
from tests.postgres import DURABLE, start_postgres

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 120.0
STOP_SECONDS = 20.0
_BYTECODE = tempfile.TemporaryDirectory(prefix="voidbot-bytecode-")
"""The folder for compiled modules, as an installed program has them. The first start of a run fills it, and it is
removed at the end of the run.
"""


class NotStarted(Exception):
    """A server did not become ready; the text holds its last output."""


def free_port() -> int:
    """Returns a port that is free now; another program could take it before it is used."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True)
class Server:
    """A running server."""

    process: subprocess.Popen[bytes]
    port: int
    ready_after: float
    """Seconds from exec until it answered 200."""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str) -> str:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", path)
        text = connection.getresponse().read().decode()
        connection.close()
        return text

    def memory(self) -> tuple[float, float]:
        """Returns the present resident and proportional set size, in MB of 10**6 bytes."""
        lines = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
        sizes = {line.split(":")[0]: line.split()[1] for line in lines[1:]}
        return int(sizes["Rss"]) * 1024 / 1e6, int(sizes["Pss"]) * 1024 / 1e6


@contextmanager
def served(folder: Path, environment: dict[str, str], *command: str, port: int, ready: str) -> Iterator[Server]:
    """Runs `python COMMAND` until the block ends; yields when `GET ready` answers 200. Raises NotStarted."""
    # Variables of the caller must not change what is measured.
    own = {name: value for name, value in os.environ.items() if not name.startswith(("VOIDBOT_", "PYTHON"))}
    own["PYTHONPYCACHEPREFIX"] = _BYTECODE.name
    log = folder / f"{command[1]}-{port}.log"
    with log.open("wb") as out:
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env={**own, **environment}, stdout=out, stderr=out
        )
        try:
            _wait_until_ready(process, port, ready, log)
            yield Server(process, port, time.perf_counter() - began)
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, path: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return
        except (OSError, HTTPException):
            pass  # it does not listen yet
        finally:
            connection.close()
        time.sleep(0.005)
    raise NotStarted(f"exit code {process.poll()}:\n{log.read_text(errors='replace')[-2000:]}")


@contextmanager
def pretend_wecom(folder: Path, environment: dict[str, str], port: int) -> Iterator[Server]:
    """Runs the pretend WeCom without frequency limits: they would be measured instead of the bot."""
    people = folder / "members.toml"
    write_roles(people, guests=True)
    command = ("-m", "sandbox", "--no-limits", "--port", str(port))
    with served(
        folder, {**environment, "VOIDBOT_ROLES_FILE": str(people)}, *command, port=port, ready="/sandbox/users"
    ) as server:
        yield server


@contextmanager
def the_bot(folder: Path, environment: dict[str, str]) -> Iterator[Server]:
    port = int(environment["VOIDBOT_PORT"])
    with served(folder, environment, "-m", "bot", "serve", port=port, ready="/readyz") as server:
        yield server


@contextmanager
def databases(*kinds: str) -> Iterator[tuple[Path, dict[str, str]]]:
    """Yields a folder and, by kind, the address of an empty database, which commits durably as in production."""
    with tempfile.TemporaryDirectory(prefix="voidbot-bench-") as name:
        folder = Path(name)
        urls = {"sqlite": f"sqlite:///{folder / 'voidbot.db'}"}
        if "postgresql" not in kinds:
            yield folder, urls
            return
        with start_postgres(settings=DURABLE) as server:
            yield folder, {**urls, "postgresql": server.new_database(empty=True)}
