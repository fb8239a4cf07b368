"""A friendly no: what is wrong, what to do next, and nothing is changed."""

import asyncio
import io

import pytest

from config.logs import configure_logs
from core.domain.people import Role
from tests.scenario.town import Town, button_of


async def test_without_the_right(town: Town):
    """An auditor may look, not void: told which right is missing and who gives it."""
    await town.say("sunyu", "作废客户 宏远科技")
    await town.hears("sunyu", "你还没有「作废」权限", "陈洁")
    assert await town.operations() == []


async def test_the_right_is_lost_while_the_card_is_open(town: Town):
    """Who loses the right between card and tap gets nothing submitted."""
    confirm = await town.proposes("wangmin", "作废客户 宏远科技")
    await town.has_roles("wangmin", Role.AUDITOR)
    await town.tap("wangmin", confirm, "确认作废")
    await town.hears("wangmin", "你还没有「作废」权限")
    await town.hears_nothing("liqiang")


async def test_not_there_and_not_theirs_are_one_answer(town: Town):
    """A colleague's customer and a name that is nowhere: word for word the same."""
    await town.say("wangmin", "作废客户 明月软件")
    theirs = await town.hears("wangmin", "没找到")
    await town.say("wangmin", "作废客户 晴天软件")
    nowhere = await town.hears("wangmin", "没找到")
    assert theirs["text"].replace("明月", "晴天") == nowhere["text"]
    await town.say("wangmin", "作废客户 C2001")
    await town.hears("wangmin", "没找到「C2001」，或你无权查看")


async def test_voided_already(town: Town):
    """作废 of what is voided says so, and how to get it back."""
    await town.voids("wangmin", "宏远科技")
    await town.say("wangmin", "作废客户 宏远科技")
    await town.hears("wangmin", "宏远科技 已经作废了", "恢复 宏远科技")


@pytest.mark.policy("[limits]\nchanges_per_day = 1\n")
async def test_over_the_day_limit(town: Town):
    """The second change of a day is refused with the limit; undoing does not count, tomorrow does."""
    done = await town.voids("wangmin", "宏远科技")
    confirm = await town.proposes("wangmin", "作废客户 宏源科技")
    await town.tap("wangmin", confirm, "确认作废")
    await town.hears("wangmin", "今天已到上限（1 次）", "什么都没改")
    assert await town.status("C1025") == "active"
    await town.undoes("wangmin", done)
    await town.advance("1d")
    await town.submits("wangmin", "作废客户 宏源科技")


@pytest.mark.policy("[limits]\nchanges_per_day = 1\n")
async def test_a_restore_is_never_over_the_day_limit(town: Town):
    """The day's one change is used up; bringing that customer back by name is done all the same."""
    await town.voids("wangmin", "宏远科技")
    await town.proposes("wangmin", "恢复 宏远科技", "确认恢复")
    await town.say("wangmin", "确认")
    await town.hears("wangmin", "宏远科技", "已恢复")
    await town.hears("liqiang", "王敏 恢复了", "宏远科技", "之前由 #0001 作废")
    assert await town.status("C1024") == "active"


async def test_a_key_nobody_signed(town: Town):
    """A made-up button key does nothing and is answered."""
    _, decide = await town.submits("wangmin", "作废客户 宏远科技")
    key = button_of(decide, "同意")
    forged = ("B" if key[0] != "B" else "C") + key[1:]
    await town.tap("liqiang", decide, forged, force=True)
    await town.hears("liqiang", "这个按钮已失效", "什么都没改")
    assert (await town.operation(1)).votes == ()


@pytest.mark.parametrize("said", ["今天天气不错", "asdfgh"])
async def test_what_nobody_understands(town: Town, said: str):
    """The likeliest commands, in one line, and nothing is done."""
    await town.say("wangmin", said)
    await town.hears("wangmin", "没看懂", f"查 {said}", "帮助")
    assert await town.operations() == []


async def test_nearly_a_command(town: Town):
    """A slip of the pen gets the nearest command, and does nothing."""
    await town.say("wangmin", "我的申清")
    await town.hears("wangmin", "没看懂", "我的申请")


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("不要作废 宏远科技", "好，什么都不动"),
        ("能不能作废宏远科技？", "办不了"),
        ("作废 所有客户", "办不了「按条件」"),
        ("作废 宏远科技、宏源科技", "办不了「批量作废」"),
        ("作废", "没看懂"),
    ],
)
async def test_what_must_not_be_read_as_a_wish(town: Town, said: str, answer: str):
    """A negation, a question, everybody at once, two at once, nobody: never a confirm card."""
    await town.say("wangmin", said)
    await town.hears("wangmin", answer)
    assert await town.operations() == []


async def test_help_fits_the_person(town: Town):
    """帮助: a rep reads how to void, an approver how to approve, an auditor how to read the log."""
    for who, words in (("wangmin", "作废 宏远科技"), ("liqiang", "同意 #0312"), ("sunyu", "日志 #0312")):
        await town.say(who, "帮助")
        await town.hears(who, "这样说就行", words)


async def test_noise_costs_one_line_of_log_and_shows_nobodys_bytes(town: Town):
    """Bytes that are no HTTP get their 400 and one warning, whatever they hold."""
    lines = io.StringIO()
    configure_logs(stream=lines)
    host, port = town.bot.removeprefix("http://").split(":")
    try:
        for noise in (b"GET /\x00canary HTTP/1.1", b"POST / HTTP/1.1\r\nTransfer-Encoding: canary"):
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(noise + b"\r\n\r\n")
            assert (await reader.readline()).split()[1] == b"400"
            writer.close()
    finally:
        configure_logs()
    assert lines.getvalue().count("malformed request") == 2
    assert "canary" not in lines.getvalue()
    assert "Traceback" not in lines.getvalue()


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("不要作废 宏远科技", "好，什么都不动"),
        ("别删 宏远科技", "好，什么都不动"),
        ("don't void C1024", "nothing is touched"),
    ],
)
async def test_what_shall_be_left_alone(town: Town, words: str, answer: str):
    """不要作废 X: nothing is touched, and the answer says just that."""
    await town.say("wangmin", words)
    await town.hears("wangmin", answer)
    assert await town.operations() == []
