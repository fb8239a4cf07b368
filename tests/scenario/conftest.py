"""Stories run against the whole bot and a pretend WeCom, over real HTTP, on both databases."""

import socket
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from sandbox.serving import listen
from sandbox.settings import Settings as PretendSettings
from tests.scenario.town import (
    AES_KEY,
    AGENT,
    CORP,
    ROLES,
    SECRET,
    TOKEN,
    Town,
    database_of,
    now,
    open_bot,
    settle_in,
    town_settings,
)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _policy(request: pytest.FixtureRequest, folder: Path) -> dict[str, Path]:
    """@pytest.mark.policy("[approval.void] …"): what this town has decided otherwise."""
    mark = request.node.get_closest_marker("policy")
    if mark is None:
        return {}
    file = folder / "policy.toml"
    file.write_text(mark.args[0], encoding="utf-8")
    return {"policy_file": file}


@pytest.fixture
async def town(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Town]:
    bot_port = free_port()
    roles = tmp_path / "people.toml"
    roles.write_text(ROLES, encoding="utf-8")
    pretend = PretendSettings(
        corp_id=CORP,
        agent_id=AGENT,
        secret=SECRET,
        token=TOKEN,
        aes_key=AES_KEY,
        host="127.0.0.1",
        port=0,
        callback=f"http://127.0.0.1:{bot_port}/wecom/callback",
        roles_file=str(roles),
        retry_wait=0.5,
    )
    runner, port = await listen(pretend)
    wecom = f"http://127.0.0.1:{port}"
    settings = town_settings(tmp_path, database_url, wecom, **_policy(request, tmp_path))
    try:
        async with open_bot(settings, bot_port) as (app, bot), aiohttp.ClientSession() as http:
            db = database_of(app)
            await db.run(lambda uow: settle_in(uow.connection, now()))
            yield Town(wecom, bot, http, db, settings)
    finally:
        await runner.cleanup()
