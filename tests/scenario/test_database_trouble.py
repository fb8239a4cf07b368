"""The database is locked, full or gone for a while, or the vault is: people are told or served later, once."""

import asyncio
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import event

from core.domain.audit import Tag
from tests.postgres import start_postgres
from tests.pretend import free_port
from tests.scenario.listening import Message
from tests.scenario.town import Town, button_of
from tests.scenario.weather import hurrying, log_holds, open_town, state_of, story

EVERY, OFTEN = 4.0, 30
"""How WeCom tries here, so that the last try comes after an outage, however long the machine takes over it."""
SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def requested(town: Town) -> Message:
    """Lets 王敏 ask to void 宏远科技, and returns 李强's card."""
    _, decide = await town.submits("wangmin", "作废客户 宏远科技", reason="duplicate", why="重复")
    return decide


async def done_once(town: Town) -> None:
    """The void of 宏远科技 has happened, and everything about it once."""
    async with hurrying(town):
        await town.gets_card("wangmin", title="已作废", line="B-0001", button="撤销")
    await town.post("settle", {})
    await town.hears_nothing("wangmin")
    assert await town.status("C1024") == "voided"
    assert [operation.state for operation in await town.operations()] == ["done"]
    await log_holds(town)


async def served_once(town: Town) -> None:
    """Both what 李强 tapped and what 赵军 said while the database was away."""
    await town.post("settle", {})
    async with hurrying(town):
        await town.hears("ZhaoJun", "C2001")
    await done_once(town)


def file_of(town: Town) -> str:
    return town.settings.database_url.removeprefix("sqlite:///")


