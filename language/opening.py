"""The beginning of a message before the command: a mention of the bot, a greeting, a 请."""

import re

from language.commands import Greet
from language.normal import Said
from language.verbs import opening

# The bot's own names may stand directly before the command; any other mention ends with a blank.
_MENTION = re.compile(
    r"@(?:客户助手|小助手|机器人|voidbot|bot)(?![a-z0-9_-])[\s,:]*|@[^\s@]{1,64}(?:\s+[,:]?\s*|$)"
)
_COURTESY = re.compile(
    r"(?:你好|您好|在吗|请|麻烦(?:你|您)?|劳驾|帮(?:我|忙)?|给我|我要|我想(?:要)?|需要|好的|嗯|那就?|现在|直接|"
    r"(?:hi|hello|hey|please|pls|kindly|i want to|i'd like to|i would like to|let's|now)(?![a-z0-9]))[\s,.!:。]*"
)
_GREETING = re.compile(
    r"(?:大家|各位)?(?:你好|您好|你们好|嗨|哈喽|哈啰|早|早安|晚安|(?:早上|上午|中午|下午|晚上)好|在吗|在么|在不在|在的吗|有人吗)[啊呀哦哈]*"
)
_ENGLISH_GREETING = re.compile(
    r"(?:hi|hello|hey|hiya|greetings|morning|good (?:morning|afternoon|evening|day))"
    r"(?: (?:there|all|everyone|bot|voidbot))?"
)
_OBJECT_FIRST = re.compile(r"[把将]")


def greeting_in(line: Said) -> Greet | None:
    """Returns the greeting when the whole message is one (你好, 早上好！, hello there), else None."""
    rest = line
    while found := _MENTION.match(rest.shadow):
        rest = rest.cut(found.end()).trim()
    words = [part for part in re.split(r"[\s,.!?:;~。、]+", rest.shadow) if part]
    if _ENGLISH_GREETING.fullmatch(" ".join(words)):
        return Greet("en")
    return Greet("zh") if words and all(_GREETING.fullmatch(word) for word in words) else None


def without_greeting(line: Said) -> Said:
    """Returns the line without mentions and courtesies; the latter go only before a verb: 请客餐饮 is a name."""
    while found := _MENTION.match(line.shadow):
        line = line.cut(found.end()).trim()
    rest = line = line.trim(" /")  # /help, as other bots want it
    for _ in range(5):  # several may follow each other: 你好，请帮我…
        found = _COURTESY.match(rest.shadow)
        if found is None:
            break
        rest = rest.cut(found.end())
        if opening(rest) or _OBJECT_FIRST.match(rest.shadow) or found[0][-1:] in set(",.!:。"):
            line = rest
    return line.trim()
