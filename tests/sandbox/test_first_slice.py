"""The way from a person's words to the bot and back."""

import pytest

from tests.sandbox.cards import KINDS, card
from tests.sandbox.conftest import House
from tests.sandbox.fake_bot import leaf


async def test_words_reach_the_bot(house: House) -> None:
    """What a person writes arrives signed, encrypted, and readable by another library."""
    told = await house.control("POST", "users/WangMin/messages", {"text": "作废 宏远科技 ]]> <b>"})

    assert (told["status"], told["attempts"]) == (200, 1)
    root = house.bot.heard[0]
    assert leaf(root, "FromUserName") == "wangmin"
    assert leaf(root, "Content") == "作废 宏远科技 ]]> <b>"
    assert leaf(root, "MsgId") == told["msgid"]
    assert leaf(root, "AgentID") == "1000002"


async def test_bot_words_reach_the_chat(house: House) -> None:
    """A text the bot sends stands in that person's chat only, after their own words."""
    await house.control("POST", "users/wangmin/messages", {"text": "帮助"})
    answer = await house.send("text", {"content": "您好"})

    assert (answer["errcode"], answer["errmsg"]) == (0, "ok")
    first, second = await house.chat("wangmin")
    assert (first["from"], first["text"]) == ("user", "帮助")
    assert (second["from"], second["text"], second["msgid"]) == ("bot", "您好", answer["msgid"])
    assert first["id"] < second["id"]
    assert await house.chat("liqiang") == []


@pytest.mark.parametrize("kind", KINDS)
async def test_each_card_kind_is_accepted(house: House, kind: str) -> None:
    """All five kinds of card arrive; those with buttons come back with a response_code."""
    answer = await house.send("template_card", card(kind))

    assert answer["errcode"] == 0, answer
    assert ("response_code" in answer) == kind.endswith("interaction")
    (message,) = await house.chat("wangmin")
    assert message["card"]["card_type"] == kind


async def test_tap_carries_the_choice(house: House) -> None:
    """A tap arrives with key, task, a fresh response_code and what the drop-down holds."""
    made = card("button_interaction")
    sent = await house.send("template_card", made)
    tap = {"task_id": made["task_id"], "key": "确认作废", "selected": {"reason": ["b"]}}
    told = await house.control("POST", "users/wangmin/taps", tap)

    assert (told["status"], told["key"]) == (200, "yes")
    root = house.bot.heard[0]
    assert leaf(root, "Event") == "template_card_event"
    assert leaf(root, "EventKey") == "yes"
    assert leaf(root, "SelectedItems/SelectedItem/OptionIds/OptionId") == "b"
    assert leaf(root, "ResponseCode") not in {"", sent["response_code"]}


async def test_each_code_updates_once(house: House) -> None:
    """The code of the sending and the code of a tap each redraw the card once, then answer 60140."""
    made = card("button_interaction")
    sent = await house.send("template_card", made, to="wangmin|liqiang")
    await house.control("POST", "users/liqiang/taps", {"task_id": made["task_id"], "key": "yes"})
    codes = [sent["response_code"], leaf(house.bot.heard[0], "ResponseCode")]

    for number, code in enumerate(codes, start=1):
        body = {"userids": ["wangmin", "nobody"], "agentid": 1000002, "response_code": code}
        body["button"] = {"replace_name": f"已处理{number}"}
        first = await house.call("message/update_template_card", body)
        again = await house.call("message/update_template_card", body)
        assert (first["errcode"], first["invaliduser"], again["errcode"]) == (0, ["nobody"], 60140)

    (mine,), (other,) = await house.chat("wangmin"), await house.chat("liqiang")
    assert (mine["card"]["replace_text"], mine["updated"]) == ("已处理2", 2)
    assert "replace_text" not in other["card"]


async def test_dead_buttons_refuse(house: House) -> None:
    """A replaced button cannot be tapped, except by force, as a stale tap would come."""
    made = card("button_interaction")
    sent = await house.send("template_card", made)
    body = {"userids": ["wangmin"], "agentid": 1000002, "response_code": sent["response_code"]}
    await house.call("message/update_template_card", {**body, "button": {"replace_name": "已取消"}})
    tap = {"task_id": made["task_id"], "key": "yes"}

    refused = await house.control("POST", "users/wangmin/taps", tap, status=409)
    forced = await house.control("POST", "users/wangmin/taps", {**tap, "force": True})

    assert "已取消" in refused["error"]
    assert forced["status"] == 200


async def test_clock_shows_in_every_answer(house: House) -> None:
    """Thirty days later, every answer's Date says so and the token has expired."""
    before = (await house.control("GET", "clock"))["now"]
    after = (await house.control("POST", "clock", {"advance": "30d"}))["now"]

    assert after - before == pytest.approx(30 * 86400, abs=5)
    assert (await house.call("getcallbackip"))["errcode"] == 42001
