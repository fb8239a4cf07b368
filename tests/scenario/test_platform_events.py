"""What WeCom tells the bot besides words: opened chats, the menu, members who come and go, files, novelties."""

import pytest

from core.domain.audit import Tag
from tests.pretend import AGENT, CORP, ROLES
from tests.scenario.settling import open_bot
from tests.scenario.town import Town, button_of
from tests.scenario.weather import SEAL, base64_of, log_holds, log_tags, raw, state_of, wire, world_time

SECRETS = ("宏远", "宏源", "蓝天", "明月", "C1024", "C2001", "13800005678", "张三", "48,000", "展会线索")
"""What no stranger may ever read."""


async def newcomer(town: Town, who: str = "stranger") -> None:
    await town.post("users", {"id": who, "name": "路人"})


async def test_everybody_is_greeted_by_what_they_can_do(town: Town) -> None:
    """A rep, an approver and an auditor open the chat and read different things."""
    for who in ("wangmin", "liqiang", "sunyu"):
        await town.event(who, "enter_agent")
    rep = (await town.hears("wangmin", "你好，王敏", "帮助"))["text"]
    approver = (await town.hears("liqiang", "你好，李强"))["text"]
    auditor = (await town.hears("sunyu", "你好，孙宇"))["text"]
    assert "作废" in rep
    assert "审批" not in rep
    assert "审批" in approver
    assert "谁在什么时候做了什么" in auditor
    assert "作废" not in auditor


async def test_a_stranger_learns_only_how_to_be_added(town: Town) -> None:
    """No event, word, file or menu entry gives somebody unknown more than that, and nothing changes."""
    await newcomer(town)
    before = await state_of(town)
    said = [
        "作废客户 宏远科技",
        "查 宏远科技",
        "我的客户",
        "日志 C1024",
        "同意 #0001",
        "确认",
        "帮助",
        "help",
        "1",
    ]
    for text in said:
        await town.say("stranger", text)
    events = (
        ("enter_agent", ""),
        ("click", "mine"),
        ("click", "waiting"),
        ("click", "help"),
        ("subscribe", ""),
    )
    for event, key in events:
        await town.event("stranger", event, key=key)
    await town.post("users/stranger/media", {"type": "image"})
    for _ in range(len(said) + len(events) + 1):
        heard = (await town.hears("stranger", "stranger", "管理员"))["text"]
        assert not [secret for secret in SECRETS if secret in heard]
    await town.hears_nothing("stranger")
    assert await state_of(town) == before
    await log_holds(town)


async def test_the_menu_does_what_the_words_do(town: Town) -> None:
    """Each entry answers; a key nobody knows is answered kindly too."""
    await town.submits("wangmin", "作废客户 宏远科技")
    for key, words in (("mine", "宏源科技"), ("my_requests", "#0001"), ("help", "作废")):
        await town.event("wangmin", "click", key=key)
        await town.hears("wangmin", words)
    await town.event("liqiang", "click", key="waiting")
    await town.hears("liqiang", "#0001", "宏远科技")
    await town.event("wangmin", "click", key="an entry of last year's menu")
    await town.hears("wangmin", "没看懂", "帮助")


@pytest.mark.parametrize(
    ("kind", "answer", "instead"),
    [
        ("image", "图片我看不懂", "作废 宏远科技"),
        ("file", "读不了文件", "把客户名发给我"),
        ("voice", "语音我听不了", "查 宏远"),
        ("video", "视频我看不了", "打字告诉我"),
        ("location", "位置收到了", "查 客户名"),
        ("link", "链接我打不开", "查 宏远"),
    ],
)
async def test_files_and_places_are_answered_kindly(town: Town, kind: str, answer: str, instead: str) -> None:
    """What cannot be read is said to be so, with what to send instead."""
    await town.post("users/wangmin/media", {"type": kind})
    await town.hears("wangmin", answer, instead)


async def test_unknown_events_are_taken_and_logged(town: Town) -> None:
    """An event of next year's WeCom: 200, one entry in the log, nobody is bothered, nothing changes."""
    before, refused = await state_of(town), await log_tags(town, Tag.MESSAGE_REFUSED)
    await town.event("wangmin", "LOCATION")
    await town.event("wangmin", "view", key="https://example.org/")
    xml = (
        "<xml><ToUserName>wwtown01</ToUserName><FromUserName>wangmin</FromUserName><MsgType>event</MsgType>"
        f"<CreateTime>{int((await world_time(town)).timestamp())}</CreateTime><Event>dance_party</Event>"
        "<AgentID>1000002</AgentID><Partners><Partner>a</Partner></Partners></xml>"
    )
    assert await raw(town, xml=xml) == 200
    await town.hears_nothing("wangmin")
    assert await log_tags(town, Tag.MESSAGE_REFUSED) == refused + 3
    assert await state_of(town) == before
    await log_holds(town)


