"""Passive replies change the clicker's own copy of a card, or are ignored with a reason; and what taps carry."""

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.sandbox.cards import card
from tests.sandbox.conftest import House

HEAD = (
    "<ToUserName><![CDATA[{user}]]></ToUserName><FromUserName><![CDATA[wwvoidbotpretend01]]></FromUserName>"
    "<CreateTime>1700000000</CreateTime>"
)


def reply(kind: str, inside: str, user: str = "wangmin") -> str:
    return f"<xml>{HEAD.format(user=user)}<MsgType><![CDATA[{kind}]]></MsgType>{inside}</xml>"


def answer_with(house: House, xml: str) -> None:
    house.bot.reply = lambda _: xml


async def tap(
    house: House, made: dict[str, Any], key: str, userid: str = "wangmin", **more: Any
) -> dict[str, Any]:
    body = {"task_id": made["task_id"], "key": key, **more}
    return await house.control("POST", f"users/{userid}/taps", body)


async def test_text_reply(house: House) -> None:
    """A text in the answer to a message stands in the chat."""
    answer_with(house, reply("text", "<Content><![CDATA[收到]]></Content>"))
    await house.control("POST", "users/wangmin/messages", {"text": "x"})

    assert [line["text"] for line in await house.chat("wangmin")] == ["x", "收到"]


async def test_update_button_changes_the_clickers_copy_only(house: House) -> None:
    """The clicker's buttons become one grey one; the other recipient's stay."""
    made = card("button_interaction")
    await house.send("template_card", made, to="wangmin|liqiang")
    answer_with(house, reply("update_button", "<Button><ReplaceName><![CDATA[已确认]]></ReplaceName></Button>"))
    await tap(house, made, "yes")

    assert (await house.chat("wangmin"))[0]["card"]["replace_text"] == "已确认"
    assert (await house.chat("liqiang"))[0]["updated"] == 0


CARDS: dict[str, tuple[str, dict[str, Any]]] = {
    "button_interaction": (
        (
            "<CardType>button_interaction</CardType><Source><Desc>客户助手</Desc><DescColor>3</DescColor></Source>"
            "<MainTitle><Title><![CDATA[已提交]]></Title></MainTitle>"
            "<HorizontalContentList><KeyName>客户</KeyName><Value>宏远</Value></HorizontalContentList>"
            "<HorizontalContentList><KeyName>明细</KeyName><Type>1</Type><Url>https://a.b</Url></HorizontalContentList>"
            "<ButtonSelection><QuestionKey>q</QuestionKey><Disable>true</Disable>"
            "<OptionList><Id>1</Id><Text>一</Text></OptionList></ButtonSelection>"
            "<ButtonList><Text>催一下</Text><Style>2</Style><Key>push</Key></ButtonList>"
            "<ButtonList><Text>撤回申请</Text><Key>back</Key></ButtonList>"
        ),
        {
            "card_type": "button_interaction",
            "source": {"desc": "客户助手", "desc_color": 3},
            "main_title": {"title": "已提交"},
            "horizontal_content_list": [
                {"keyname": "客户", "value": "宏远"},
                {"type": 1, "keyname": "明细", "url": "https://a.b"},
            ],
            "button_selection": {"question_key": "q", "disable": True, "option_list": [{"id": "1", "text": "一"}]},
            "button_list": [
                {"text": "催一下", "style": 2, "key": "push"},
                {"text": "撤回申请", "key": "back"},
            ],
        },
    ),
    "vote_interaction": (
        (
            "<CardType>vote_interaction</CardType><MainTitle><Title>选</Title></MainTitle><CheckBox><QuestionKey>q"
            "</QuestionKey><OptionList><Id>1</Id><Text>一</Text><IsChecked>true</IsChecked></OptionList><Disable>false"
            "</Disable><Mode>1</Mode></CheckBox><SubmitButton><Text>好</Text><Key>k</Key></SubmitButton>"
            "<ReplaceText>已选</ReplaceText>"
        ),
        {
            "card_type": "vote_interaction",
            "main_title": {"title": "选"},
            "checkbox": {
                "question_key": "q",
                "mode": 1,
                "disable": False,
                "option_list": [{"id": "1", "text": "一", "is_checked": True}],
            },
            "submit_button": {"text": "好", "key": "k"},
            "replace_text": "已选",
        },
    ),
    "text_notice": (
        (
            "<CardType>text_notice</CardType><MainTitle><Title>已失效</Title></MainTitle><QuoteArea><Title>旧</Title>"
            "</QuoteArea><JumpList><Title>重新发起</Title><Type>1</Type><Url>https://a.b</Url></JumpList>"
            "<CardAction><Type>1</Type><Url>https://a.b</Url></CardAction>"
        ),
        {
            "card_type": "text_notice",
            "main_title": {"title": "已失效"},
            "quote_area": {"title": "旧"},
            "jump_list": [{"type": 1, "title": "重新发起", "url": "https://a.b"}],
            "card_action": {"type": 1, "url": "https://a.b"},
        },
    ),
}


