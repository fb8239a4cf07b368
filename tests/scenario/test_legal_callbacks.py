"""Unusual callbacks that are legal: properly signed and fresh, so whoever sent one hears an answer."""

import re
from collections.abc import Callable

import pytest

from core.domain.audit import Tag
from tests.pretend import AGENT, CORP
from tests.scenario.town import Town, button_of
from tests.scenario.weather import SEAL, base64_of, log_holds, log_tags, raw, state_of, wire, world_time

DAY = 86400


async def seconds_now(town: Town) -> int:
    return int((await world_time(town)).timestamp())


def text(words: str, at: int, number: int = 1) -> str:
    return (
        f"<xml><ToUserName>{CORP}</ToUserName><FromUserName>wangmin</FromUserName><CreateTime>{at}</CreateTime>"
        f"<MsgType>text</MsgType><Content>{words}</Content><MsgId>{10**15 + number}</MsgId>"
        f"<AgentID>{AGENT}</AgentID></xml>"
    )


async def arrives(town: Town, xml: str, outer: str = "", **parameters: str) -> int:
    """Sends this message in an envelope of now, with more nodes in it and more parameters in the URL."""
    query, body = wire(SEAL, xml, await seconds_now(town))
    body = body.replace(b"</xml>", outer.encode() + b"</xml>")
    return await raw(town, query={**query, **parameters}, body_base64=base64_of(body))


@pytest.mark.parametrize("late", [301, 3600, DAY, 2 * DAY - 60])
async def test_a_message_that_was_delivered_late_is_answered(town: Town, late: int) -> None:
    """The message was written a while ago, but its envelope is of now. The same again is a repeat."""
    written = text("作废客户 宏远科技", await seconds_now(town) - late)
    for _ in range(2):
        assert await arrives(town, written) == 200
    await town.gets_card("wangmin", title="确认作废「宏远科技」？", button=("确认作废", "取消"))
    await town.hears_nothing("wangmin")


async def test_an_old_message_in_a_new_envelope_is_still_a_repeat(town: Town) -> None:
    """Somebody who knows the Token can sign a captured message again; until it is too old, its key is known."""
    written = text("作废客户 宏远科技", await seconds_now(town))
    assert await arrives(town, written) == 200
    await town.gets_card("wangmin", title="确认作废「宏远科技」？", button=("确认作废", "取消"))
    for _ in range(3):
        await town.advance("20m")
        assert await arrives(town, written) == 200
    assert len(await town.operations()) == 1


@pytest.mark.parametrize(
    "words",
    [
        "作废客户\x7f 宏远科技",
        "作废客户\x0b宏远科技",
        "作废客户 宏远科技\x1d",
        "\x85作废客户 宏远科技\x9f",
        "作废客户 宏远\u200b科技",
    ],
    ids=ascii,
)
async def test_a_text_that_was_pasted_is_read(town: Town, words: str) -> None:
    """Office leaves signs in a text that nobody sees, some of which XML forbids."""
    assert await arrives(town, text(words, await seconds_now(town))) == 200
    await town.gets_card("wangmin", title="确认作废「宏远科技」？", button=("确认作废", "取消"))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda xml: re.sub("<AgentID>.*</AgentID>", "<AgentID></AgentID>", xml),
        lambda xml: re.sub("<AgentID>.*</AgentID>", "", xml),
        lambda xml: xml.replace("<MsgId>", "<MsgId>msg_"),
        lambda xml: re.sub("<MsgId>.*</MsgId>", "<MsgId></MsgId>", xml),
        lambda xml: xml.replace("</xml>", "<New><Deep>1</Deep></New></xml>"),
    ],
    ids=["empty app id", "no app id", "odd message id", "empty message id", "new node"],
)
async def test_an_odd_part_keeps_nobody_from_an_answer(town: Town, spoil: Callable[[str], str]) -> None:
    """Parts that say nothing about who asks for what may be missing or new; a retry is still a repeat."""
    xml = spoil(text("作废客户 宏远科技", await seconds_now(town)))
    for _ in range(2):
        assert await arrives(town, xml) == 200
    await town.gets_card("wangmin", title="确认作废「宏远科技」？", button=("确认作废", "取消"))
    await town.hears_nothing("wangmin")


