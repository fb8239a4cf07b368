"""The listening itself: what nobody expected fails a story, at once or at its end, and says why."""

import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.scenario.listening import Listening, Message, card, look, text, told, until
from tests.scenario.town import Town

ROOT = Path(__file__).parents[2]
CONFIRM: Message = {
    "card_type": "button_interaction",
    "source": {"desc": "客户助手 · #0001"},
    "main_title": {"title": "确认作废「宏远科技」？", "desc": "资料都留着"},
    "sub_title_text": "还有：联系人1\n分组1",
    "horizontal_content_list": [
        {"keyname": "客户", "value": "C1024 上海宏远"},
        {"keyname": "负责", "value": "王敏"},
    ],
    "button_selection": {
        "question_key": "reason",
        "option_list": [{"id": "moved", "text": "已搬迁"}, {"id": "duplicate", "text": "重复"}],
        "selected_id": "duplicate",
    },
    "button_list": [{"text": "确认作废", "key": "k1"}, {"text": "取消", "key": "k2"}],
}
PICK: Message = {
    "card_type": "vote_interaction",
    "main_title": {"title": "选哪个？"},
    "checkbox": {"question_key": "pick", "option_list": [{"id": "C1024", "text": "宏远科技", "is_checked": True}]},
    "submit_button": {"text": "就是它", "key": "k3"},
}


class Chat:
    """What a bot of our making sends."""

    def __init__(self) -> None:
        self.sent: dict[str, list[Message]] = {}
        self.listening = Listening(self.of)

    async def of(self, who: str, after: int) -> list[Message]:
        return [message for message in self.sent.get(who.lower(), []) if message["id"] > after]

    def sends(self, who: str, what: Any) -> Message:
        kind = "text" if isinstance(what, str) else "card"
        message = {"id": sum(map(len, self.sent.values())) + 1, kind: what}
        self.sent.setdefault(who.lower(), []).append(message)
        return message


@pytest.fixture
def chat() -> Chat:
    return Chat()


async def test_each_message_is_heard_once_and_in_its_order(chat: Chat):
    """Two of the same are two, and the spelling of a person's id does not matter."""
    first, second = chat.sends("ZhaoJun", "好"), chat.sends("ZhaoJun", "好")
    assert await chat.listening.next("zhaojun", text("好")) == first
    assert await chat.listening.next("ZhaoJun", text("好")) == second
    assert await chat.listening.unheard("ZhaoJun") == []


@pytest.mark.parametrize("expected", [text("第二"), card(title="第二")])
async def test_another_message_before_the_expected_one_fails_at_once(chat: Chat, expected: Any):
    """The text says who, what was expected and what came; it does not wait for what comes later."""
    chat.sends("wangmin", "第一")
    chat.sends("wangmin", "第二")
    with pytest.raises(AssertionError, match="wangmin was to get next") as failed:
        await chat.listening.next("wangmin", expected)
    assert "第二" in str(failed.value)
    assert "text '第一'" in str(failed.value)


async def test_what_does_not_come_fails_when_patience_ends(chat: Chat, monkeypatch: pytest.MonkeyPatch):
    """Nothing comes: the failure shows the last messages of this person."""
    monkeypatch.setattr("tests.scenario.listening.until", lambda look, explain: until(look, explain, 0.05))
    chat.sends("wangmin", "第一")
    await chat.listening.next("wangmin", text("第一"))
    with pytest.raises(AssertionError, match="nothing more came") as failed:
        await chat.listening.next("wangmin", text("第二"))
    assert "第一" in str(failed.value)


@pytest.mark.parametrize(
    "parts",
    [
        {"source": "#0001"},
        {"title": ("确认作废", "宏远科技")},
        {"line": ("资料都留着", "联系人1", "客户 C1024", "负责 王敏")},
        {"button": ("确认作废", "取消")},
        {"option": ("已搬迁", "重复")},
        {"chosen": "重复"},
    ],
)
async def test_a_card_is_recognised_by_its_parts(chat: Chat, parts: Any):
    """Each part by itself, with one word of it or several."""
    sent = chat.sends("wangmin", CONFIRM)
    assert await chat.listening.next("wangmin", card(**parts)) == sent


@pytest.mark.parametrize(
    "parts",
    [
        {"title": "C1024"},
        {"title": "取消"},
        {"line": "确认作废"},
        {"line": "C1024 王敏"},
        {"line": "联系人1分组1"},
        {"button": "确认"},
        {"button": "就是它"},
        {"option": "取消"},
        {"chosen": "已搬迁"},
        {"grey": "已执行"},
        {"source": "作废"},
        {"title": "确认作废", "button": ("取消", "同意")},
    ],
)
async def test_a_word_in_another_part_is_not_enough(chat: Chat, parts: Any):
    """A word counts where it was asked for only, a button by its whole text only."""
    chat.sends("wangmin", CONFIRM)
    with pytest.raises(AssertionError, match="without"):
        await chat.listening.next("wangmin", card(**parts))


async def test_a_check_list_has_choices_and_a_button(chat: Chat):
    """What can be ticked, what is ticked, and the button that sends it."""
    chat.sends("wangmin", PICK)
    await chat.listening.next("wangmin", card(title="选哪个", option="宏远", chosen="宏远", button="就是它"))


