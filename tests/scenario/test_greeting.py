"""你好: nobody who says hello is told that this was not understood."""

import pytest

from tests.scenario.town import Town


@pytest.mark.parametrize("words", ["你好", "您好！", "早上好", "在吗？"])
async def test_a_greeting_is_returned(town: Town, words: str):
    """The answer has the person's name and what this person can do."""
    await town.say("wangmin", words)
    await town.hears("wangmin", "你好，王敏", "作废、归档、恢复", "帮助")
    await town.say("sunyu", words)
    heard = await town.hears("sunyu", "你好，孙宇", "查谁在什么时候做了什么")
    assert "作废" not in str(heard)


async def test_an_english_greeting_is_answered_in_english_once(town: Town):
    """hello is said by people of any language: the answer is English, the language of the cards stays."""
    await town.say("wangmin", "Hello!")
    await town.hears("wangmin", "Hello", "王敏")
    await town.say("wangmin", "我的申请")
    await town.hears("wangmin", "你还没有提过申请")


async def test_a_greeting_is_no_reason(town: Town):
    """While the bot waits for a line, a hello is still a hello, and the line is still wanted."""
    await town.proposes("wangmin", "作废客户 宏远科技")
    await town.say("wangmin", "确认")
    await town.hears("wangmin", "请用一句话")
    await town.say("wangmin", "你好")
    await town.hears("wangmin", "你好，王敏")
    await town.writes_the_reason("wangmin", "资料重复", "重复")