async def test_more_around_the_message_is_ignored(town: Town) -> None:
    """Only the sealed part is signed: other nodes beside it and other parameters of the URL mean nothing."""
    xml = text("作废客户 宏远科技", await seconds_now(town))
    more = "<ToUserName>somebody</ToUserName><AgentID>9</AgentID><New>1</New>"
    assert await arrives(town, xml, more, probe="1", echostr="x") == 200
    await town.gets_card("wangmin", title="确认作废「宏远科技」？", button=("确认作废", "取消"))


async def test_a_long_approval_event_is_taken(town: Town) -> None:
    """Half a megabyte of an approval form is ours: it is logged as an event that the bot does not know."""
    form = "".join(f"<Item><Title>{'题' * 40}</Title><Value>{number}</Value></Item>" for number in range(2500))
    xml = (
        f"<xml><ToUserName>{CORP}</ToUserName><FromUserName>sys</FromUserName><CreateTime>"
        f"{await seconds_now(town)}</CreateTime><MsgType>event</MsgType><Event>sys_approval_change</Event>"
        f"<AgentID>3010040</AgentID><ApprovalInfo>{form}</ApprovalInfo></xml>"
    )
    assert len(xml.encode()) > 400_000
    before = await state_of(town)
    assert await arrives(town, xml) == 200
    await town.settled()
    assert await log_tags(town, Tag.MESSAGE_REFUSED) == 1
    assert await state_of(town) == before


@pytest.mark.parametrize(
    "spoil",
    [
        lambda xml: xml.replace("<MsgType>text", "<MsgType>hologram"),
        lambda xml: xml.replace("<MsgType>text", "<MsgType>te xt"),
        lambda xml: re.sub("<MsgType>.*</MsgType>", "", xml),
        lambda xml: re.sub("<Content>.*</Content>", "", xml),
        lambda xml: re.sub("<Content>.*</Content>", "<Content><b>作废</b></Content>", xml),
        lambda xml: re.sub("<Content>.*</Content>", f"<Content>{'长' * 22_000}</Content>", xml),
    ],
    ids=["new kind", "odd kind", "no kind", "no text", "nodes for text", "very long"],
)
async def test_what_cannot_be_understood_is_logged_and_answered(town: Town, spoil: Callable[[str], str]) -> None:
    """A member who sends something the bot cannot read is told so, and what to write instead."""
    before = await state_of(town)
    assert await arrives(town, spoil(text("作废客户 宏远科技", await seconds_now(town)))) == 200
    await town.hears("wangmin", "这条消息我没读懂，什么都没改", "作废 宏远科技")
    assert await log_tags(town, Tag.MESSAGE_REFUSED) == 1
    assert await state_of(town) == before
    await log_holds(town)


async def test_a_malformed_tap_decides_nothing(town: Town) -> None:
    """A tap whose parts do not fit together is answered, and the card still works."""
    _, decide = await town.submits("wangmin", "作废客户 宏远科技")
    key = button_of(decide, "同意")
    tap = (
        f"<xml><ToUserName>{CORP}</ToUserName><FromUserName>liqiang</FromUserName><CreateTime>"
        f"{await seconds_now(town)}</CreateTime><MsgType>event</MsgType><Event>template_card_event</Event>"
        f"<EventKey>{key}</EventKey><TaskId>not a task id</TaskId><AgentID>{AGENT}</AgentID></xml>"
    )
    assert await arrives(town, tap) == 200
    await town.hears("liqiang", "这条消息我没读懂，什么都没改")
    assert await town.status("C1024") == "active"
    await town.tap("liqiang", decide, "同意")
    await town.gets_card("wangmin", title="已作废", button="撤销")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda xml, now: xml.replace(f"<CreateTime>{now}", f"<CreateTime>{now - 3 * DAY}"),
        lambda xml, now: xml.replace(f"<CreateTime>{now}", f"<CreateTime>{now + 600}"),
        lambda xml, _: xml.replace(CORP, "ww0other"),
        lambda xml, _: xml.replace(str(AGENT), "1000099"),
        lambda xml, _: xml.replace("<FromUserName>wangmin", "<FromUserName>"),
    ],
    ids=["far too late", "from tomorrow", "another company", "another app", "nobody"],
)
async def test_what_is_not_for_us_or_from_another_time_is_refused(
    town: Town, spoil: Callable[[str, int], str]
) -> None:
    """The signature alone lets nothing in: company, app, sender and time must be right as well."""
    now = await seconds_now(town)
    assert await arrives(town, spoil(text("作废客户 宏远科技", now), now)) == 403
    await town.hears_nothing("wangmin")
    assert await town.operations() == []