async def test_greyed_buttons_are_no_buttons(chat: Chat):
    """A card whose buttons were replaced shows the text in their place, and nothing to tap."""
    sent = chat.sends("wangmin", {**CONFIRM, "replace_text": "已执行"})
    assert look(sent).buttons == ()
    await chat.listening.becomes("wangmin", sent, grey="已执行")


async def test_a_redraw_is_waited_for(chat: Chat, monkeypatch: pytest.MonkeyPatch):
    """Only the card meant counts; when it stays as it is, the failure shows how it looks."""
    monkeypatch.setattr("tests.scenario.listening.until", lambda look, explain: until(look, explain, 0.05))
    old = chat.sends("wangmin", dict(CONFIRM))
    chat.sends("wangmin", {**CONFIRM, "replace_text": "已执行"})
    with pytest.raises(AssertionError, match=r"never became a card with grey '已执行'(?s:.*)button   确认作废"):
        await chat.listening.becomes("wangmin", old, grey="已执行")


async def test_either_order_where_it_is_open(chat: Chat):
    """The messages come back as they were asked for; a third one is not swallowed."""
    confirm, answer = chat.sends("wangmin", CONFIRM), chat.sends("wangmin", "好")
    later = chat.sends("wangmin", "还有")
    expected = text("好"), card(title="确认作废")
    assert await chat.listening.next_all("wangmin", *expected) == [answer, confirm]
    assert await chat.listening.unheard("wangmin") == [later]


async def test_two_of_a_kind_where_one_was_expected_fail_at_once(chat: Chat):
    """Any order does not mean any number."""
    chat.sends("wangmin", "好")
    chat.sends("wangmin", "好")
    with pytest.raises(
        AssertionError, match=r"a card with title '确认作废': it is no card(?s:.*)but got(?s:.*)好"
    ):
        await chat.listening.next_all("wangmin", text("好"), card(title="确认作废"))


async def test_what_nobody_expected_is_told_by_person(chat: Chat):
    """The report of a failed story names every person, text and card."""
    chat.sends("wangmin", "好")
    chat.sends("liqiang", CONFIRM)
    report = told({who: await chat.listening.unheard(who) for who in ("wangmin", "liqiang")})
    assert "wangmin got what nobody expected:\n  text '好'" in report
    assert "liqiang got what nobody expected:\n  card '确认作废「宏远科技」？'" in report


# with the whole bot

STORIES = """
async def test_nobody_expects_the_answer(town):
    await town.say("wangmin", "帮助")

async def test_everything_is_expected(town):
    await town.say("wangmin", "帮助")
    await town.hears("wangmin", "这样说就行")

async def test_has_failed_already(town):
    await town.say("wangmin", "帮助")
    raise ValueError("by itself")
"""


def test_the_end_of_every_story_is_looked_at(tmp_path: Path):
    """The first fails for what was not expected, the second passes, the third fails for its own reason only."""
    stories = tmp_path / "test_stories.py"
    stories.write_text(STORIES, encoding="utf-8")
    report = tmp_path / "report.xml"
    options = ("-p", "tests.conftest", "-p", "tests.scenario.conftest", "-c", "pyproject.toml", "-k", "sqlite")
    command = [sys.executable, "-m", "pytest", *options, f"--junitxml={report}", str(stories)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    ends = {
        case.attrib["name"]: [(end.tag, "got what nobody expected" in end.attrib["message"]) for end in case]
        for case in ET.parse(report).iter("testcase")
    }
    assert ends == {
        "test_nobody_expects_the_answer[sqlite]": [("error", True)],
        "test_everything_is_expected[sqlite]": [],
        "test_has_failed_already[sqlite]": [("failure", False)],
    }


async def test_a_story_that_did_not_expect_an_answer_fails_at_its_end(town: Town):
    """The end lists every text and card that nobody expected, strangers' too; expected ones are not held up."""
    await town.post("users", {"id": "stranger", "name": "路人"})
    await town.say("stranger", "帮助")
    await town.say("wangmin", "作废客户 宏远科技")
    await town.say("sunyu", "帮助")
    with pytest.raises(AssertionError) as failed:
        await town.finish()
    for told_of in ("stranger got", "wangmin got", "card '确认作废「宏远科技」？'", "sunyu got", "text '"):
        assert told_of in str(failed.value)

    await town.hears("stranger", "管理员")
    await town.gets_card("wangmin", title="确认作废")
    await town.hears("sunyu", "这样说就行")
    await town.finish()


async def test_a_story_that_expects_the_wrong_card_fails_at_once(town: Town):
    """The card is there, so nobody waits for another."""
    await town.say("wangmin", "作废客户 宏远科技")
    await town.settled()
    with pytest.raises(AssertionError, match="without title '确认归档'"):
        await town.gets_card("wangmin", title="确认归档")
    with pytest.raises(AssertionError, match="it is no text"):
        await town.hears("wangmin", "确认作废")
    with pytest.raises(AssertionError, match="wangmin got what nobody expected"):
        await town.hears_nothing("wangmin")
    await town.gets_card("wangmin", title="确认作废")
