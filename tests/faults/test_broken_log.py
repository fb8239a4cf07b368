"""No audit, no action: when somebody has changed the log, everything stops and people are told."""

import pytest
from sqlalchemy import text

from bot.__main__ import main
from core.domain.audit import Head, Tag
from core.domain.operation.life import State
from tests.noise import logs_put_back
from tests.scenario.town import Town

# The letter g is no hex digit, so each of these statements really changes its value.
TOUCHES = {
    "head": "UPDATE audit_head SET hash = 'g' || substr(hash, 2)",
    "hash": "UPDATE audit_entries SET hash = 'g' || substr(hash, 2) WHERE seq = (SELECT seq FROM audit_head)",
    "content": "UPDATE audit_entries SET tag = 'C' || substr(tag, 2) WHERE seq = (SELECT seq FROM audit_head)",
}


async def quiet_log(town: Town) -> None:
    """Waits until the log holds what the bot adds by itself on its first day."""
    await town.logs(1, Tag.DIRECTORY_COMPARED)
    await town.settled()


async def sql(town: Town, statement: str) -> None:
    def run(uow) -> None:
        assert uow.connection.execute(text(statement)).rowcount == 1

    await town.db.run(run)


async def last_entry(town: Town) -> int:
    head: Head = await town.db.read(lambda uow: uow.audit.head())
    return head.seq


def environment(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.faults.bots import environment_of

    for name, value in environment_of(town.settings, 1).items():
        monkeypatch.setenv(name, value)


def command(*words: str) -> int:
    """Runs a command here and returns its exit code.

    The command logs to a standard error that pytest closes before the town ends, so its handler must not stay.
    """
    with logs_put_back():
        return main(list(words))


@pytest.mark.parametrize("touch", ["hash", "content"])
async def test_a_touched_entry_stops_everything(town: Town, touch: str, monkeypatch, capsys):
    """A vote is refused in words, administrators and auditors are told once, nothing is done, and `audit verify`
    names the entry.
    """
    _, decide = await town.submits("wangmin", "作废客户 宏远科技", reason="duplicate")
    await quiet_log(town)
    bad = await last_entry(town)
    await sql(town, TOUCHES[touch])

    await town.tap("liqiang", decide, "同意")
    await town.hears("liqiang", "日志校验不通过", "没有生效")
    await town.hears("chenjie", "日志校验不通过", "audit verify")
    await town.hears("sunyu", "日志校验不通过", "audit verify")
    await town.tap("liqiang", decide, "同意")
    await town.hears("liqiang", "日志校验不通过", "没有生效")
    await town.hears_nothing("chenjie")
    assert await town.status("C1024") == "active"
    (operation,) = await town.operations()
    assert (operation.state, operation.votes) == (State.PENDING, ())

    environment(town, monkeypatch)
    assert command("audit", "verify") == 1
    assert f"entry {bad}" in capsys.readouterr().out


@pytest.mark.parametrize("touch", TOUCHES)
async def test_a_bot_does_not_start_on_a_touched_log(town: Town, touch: str, monkeypatch, capsys):
    """The bot refuses to start, names the first bad entry and the command, and leaves everything as it was."""
    await town.submits("wangmin", "作废客户 宏远科技", reason="duplicate")
    await quiet_log(town)
    bad = await last_entry(town)
    await sql(town, TOUCHES[touch])
    environment(town, monkeypatch)
    assert command("serve") == 1
    told = capsys.readouterr().err
    assert f"entry {bad}" in told
    assert "audit verify" in told
    assert "Traceback" not in told
    assert await last_entry(town) == bad
    assert await town.status("C1024") == "active"


async def test_an_approved_operation_waits_for_its_log(town: Town, monkeypatch: pytest.MonkeyPatch):
    """When the log breaks between vote and action, nothing is done until the log holds again; then it goes on."""
    from core.services.executing import backup

    touched: list[str] = []
    held = backup._held

    def touch(vault, receipt):
        if not touched:
            with town.db.engine.begin() as connection:
                touched.append(connection.execute(text("SELECT hash FROM audit_head")).scalar_one())
                connection.execute(text("UPDATE audit_head SET hash = :bad"), {"bad": "0" * 64})
        return held(vault, receipt)

    monkeypatch.setattr(backup, "_held", touch)
    _, decide = await town.submits("wangmin", "作废客户 宏远科技", reason="duplicate")
    await town.tap("liqiang", decide, "同意")
    for who in ("chenjie", "sunyu"):
        await town.hears(who, "日志校验不通过", "audit verify")
    assert await town.status("C1024") == "active"

    await sql(town, f"UPDATE audit_head SET hash = '{touched[0]}'")
    await town.advance("2m")
    await town.gets_card("wangmin", title="已作废", line="B-0001", button="撤销")
    assert await town.status("C1024") == "voided"
