"""Opens the pretend WeCom for tests that run the whole bot: one company, which the bot meets over HTTP."""

import fcntl
import secrets
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import IO, Any

from sandbox.serving import listen
from sandbox.settings import Settings as PretendSettings

ROLES = """
[people.wangmin]
name = "王敏"
roles = ["rep"]
leader = "liqiang"
[people.ZhaoJun]
name = "赵军"
roles = ["rep"]
leader = "liqiang"
[people.liqiang]
name = "李强"
roles = ["lead", "approver"]
leader = "chenjie"
[people.chenjie]
name = "陈洁"
roles = ["admin", "approver"]
[people.sunyu]
name = "孙宇"
roles = ["auditor"]
"""
CORP, AGENT, SECRET, TOKEN, AES_KEY = "wwtown01", 1000002, "town-secret", "townToken42", "t" * 43


FIRST_PORT, PORTS = 20_000, 12_000
"""The range we draw from. The system gives ports above it to whoever asks for any, and would take ours away."""
_ours: set[int] = set()


def free_port() -> int:
    """Returns a port that belongs to this process until it ends, even while nothing listens there.

    Bots of the fault tests die and start again on the same port.
    """
    for _try in range(1000):
        port = FIRST_PORT + secrets.randbelow(PORTS)  # not `random`: with one seed all processes would draw alike
        with socket.socket() as listener, suppress(OSError):
            listener.bind(("127.0.0.1", port))
            if port not in _ours:
                fcntl.lockf(_taken_ports(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
                _ours.add(port)
                return port
    raise AssertionError("a thousand ports, and all of them taken")


@cache
def _taken_ports() -> IO[bytes]:
    """Opens the file with one byte per port, on which the owner of the port holds a lock."""
    path = Path(tempfile.gettempdir()) / "voidbot-test-ports"
    path.touch(mode=0o666)
    return path.open("r+b")


@asynccontextmanager
async def open_wecom(
    folder: Path, bot_port: int, *, start: datetime | None = None, roles: str = ROLES, **settings: Any
) -> AsyncIterator[str]:
    """Yields the URL of a pretend WeCom that sends callbacks to that port; its clock begins at `start`."""
    people, clock = folder / "people.toml", folder / "clock"
    people.write_text(roles, encoding="utf-8")
    if start is not None:
        clock.write_text(str((start - datetime.now(UTC)).total_seconds()), encoding="ascii")
    pretend = PretendSettings(
        corp_id=CORP,
        agent_id=AGENT,
        secret=SECRET,
        token=TOKEN,
        aes_key=AES_KEY,
        port=0,
        callback=f"http://127.0.0.1:{bot_port}/wecom/callback",
        roles_file=str(people),
        clock_file=str(clock) if start is not None else "",
        **{"retry_wait": 0.5, "bot_wait": 30.0, **settings},  # a loaded machine is no reason to go on too early
    )
    runner, port = await listen(pretend)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()