async def test_a_rep_who_leaves_loses_every_right_at_once(town: Town) -> None:
    """The open request ends, its card closes, the leader hears of it; nothing the leaver does works any more."""
    _, decide = await town.submits("wangmin", "作废客户 宏远科技")
    await town.event("wangmin", "unsubscribe")
    await town.hears("liqiang", "王敏 已离开", "1 张")
    await town.hears("chenjie", "王敏（wangmin）已离开")
    await town.becomes("liqiang", decide, grey="已撤回")
    await town.tap("liqiang", decide, button_of(decide, "同意"), force=True)
    await town.hears("liqiang", "#0001", "撤回")
    assert await town.status("C1024") == "active"

    await town.event("wangmin", "subscribe")
    for text in ("查 宏远科技", "作废客户 宏源科技"):
        await town.say("wangmin", text)
    await town.event("wangmin", "enter_agent")
    for _ in range(4):
        heard = await town.hears("wangmin", "账号 wangmin 离开过", "管理员")
        assert "C1024" not in heard["text"]
    await town.hears("chenjie", "王敏（wangmin）离开后又回到")
    await log_holds(town)


async def test_an_approver_who_leaves_is_replaced(town: Town) -> None:
    """The request waits for 李强 alone; he leaves, and 陈洁 is asked, with what is at stake."""
    _, decide = await town.submits("wangmin", "作废客户 宏远科技")
    await town.event("liqiang", "unsubscribe")
    await town.hears("chenjie", "李强（liqiang）已离开")
    other = await town.gets_card("chenjie", title="宏远科技", line=("王敏 提出", "48,000"), button="同意")
    await town.hears("wangmin", "#0001", "陈洁")
    await town.hears_nothing("wangmin")

    await town.event("liqiang", "subscribe")
    await town.tap("liqiang", decide, button_of(decide, "同意"), force=True)
    await town.say("liqiang", "同意 #0001")
    for _ in range(3):
        await town.hears("liqiang", "账号 liqiang 离开过", "管理员")
    await town.hears("chenjie", "李强（liqiang）离开后又回到")
    assert await town.status("C1024") == "active"

    await town.tap("chenjie", other, "同意")
    await town.gets_card("wangmin", title="已作废", line="B-0001", button="撤销")
    assert await town.status("C1024") == "voided"
    await log_holds(town)


async def test_a_vote_of_somebody_who_left_does_not_count(town: Town) -> None:
    """Nobody is left to decide: the requester is told, and the request ends at its term, not by an old vote."""
    await town.submits("wangmin", "作废客户 宏远科技")
    await town.event("chenjie", "unsubscribe")
    await town.settled()
    await town.event("liqiang", "unsubscribe")
    await town.hears("wangmin", "#0001", "没有人能审批", "管理员")
    assert await town.status("C1024") == "active"
    await town.advance("25h")
    await town.hears("wangmin", "#0001", "已过期")
    await log_holds(town)


async def test_who_comes_back_is_told_what_is_needed(town: Town) -> None:
    """王敏 drops out of sight and returns: she and the administrator read what brings her roles back."""
    await town.event("wangmin", "unsubscribe")
    left = await town.hears("chenjie", "王敏", "wangmin", "已离开")
    assert "generation" not in left["text"]
    await town.event("wangmin", "subscribe")
    needed = "generation = 2"
    await town.hears("chenjie", "王敏", "[people.wangmin]", needed, "重启")
    await town.hears("wangmin", "管理员", "[people.wangmin]", needed, "重启")
    await town.say("wangmin", "查 宏远科技")
    await town.hears("wangmin", "管理员", needed)
    await town.event("wangmin", "enter_agent")
    await town.hears("wangmin", "管理员", needed)
    await town.advance("5s")
    await town.event("wangmin", "subscribe")
    await town.hears("wangmin", needed)
    for who in ("chenjie", "liqiang"):
        await town.hears_nothing(who)

    given = ROLES.replace("[people.wangmin]", f"[people.wangmin]\n{needed}")
    town.settings.roles_file.write_text(given, encoding="utf-8")
    async with open_bot(town.settings):
        pass
    await town.say("wangmin", "查 宏远科技")
    await town.hears("wangmin", "宏远科技", "C1024")
    await log_holds(town)


async def test_whoever_had_no_roles_goes_unnoticed(town: Town) -> None:
    """A stranger who comes and goes is nothing to bother an administrator with."""
    await newcomer(town)
    for name in ("unsubscribe", "subscribe"):
        await town.event("stranger", name)
    await town.hears("stranger", "我还不认识你")
    await town.hears_nothing("chenjie")


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ("inactive_alert", ("用得太少", "2026-12-05 起可能被停用")),
        ("low_active_alert", ("用得太少", "可能被停用")),
        ("close_inactive_agent", ("企业微信停用了本应用",)),
        ("low_active", ("企业微信停用了本应用",)),
        ("reopen_inactive_agent", ("企业微信已恢复本应用",)),
        ("active_restored", ("企业微信已恢复本应用",)),
    ],
)
async def test_the_administrators_hear_what_becomes_of_the_app(
    town: Town, event: str, words: tuple[str, ...]
) -> None:
    """Before and after WeCom stops an app that is hardly used, all administrators are told, and nobody else."""
    now = int((await world_time(town)).timestamp())
    effect = "<EffectTime>1796400000</EffectTime>" if event == "inactive_alert" else ""
    xml = (
        f"<xml><ToUserName>{CORP}</ToUserName><FromUserName>sys</FromUserName><CreateTime>{now}</CreateTime>"
        f"<MsgType>event</MsgType><Event>{event}</Event>{effect}<AgentID>{AGENT}</AgentID></xml>"
    )
    query, body = wire(SEAL, xml, now)
    assert await raw(town, query=query, body_base64=base64_of(body)) == 200
    await town.hears("chenjie", *words)
    assert await log_tags(town, Tag.APP_STANDING) == 1
