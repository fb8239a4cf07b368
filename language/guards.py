"""The guards: they find what must never be read as a change, such as purges, questions, negations and whole lists.

Each guard looks at a text whose quoted names are blanked out, and returns a safe command or None. The guards come
before every reading that changes something; in doubt they refuse.
"""

# ruff: noqa: E501  (a row of words is checked by eye, unbroken)

import re

from language.commands import Command, LeaveAlone, Log, NotOffered
from language.names import clean_name, mask_quotes
from language.normal import Said
from language.numbers import find_operation


def _en(words: str) -> str:
    # Not `\b`: Python counts Chinese characters as letters, so it sees no boundary in 删Acme.
    return rf"(?<![a-z0-9])(?:{words})(?![a-z0-9])"


# People put blanks between characters (作 废), and a guard must see the word all the same: hence the `\s?`.
_CHANGE_ZH = r"作\s?废|删|归\s?档|存\s?档|封\s?存|移\s?除|标(?:记)?(?:为)?无效|废掉|废除|废了"
_CHANGE_EN = (
    r"void(?:ed|ing|s)?|delet(?:e|ed|es|ing)|remov(?:e|ed|es|ing)|drop(?:ped|ping|s)?|archiv(?:e|ed|es|ing)|"
    r"shelv(?:e|ed|es|ing)|mark(?:ed)? (?:\S+ ){0,4}(?:invalid|dead)"
)
_CHANGE = re.compile(rf"{_CHANGE_ZH}|{_en(_CHANGE_EN)}")
# Words that may mean a change without naming it (黄了). Guards use this wider list, since they err on the safe side.
_MORE_CHANGE = re.compile(
    rf"{_CHANGE.pattern}|不要了|黄了|没戏了|死单|无效|清掉|清空|抹|{_en('clear|wipe|forever|dead|invalid')}"
)

# A purge cannot be undone, so such words are found even when their characters are spaced out.
_PURGE = re.compile(
    r"(?:彻\s?底|永\s?久)\s?(?:地|性)?\s?(?:删|作\s?废|清|移\s?除|销|抹|干掉|去掉)|清\s?除|清\s?空|清\s?理\s?掉|删\s?(?:除\s?)?(?:得\s?)?干\s?净|"
    r"销\s?毁|抹\s?(?:除|掉|去)|粉\s?碎|不\s?可\s?恢\s?复|"
    + _en(
        r"purg(?:e|es|ed|ing)|eras(?:e|es|ed|ing|ure)|destroy(?:s|ed|ing)?|wip(?:e|es|ed|ing)(?: out)?|hard delete"
    )
)
# These mean a purge only together with a change: 永久自行车 is a firm.
_FOR_GOOD = re.compile(rf"彻\s?底|永\s?久|{_en('permanent(?:ly)?|forever|for good|irrevocabl[ey]')}")

