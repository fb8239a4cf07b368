"""The bot is replaced by its next version while work waits: what was stored before is done after, and answered."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, MetaData, Table, inspect, text

from bot.app import PARTS
from bot.channels.wecom_app.address import chat_of
from bot.channels.wecom_app.client import WeComClient
from core.domain.outbox import CardName
from core.storage.engines import one_shot_engine
from core.storage.migrate import SCRIPTS, SchemaState, state, upgrade
from tests.pretend import AGENT, CORP, SECRET, free_port, open_wecom
from tests.scenario.settling import after_hours, open_bot, settle_in, town_settings
from tests.scenario.town import Town
from tests.scenario.weather import log_holds

SHOWN, WAITING = "decide-1", "decide-2"


@dataclass
class OldDatabase:
    """Filled by the version before, with a code that redraws a card WeCom shows."""

    url: str
    folder: Path
    wecom: str
    port: int


def to_first_version(url: str) -> None:
    engine = one_shot_engine(url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()


def card(title: str) -> dict[str, Any]:
    return {
        "card_type": "button_interaction",
        "main_title": {"title": title},
        "button_list": [{"text": "同意", "key": "k1", "style": 1}],
    }


def micros() -> int:
    return int(datetime.now(UTC).timestamp() * 1_000_000)


def fill(connection: Connection, code: str) -> None:
    """As the first version wrote it: a message not yet read; a text, a card and a redraw not yet sent."""
    tables = MetaData()
    inbox, deliveries, copies, codes = (
        Table(name, tables, autoload_with=connection)
        for name in ("inbox", "deliveries", "card_copies", "card_codes")
    )
    now = micros()
    said = {
        "key": "m:1", "sender": "wangmin", "sender_userid": "wangmin",
        "sent_at": datetime.now(UTC).isoformat(), "raw_hash": "0" * 64, "kind": "Text",
        "content": {"content": "我的申请"},
    }  # fmt: skip
    connection.execute(
        inbox.insert().values(
            key="m:1", signature="s" * 40, sender="wangmin", received_at=now, state="new",
            body=json.dumps(said, ensure_ascii=False),
        )
    )  # fmt: skip
    out = {"state": "waiting", "due_at": now, "created_at": now, "leaves_open": True}
    rows = [
        {**out, "person": "wangmin", "kind": "text", "body": "升级前写好的话", "step": None, "task_id": ""},
        {**out, "person": "liqiang", "kind": "card", "body": json.dumps(card("升级前的卡")), "step": "decide",
         "task_id": WAITING},
        {**out, "person": "liqiang", "kind": "update", "body": json.dumps({**card("画过了"), "task_id": SHOWN}),
         "step": "decide", "task_id": SHOWN},
    ]  # fmt: skip
    connection.execute(deliveries.insert(), rows)
    for task in (SHOWN, WAITING):
        connection.execute(
            copies.insert().values(
                task_id=task, person="liqiang", step="decide", open=True, card_hash="0" * 64, changed_at=now,
                shown_at=now if task == SHOWN else None,
            )
        )  # fmt: skip
    connection.execute(codes.insert().values(task_id=SHOWN, code=code, got_at=now))


@pytest.fixture
async def old(empty_database_url: str, tmp_path: Path) -> AsyncIterator[OldDatabase]:
    port = free_port()
    async with open_wecom(tmp_path, port) as wecom:
        client = WeComClient(corp_id=CORP, agent_id=AGENT, secret=SECRET, base_url=wecom)
        sent = await client.send_card("liqiang", {**card("画之前"), "task_id": SHOWN})
        await client.close()
        assert sent.response_code
        to_first_version(empty_database_url)
        engine = one_shot_engine(empty_database_url)
        with engine.begin() as connection:
            fill(connection, sent.response_code)
        engine.dispose()
        yield OldDatabase(empty_database_url, tmp_path, wecom, port)


async def test_what_waited_at_the_upgrade_is_done_after_it(old: OldDatabase) -> None:
    """The message is answered, the text and the card arrive, the shown card is redrawn: nothing knew a channel
    when it was stored.
    """
    assert state(old.url) is SchemaState.BEHIND
    upgrade(old.url)
    async with AsyncExitStack() as stack:
        settings = town_settings(old.folder, old.url, old.wecom, policy_file=after_hours(old.folder))
        app, bot = await stack.enter_async_context(open_bot(settings, old.port))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        town = Town(old.wecom, bot, http, app[PARTS].db, settings)
        await town.db.run(lambda uow: settle_in(uow.connection, uow.now))
        await town.settled()  # or the shown card could be seen before its redraw arrives
        await town.hears("wangmin", "升级前写好的话")
        await town.hears("wangmin", "申请")
        await town.gets_card("liqiang", title="画过了")
        await town.gets_card("liqiang", title="升级前的卡")
        kept = await town.db.read(lambda uow: [uow.cards.copy(task) for task in (SHOWN, WAITING)])
        assert [(copy.address, copy.card) for copy in kept] == [(chat_of("liqiang"), CardName.DECIDE)] * 2
        await town.finish()
        await log_holds(town)


def test_the_version_before_goes_on_storing_messages(empty_database_url: str) -> None:
    """Between the upgrade and the restart the old process takes callbacks with its own statement: none is lost."""
    to_first_version(empty_database_url)
    upgrade(empty_database_url)
    engine = one_shot_engine(empty_database_url)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO inbox (key, signature, sender, received_at, body, state)"
                " VALUES ('m:1', 's', 'wangmin', 0, '{}', 'new')"
            )
        )
        row = connection.execute(text("SELECT channel, conversation FROM inbox")).one()
    engine.dispose()
    assert tuple(row) == ("wecom_app", "")


def test_no_index_is_lost(empty_database_url: str) -> None:
    """The upgraded tables have every index of before, and the limits of all are counted by channel in one."""
    to_first_version(empty_database_url)
    before = indexes(empty_database_url)
    upgrade(empty_database_url)
    after = indexes(empty_database_url)
    assert before.keys() == after.keys()
    changed = {name: after[name] for name in before if before[name] != after[name]}
    assert changed == {"ix_deliveries_sent_by_all": ["sent_at", "channel"]}


def indexes(url: str) -> dict[str, list[str | None]]:
    engine = one_shot_engine(url)
    seen = inspect(engine)
    found = {
        str(index["name"]): index["column_names"]
        for table in ("inbox", "deliveries", "card_copies", "card_codes")
        for index in seen.get_indexes(table)
    }
    engine.dispose()
    return found
