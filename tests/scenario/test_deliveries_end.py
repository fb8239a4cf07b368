"""No delivery waits for ever, and none keeps a person's next ones waiting."""

import asyncio

import pytest
from sqlalchemy import func, select

from core.storage.tables import audit_entries, deliveries
from tests.scenario.listening import PATIENCE
from tests.scenario.town import Town


async def _undelivered(town: Town) -> int:
    return await town.db.read(
        lambda uow: uow.connection.execute(
            select(func.count()).where(deliveries.c.state == "undelivered")
        ).scalar_one()
    )


async def test_what_wecom_refuses_does_not_block_the_next_answer(town: Town):
    """WeCom refuses one answer again and again; the person's next question is answered, the refusal is logged."""
    await town.fault(answers=[40058, 40058, 40058], only=["message/send"])
    await town.say("wangmin", "查 宏源科技")
    await town.say("wangmin", "帮助")
    await town.hears("wangmin", "这样说就行")
    assert await _undelivered(town) == 1
    tags = await town.db.read(lambda uow: uow.connection.execute(select(audit_entries.c.tag)).scalars().all())
    assert "chat:card:undelivered" in tags


@pytest.mark.policy("[reminders]\ninactive_days = 9999\n")
async def test_old_news_is_given_up_after_a_day_without_wecom(town: Town):
    """WeCom is away for more than a day: what was to be said then is given up, however often it was tried."""
    await town.fault(html=100_000, only=["message/send"])
    await town.say("wangmin", "查 宏源科技")
    async with asyncio.timeout(PATIENCE):
        while not await _undelivered(town):
            await town.advance("6h")
            await asyncio.sleep(0.3)
    await town.fault(html=0)
    await town.say("wangmin", "帮助")
    await town.hears("wangmin", "这样说就行")