# A customer wants their data erased, which a void does not do.
_PRIVACY = re.compile(
    r"个保法|隐私|(?:客户|对方|本人)(?:要求|请求|让我们|提出).{0,3}(?:删|清|抹|销)|"
    + _en(r"gdpr|pipl|privacy|erasure request|right to be forgotten")
)
# Communication records: a change of these must not take the customer along.
_RECORDS = re.compile(
    r"沟通|跟进|聊天|通话|拜访|往来记录|来往记录|记录|(?:的|那[条个]|月|号|日|次|通)\s?(?:微信|电话|邮件|短信)|(?:微信|电话|邮件|短信)\s?(?:消息|往来)|"
    + _en(
        r"notes?|call (?:notes?|logs?|records?)|calls?|records?|conversations?|communications?|messages?|emails?|chats?|chat history|call history|follow-?ups?"
    )
)
# A condition or a whole lot (半年没联系的都归档, all customers) instead of one name.
_CONDITION = re.compile(
    r"没\s?(?:有\s?)?(?:联系|跟进|下单|动静|沟通|成交|来往)|未(?:联系|跟进|下单|成交)|名下|所有|全部|全都|统统|一律|[a-d]级\s?(?:的|客户)|"
    r"(?:的|们|客户|些|个|月|年|前|上)都\s?(?:作|删|归|存|移|给|封|恢)|^都\s?(?:作|删|归|存|移|封|恢)|我的客户|"
    r"(?:超过|近|最近|过去|上|半|[一二两三四五六七八九十\d]+)\s?个?(?:天|周|月|年|季度)(?:没|未|不)|(?:天|周|月|年)(?:以上|以前|之前|前)的"
    r"|"
    + _en(
        r"all|every|everything|everyone|no contact|not contacted|inactive (?:for|since|customers)|older than|without contact|my customers|whose|untouched"
    )
)
# Several records that are pointed at: 这三个, 以下, these.
_BATCH = re.compile(
    r"(?:这|那)(?:些|几|[两二三四五六七八九十\d]+)(?:个|家|位)?|上一批|以下|下面|表里|名单|"
    + _en(r"these|those|the following")
)
# A condition on contact in a look-up, where no change is meant: 没联系的客户 看看.
_SILENT = re.compile(
    r"(?<!^)没\s?(?:有\s?)?(?:联系|跟进|下单|动静)|名下的?(?:客户|\s)|^没(?:联系|跟进|下单|动静).+客户|"
    + _en(r"with no contact|without contact|not contacted|no contact (?:for|since)")
)
_RECORD_NAMES = re.compile(
    r"的\s?(?:沟通|聊天|跟进|通话|电话|拜访|微信)\s?记录|"
    + _en(r"(?:call )?notes (?:with|of|on|about)|(?:call|chat|communication) (?:records|history)")
)
# Changes of a segment's name, description or condition.
_SETTINGS = re.compile(
    r"(?:群组|群体|分组|客户群).*(?:改名|改成|改为|说明改|条件改|改说明|改条件|重命名)|(?:改|换)\s?(?:群组|群体|分组|客户群)|"
    + _en(r"rename (?:the )?(?:group|segment)|(?:group|segment) .*rename\w*")
)
# A list that stands in an earlier or a later message: 这些都作废.
_LIST_SAID = re.compile(
    rf"^(?:把|将)?(?:这|那|以下|下面)(?:些|[两二三四五六七八九十\d]+[个家])?(?:客户)?(?:都|全|给)*\s?(?:{_CHANGE_ZH})"
)
# Wishes on how to do it (不通知客户). None is offered, so the change must not run as if it had been heeded.
_OPTIONS = re.compile(
    r"不(?:要)?通知|保留|到 ?20\d\d|"
    + _en(r"without (?:notice|notifying)|do(?:n'?t| not) notify|keep (?:the )?(?:notes|records)|until 20\d\d")
)
# The person wants to see what would happen, and nothing done.
_DRY = re.compile(r"只看不做|先看看|预览|试一下会|" + _en(r"dry[ -]?run|what if|preview|simulate"))

# A negation up to some words before the change: 请不要把宏远作废, 先别删. The gaps are bounded, so that no text
# makes the search slow.
_NOT_ZH = r"(?:不|别|勿|莫|没|未|禁止|停止|暂停|暂缓|拒绝|避免|防止|舍不得|不能|不要|不可以|不想|不该|不应该|没有|不打算|不准备|不允许|不让)"
_BETWEEN = r"(?:再|先|急着|给|要|能|可以|可|应该|该|想|用|必|准|许|得|会|敢|是|有|现在|马上|立刻|随便|乱|直接|\s)"
_OBJECT = r"(?:(?:把|将|让)[^,。;\n]{0,60}?)?"
_NOT = re.compile(
    rf"{_NOT_ZH}{_BETWEEN}{{0,4}}{_OBJECT}{_BETWEEN}{{0,4}}(?:{_CHANGE_ZH})|"
    + _en(
        rf"(?:don'?t|do not|dont|doesn'?t|didn'?t|not|never|shouldn'?t|can'?t|cannot|mustn'?t|won'?t|stop|avoid|no need|nobody|instead of|without)(?: \S+){{0,3}}? (?:{_CHANGE_EN})"
    )
)
_UNABLE = re.compile(rf"(?:{_CHANGE_ZH})\s?不(?:了|得|掉|能|可)")
# Questions: they ask about a change and order none.
_ASKS = re.compile(
    r"\?|吗|是不是|能不能|可不可以|要不要|该不该|会不会|有没有|是否|能否|可否|怎么|怎样|如何|几个|多少|哪些|哪个|哪家|什么|谁|为啥|咋|"
    r"(?:了|废|档|删|除)没有?$|(?:能|可以)\S{0,40}(?:么|不)$|"
    r"^(?:if|should|shall|can|could|may|might|would|will|is|are|was|were|has|have|had|did|does|do (?:i|we|you)|what|how|why|who|when|where|which|whose)(?![a-z0-9])"
)
# Questions about the past, which the log answers.
_WHO = re.compile(r"谁|去哪|哪去了|为什么|为啥|什么时候|何时|啥时候|怎么(?:没|不见|就)|" + _en("who|why|when"))
# Questions about rights, which the log does not answer.
_MAY_WHO = re.compile(r"谁(?:能|可以|有权)|我能\s?(?:删|作废)\s?吗|" + _en(r"who (?:can|may|is allowed)"))

