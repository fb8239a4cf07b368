"""Processes on one PostgreSQL database wake each other."""

import asyncio

import pytest

from core.storage.wakes import listen
from tests.scenario.town import Town


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_stored_message_wakes_another_process(town: Town):
    """Who listens hears of work as soon as it is committed, without polling."""
    heard = asyncio.Event()
    listening = asyncio.create_task(listen(town.settings.database_url, heard.set))
    try:
        async with asyncio.timeout(15):
            while not heard.is_set():
                await town.say("wangmin", "帮助")
                await asyncio.sleep(0.2)
    finally:
        listening.cancel()
    await town.hears_only("wangmin", "这样说就行")
