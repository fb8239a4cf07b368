"""The process as people start it."""

import asyncio
import json
import os
import socket
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import pytest
from aiohttp import ClientSession

from sandbox.settings import from_environment, without_limits

ROOT = Path(__file__).parents[2]


async def start(*arguments: str, **environ: str) -> Process:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VOIDBOT_")}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox", *arguments, cwd=ROOT, env={**kept, **environ}, stdout=PIPE, stderr=PIPE
    )


async def test_it_says_where_it_listens_and_stops_in_order(tmp_path: Path) -> None:
    """One line names the page; people come from the roles file; SIGTERM ends it with 0, open streams or not."""
    roles = tmp_path / "roles.toml"
    roles.write_text('[people.ann]\nname = "Ann"\nroles = ["rep"]\n', encoding="utf-8")
    process = await start("--port", "0", VOIDBOT_ROLES_FILE=str(roles))
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode()
    assert line.startswith("sandbox: http://127.0.0.1:")
    address = line.split(" ", 1)[1].strip()

    async with ClientSession() as session:
        async with session.get(f"{address}sandbox/users") as response:
            assert [user["id"] for user in (await response.json())["users"]] == ["ann"]
        async with session.get(address) as response:
            assert "default-src 'self'" in response.headers["Content-Security-Policy"]
        stream = await session.get(f"{address}sandbox/stream")
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 10) == 0
        stream.close()


async def test_a_taken_port_and_bad_words() -> None:
    """A port in use ends with 1 and a reason, words it does not know with 2, --help with 0."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused = await start("--port", str(taken.getsockname()[1]))
        _, words = await refused.communicate()
    assert refused.returncode == 1
    assert words.startswith(b"sandbox: ")

    for arguments, status in ((["--language", "fr"], 2), (["nonsense"], 2), (["--help"], 0)):
        process = await start(*arguments)
        await process.communicate()
        assert process.returncode == status


def test_one_environment_serves_both() -> None:
    """The bot's variables set the corp and where callbacks go; empty ones leave the defaults."""
    environ = {"VOIDBOT_WECOM_CORP_ID": "ww9", "VOIDBOT_WECOM_AGENT_ID": "7", "VOIDBOT_HOST": "0.0.0.0"}
    settings = from_environment(
        {**environ, "VOIDBOT_PORT": "9", "VOIDBOT_WECOM_SECRET": "", "VOIDBOT_LANGUAGE": "en"}
    )

    assert (settings.corp_id, settings.agent_id, settings.language) == ("ww9", 7, "en")
    assert settings.callback == "http://127.0.0.1:9/wecom/callback"
    assert settings.secret == from_environment({}).secret
    assert without_limits(settings).member_per_minute > 10**9
    with pytest.raises(ValueError, match="x"):
        from_environment({"VOIDBOT_WECOM_AGENT_ID": "x"})


def test_defaults_are_documented() -> None:
    """Every control path, fault and doubt is named in the sandbox's README."""
    from sandbox.app import create_app
    from sandbox.faults import Faults

    readme = (ROOT / "sandbox" / "README.md").read_text(encoding="utf-8")
    paths = {resource.canonical for resource in create_app().router.resources()}
    ours = {path.removeprefix("/sandbox/") for path in paths if path.startswith("/sandbox/")}
    ours -= {"state", "stream", "media/{id}"}  # the page's own

    assert ours
    assert [path for path in ours if path not in readme and path.split("/")[0] not in readme] == []
    assert [name for name in json.loads(json.dumps(Faults().as_json())) if f"`{name}`" not in readme] == []