@pytest.mark.parametrize("kind", CARDS)
async def test_update_template_card(house: House, kind: str) -> None:
    """A whole card in XML replaces the clicker's copy, every field where the JSON has it; the task_id stays."""
    made = card("button_interaction")
    await house.send("template_card", made)
    xml, expected = CARDS[kind]
    answer_with(house, reply("update_template_card", f"<TemplateCard>{xml}</TemplateCard>"))
    await tap(house, made, "yes")

    (message,) = await house.chat("wangmin")
    assert message["card"] == {**expected, "task_id": made["task_id"]}
    assert (message["updated"], message["task_id"]) == (1, made["task_id"])


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("success", "not XML"),
        ("<xml></xml>", "no Encrypt"),
        ("<!DOCTYPE x><xml/>", "document type"),
        (
            "<xml><Encrypt>eA==</Encrypt><MsgSignature>x</MsgSignature><TimeStamp>1</TimeStamp></xml>",
            "MsgSignature",
        ),
    ],
)
async def test_broken_envelopes_are_ignored(house: House, body: str, reason: str) -> None:
    """An answer that is no signed envelope does nothing, and the log says why."""
    house.bot.raw_body = body
    told = await house.control("POST", "users/wangmin/messages", {"text": "x"})

    assert reason in told["error"]
    assert len(await house.chat("wangmin")) == 1


BUTTON = "<Button><ReplaceName>x</ReplaceName></Button>"


@pytest.mark.parametrize(
    ("xml", "reason"),
    [
        (reply("text", "<Content>x</Content>"), "does not answer"),
        (reply("markdown", "<Content>x</Content>"), "does not answer"),
        (reply("update_button", BUTTON, user="liqiang"), "ToUserName"),
        (reply("update_button", BUTTON).replace("wwvoidbotpretend01", "ww1"), "FromUserName"),
        (reply("update_button", BUTTON).replace("1700000000", ""), "CreateTime"),
        (reply("update_button", ""), "ReplaceName"),
        (reply("update_template_card", ""), "TemplateCard is missing"),
        (reply("update_template_card", "<TemplateCard><CardType>x</CardType></TemplateCard>"), "card_type"),
    ],
)
async def test_wrong_replies_to_a_tap_are_ignored(house: House, xml: str, reason: str) -> None:
    """A tap takes card updates only, addressed to the clicker and whole; the rest is ignored."""
    made = card("button_interaction")
    await house.send("template_card", made)
    answer_with(house, xml)
    told = await tap(house, made, "yes")

    assert reason in told["error"]
    assert (await house.chat("wangmin"))[0]["updated"] == 0


async def test_taps_carry_defaults_and_choices(house: House) -> None:
    """What nobody chose goes out with its default; several ticks are several OptionIds; none is an empty node."""
    vote = card("vote_interaction")
    vote["checkbox"] |= {"mode": 1}
    many = card("multiple_interaction")
    for made in (vote, many):
        await house.send("template_card", made)
    await tap(house, vote, "pick", selected={"which": ["a", "c"]})
    await tap(house, vote, "就是它")
    await tap(house, many, "look", selected={"when": ["month"]})

    def chosen(root: ET.Element) -> dict[str, list[str]]:
        items = root.findall("SelectedItems/SelectedItem")
        return {
            str(item.findtext("QuestionKey")): [str(node.text) for node in item.findall("OptionIds/OptionId")]
            for item in items
        }

    assert [chosen(root) for root in house.bot.heard] == [
        {"which": ["a", "c"]},
        {"which": []},
        {"when": ["month"], "who": ["me"]},
    ]


@pytest.mark.parametrize(
    ("kind", "key", "selected"),
    [
        ("button_interaction", "nothing", {}),
        ("button_interaction", "yes", {"other": ["a"]}),
        ("button_interaction", "yes", {"reason": ["z"]}),
        ("button_interaction", "yes", {"reason": ["a", "b"]}),
        ("button_interaction", "yes", {"reason": []}),
        ("vote_interaction", "pick", {"which": ["a", "b"]}),
    ],
)
async def test_impossible_taps(house: House, kind: str, key: str, selected: dict[str, list[str]]) -> None:
    """The client lets nobody press what is not there or choose what is not offered (409)."""
    made = card(kind)
    await house.send("template_card", made)
    tap_body = {"task_id": made["task_id"], "key": key, "selected": selected}
    await house.control("POST", "users/wangmin/taps", tap_body, status=409)
    await house.control("POST", "users/liqiang/taps", {**tap_body, "selected": {}}, status=409)

    assert house.bot.heard == []


async def test_menu_entries_and_link_buttons(house: House) -> None:
    """A ⋯ entry is a template_card_menu_event without choices, also on a dead card; a link button only opens."""
    made = card("button_interaction", action_menu={"action_list": [{"text": "不再提醒", "key": "quiet"}]})
    await house.send("template_card", made)
    opened = await tap(house, made, "看详情")
    answer_with(house, reply("update_button", "<Button><ReplaceName>完</ReplaceName></Button>"))
    await tap(house, made, "不再提醒")
    await tap(house, made, "quiet")

    assert opened["opened"].startswith("https://")
    assert [root.findtext("Event") for root in house.bot.heard] == ["template_card_menu_event"] * 2
    assert house.bot.heard[0].find("SelectedItems") is None
    assert (await house.chat("wangmin"))[0]["card"]["replace_text"] == "完"


async def test_disabled_selectors_keep_their_choice(house: House) -> None:
    """A selector that an update disabled cannot be changed any more."""
    made = card("button_interaction")
    sent = await house.send("template_card", made)
    new = {**made, "button_selection": {**made["button_selection"], "disable": True}}
    body = {"userids": ["wangmin"], "agentid": 1000002, "response_code": sent["response_code"]}
    await house.call("message/update_template_card", {**body, "template_card": new})
    change = {"task_id": made["task_id"], "key": "yes", "selected": {"reason": ["b"]}}

    await house.control("POST", "users/wangmin/taps", change, status=409)
    assert (await tap(house, made, "yes"))["selected"] == {"reason": ["a"]}