_HAPPENED = r"(?:作\s?废|删\s?(?:除|掉)?|归\s?档|恢\s?复|改|动|移\s?除|弄没|搞没|搞丢)"
# Questions about what happened to a record, with its name in `name`. The first pattern that fits is taken.
_LOG_NAMES = tuple(
    re.compile(words)
    for words in (
        rf"谁\s?(?:把|将)(?P<name>[^,。;?]{{1,80}}?)(?:给)?{_HAPPENED}",
        rf"谁\s?{_HAPPENED}\s?(?:了|的|过)+\s?(?P<name>[^,。;?]+)",
        rf"(?P<name>[^,。;?]{{0,80}}?)(?:是|被)?\s?谁\s?(?:给)?{_HAPPENED}",
        rf"(?:为什么|为啥|怎么)\s?(?:就|还|会)?(?:{_CHANGE_ZH})\s?不(?:了|得|掉|能)\s?(?P<name>[^,。;?]+)",
        rf"(?:为什么|为啥|什么时候|何时|怎么)\s?(?:把|将)?(?P<name>[^,。;?]{{1,80}}?)(?:会|就|都|被|给|要|已经|也)*\s?(?:没了|不见了?|消失|找不到|看不到|{_HAPPENED})",
        rf"(?P<name>[^,。;?]{{1,80}}?)\s?(?:为什么|为啥|什么时候|何时|怎么)(?:会|就|都|被|给|突然)*\s?(?:没了|不见了?|消失|找不到|看不到|{_HAPPENED})",
        r"(?P<name>[^,。;?]{1,80}?)\s?(?:去哪|哪去了)",
        r"(?<![a-z])who (?:has |had )?(?:deleted|voided|archived|removed|dropped|touched|changed|restored|killed)(?P<name>[^,;?]*)",
        r"(?<![a-z])(?:why|when) (?:was|is|were|has|did)(?P<name>[^,;?]{1,80}?)(?: been| get| got| being)? (?:deleted|voided|archived|removed|dropped|gone|missing|restored)",
        r"(?<![a-z])(?:why|when) did \S+ (?:delete|void|archive|remove|drop|restore)(?P<name>[^,;?]*)",
    )
)  # fmt: skip


def mentions_change(line: Said) -> bool:
    """Returns whether a word of voiding, archiving or deleting stands anywhere outside quotes."""
    return _MORE_CHANGE.search(mask_quotes(line.shadow)) is not None


def mentions_purge(line: Said) -> bool:
    """Returns whether a purge word stands anywhere, quoted or not: no text with one may become 作废."""
    masked = mask_quotes(line.shadow)
    return bool(_PURGE.search(line.shadow) or (_FOR_GOOD.search(masked) and _MORE_CHANGE.search(masked)))


def safe_reading(line: Said, head: Said) -> Command | None:
    """Returns the safe command of a message that must not change anything, or None when it may.

    `line` is the whole message, `head` the same without its reason.
    """
    masked = mask_quotes(head.shadow)
    if _PRIVACY.search(masked):
        return NotOffered("隐私请求")
    # The whole message counts here: 原因：要永久删除 asks for a purge in its reason.
    if mentions_purge(line):
        return NotOffered("彻底删除")
    if _MAY_WHO.search(masked):
        return NotOffered("权限")
    if _SETTINGS.search(masked):
        return NotOffered("改群组")
    changes = _MORE_CHANGE.search(masked) is not None
    if _WHO.search(masked) and (log := _log(head)):
        return log
    if not changes:
        return _lists(masked)
    # With a condition as well, the answer about conditions says more; it follows below.
    if _DRY.search(masked) and not _CONDITION.search(masked):
        return NotOffered("影响")
    if _ASKS.search(masked) or _UNABLE.search(masked):
        return NotOffered("影响")
    if _NOT.search(masked):
        return LeaveAlone()
    return _not_yet(masked)


def _lists(masked: str) -> Command | None:
    """Answer a look-up that names a whole lot: it would change nothing, but there is no name to look for."""
    if _SILENT.search(masked):
        return NotOffered("按条件")
    return NotOffered("沟通记录") if _RECORD_NAMES.search(masked) else None


def _not_yet(masked: str) -> Command | None:
    if _LIST_SAID.search(masked):
        return NotOffered("批量作废")
    if _CONDITION.search(masked):
        return NotOffered("按条件")
    if _RECORDS.search(masked):
        return NotOffered("沟通记录")
    if _BATCH.search(masked):
        return NotOffered("批量作废")
    if _OPTIONS.search(masked):
        return NotOffered("选项")
    return None


def _log(head: Said) -> Log | None:
    number, rest = find_operation(head)
    for words in _LOG_NAMES:
        if found := words.search(rest.shadow):
            name = clean_name(rest.cut(*found.span("name")))
            return Log(name.text, number)
    return Log("", number) if _CHANGE.search(rest.shadow) else None
