"""Stories run against the whole bot and a pretend WeCom, over real HTTP, on both databases."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest

from tests.pretend import free_port, open_wecom
from tests.scenario.town import Town, database_of, now, open_bot, settle_in, town_settings


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
    async with AsyncExitStack() as stack:
        wecom = await stack.enter_async_context(open_wecom(tmp_path, bot_port, start=now()))
        settings = town_settings(tmp_path, database_url, wecom, **_policy(request, tmp_path))
        app, bot = await stack.enter_async_context(open_bot(settings, bot_port))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        db = database_of(app)
        await db.run(lambda uow: settle_in(uow.connection, now()))
        yield Town(wecom, bot, http, db, settings)