async def test_another_program_locks_the_database(sqlite_url: str, tmp_path: Path) -> None:
    """Somebody holds SQLite's write lock for ten seconds: the tap and the message are served afterwards, once."""
    async with story(sqlite_url, tmp_path, retry_wait=EVERY, retries=OFTEN) as town:
        decide = await requested(town)
        with closing(sqlite3.connect(file_of(town), isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            tap = asyncio.create_task(town.tap("liqiang", decide, "同意"))
            say = asyncio.create_task(town.say("ZhaoJun", "查 蓝天贸易"))
            await asyncio.sleep(10)
            other.execute("ROLLBACK")
        await asyncio.gather(tap, say)
        await served_once(town)


@contextmanager
def full_disk(town: Town) -> Iterator[None]:
    """SQLite may not grow its file by one more page, on any connection: `database or disk is full`, for real."""

    def limit(connection: Any, *_: object) -> None:
        connection.execute("PRAGMA max_page_count=1")  # never below what it has

    engine = town.db.engine
    event.listen(engine, "checkout", limit)
    try:
        yield
    finally:
        event.remove(engine, "checkout", limit)

        def lift(connection: Any, *_: object) -> None:
            connection.execute("PRAGMA max_page_count=1073741823")

        event.listen(engine, "checkout", lift)


@SQLITE
async def test_the_disk_is_full(town: Town) -> None:
    """What cannot be stored is refused, so that WeCom comes again; with space again everything goes on."""
    decide = await requested(town)
    before = await state_of(town)
    with full_disk(town):
        filler = "x" * 1500
        statuses = [(await town.say("ZhaoJun", f"查 {filler} {number}"))["status"] for number in range(8)]
        assert 503 in statuses
        tapped = await town.tap("liqiang", decide, "同意")
        await asyncio.sleep(0.5)
        assert tapped["status"] in {200, 503}
        if tapped["status"] == 503:  # a tap is small: it may still have found room
            assert await state_of(town) == before
    await town.tap("liqiang", decide, button_of(decide, "同意"), force=True)
    await done_once(town)
    assert len(await town.hears_only("ZhaoJun", "没找到「xxx")) <= len(statuses)
    await town.hears_only("liqiang", "#0001")  # the first tap had found room, so the second came too late


async def test_the_vault_cannot_be_written(town: Town) -> None:
    """No proven backup, no action: it stops, all concerned are told, and it works again with the vault back."""
    vault = town.settings.vault_dir
    shutil.rmtree(vault, ignore_errors=True)
    vault.write_text("somebody put a file where the folder was")
    decide = await requested(town)
    await town.tap("liqiang", decide, "同意")
    async with hurrying(town):
        for who in ("wangmin", "liqiang"):
            await town.hears(who, "#0001：备份没通过验证", "什么都没改", "编号 E-0001", "已通知管理员")
        await town.hears("chenjie", "E-0001", "#0001", "没有做成", "起因：")
    assert await town.status("C1024") == "active"
    assert [operation.state for operation in await town.operations()] == ["failed"]
    assert await town.db.read(lambda uow: list(uow.backups.all())) == []
    await log_holds(town)

    vault.unlink()
    decide = await requested(town)
    await town.tap("liqiang", decide, "同意")
    await town.gets_card("wangmin", source="#0002", title="已作废", line="B-0002", button="撤销")
    assert await town.status("C1024") == "voided"
    await log_holds(town)


async def test_the_vault_comes_back_in_time(town: Town) -> None:
    """The folder is unwritable for a moment only: the approved operation goes through without anybody's help."""
    vault = town.settings.vault_dir
    shutil.rmtree(vault, ignore_errors=True)
    vault.write_text("in the way")
    decide = await requested(town)
    await town.tap("liqiang", decide, "同意")
    await town.logs(1, Tag.BACKUP_FAILED)
    assert await town.status("C1024") == "active"
    vault.unlink()
    await done_once(town)


async def test_a_lost_backup_is_not_told_as_done(town: Town) -> None:
    """The backup file is gone when 撤销 is tapped: it is undone, and nobody is told that it was compared."""
    decide = await requested(town)
    await town.tap("liqiang", decide, "同意")
    done = await town.gets_card("wangmin", title="已作废", line="B-0001", button="撤销")
    shutil.rmtree(town.settings.vault_dir)
    await town.tap("wangmin", done, "撤销")
    for who in ("wangmin", "liqiang"):
        told = (await town.hears(who, "#0001 已撤销", "备份读不出来"))["text"]
        assert "恢复原样" not in told
        assert "没有做成" not in told
    assert await town.status("C1024") == "active"
    await log_holds(town)


async def test_postgresql_is_gone_for_a_while(tmp_path: Path) -> None:
    """The server is cut off and comes back after ten seconds; what was said meanwhile is served, once."""
    with start_postgres() as server:
        url = server.new_database()
        with psycopg.connect(url, autocommit=True) as connection:  # the tests' server is quicker than safe
            connection.execute(f"ALTER DATABASE {connection.info.dbname} SET synchronous_commit = on")
        async with open_town(url, tmp_path, retry_wait=EVERY, retries=OFTEN) as town:
            decide = await requested(town)
            server.stop_at_once()
            try:
                tap = asyncio.create_task(town.tap("liqiang", decide, "同意"))
                say = asyncio.create_task(town.say("ZhaoJun", "查 蓝天贸易"))
                await asyncio.sleep(10)
            finally:
                server.start_again()
            try:
                await asyncio.gather(tap, say)
                await served_once(town)
                await town.finish()  # here, because in the end there is no server to ask
            finally:
                await asyncio.to_thread(server.stop_at_once)


@pytest.mark.parametrize("name", ["VOIDBOT_SEAL_KEY", "VOIDBOT_VAULT_KEY"])
def test_an_unreadable_key_stops_the_start(tmp_path: Path, name: str) -> None:
    """serve ends with 2 and names the key and the command that makes one; nothing listens, nothing is written."""
    environment = {
        "PATH": "/usr/bin:/bin",
        "VOIDBOT_PORT": str(free_port()),
        "VOIDBOT_DATABASE_URL": f"sqlite:///{tmp_path}/voidbot.db",
        "VOIDBOT_SEAL_KEY": "A" * 43 + "=",
        "VOIDBOT_VAULT_KEY": "A" * 43 + "=",
        name: "not base64 of 32 bytes",
    }
    command = [sys.executable, "-m", "bot", "serve"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert name in ended.stderr
    assert "python -m bot init" in ended.stderr
    assert not (tmp_path / "voidbot.db").exists()
