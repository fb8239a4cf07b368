"""The table of verbs: what people can say, in which words, and an example that works as typed.

The parser, the help text and `docs/commands.md` all read it. `words` may stand before or after the object; `closing`
words only after it (宏远黄了), because before it they may well be a part of a name (Dead Sea Minerals).
"""

# ruff: noqa: E501  (a row of words is checked by eye, unbroken)

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache

from core.domain.actions import Action
from language import commands as c
from language.normal import Said


class Takes(Enum):
    """What a verb takes as its object."""

    NOTHING = auto()
    """The message is the verb alone: 我的申请."""
    NUMBER = auto()
    """An operation number or nothing: 同意 #0312."""
    WORDS = auto()
    """A number and free words: 驳回 #0312 还在谈."""
    NAME = auto()
    """A record: 作废客户 宏远科技."""
    ANYTHING = auto()
    """The verb is not offered in this version; whatever follows it is not read."""


@dataclass(frozen=True, slots=True)
class Verb:
    zh: str
    """The canonical Chinese name; for a verb that is not offered it is also the value of `NotOffered.verb`."""
    en: str
    command: type
    takes: Takes
    zh_words: tuple[str, ...]
    en_words: tuple[str, ...]
    zh_example: str
    en_example: str
    closing: tuple[str, ...] = ()
    action: Action | None = None

    @property
    def offered(self) -> bool:
        return self.command is not c.NotOffered

    @property
    def words(self) -> tuple[str, ...]:
        """All words for the verb, in both languages."""
        return (*self.zh_words, *self.en_words, *self.closing)


def _spoken(zh: str, en: str, command: type, takes: Takes, words: str, examples: str) -> Verb:
    """Returns a row of the table. `words` is 'zh zh … | en, en …'; the canonical names are added in front."""
    zh_words, en_words = words.split("|")
    zh_example, en_example = examples.split(" | ")
    return Verb(
        zh=zh,
        en=en,
        command=command,
        takes=takes,
        zh_words=(zh, *zh_words.split()),
        en_words=(en, *(word.strip() for word in en_words.split(",") if word.strip())),
        zh_example=zh_example,
        en_example=en_example,
    )


def _later(zh: str, en: str, words: str, examples: str) -> Verb:
    return _spoken(zh, en, c.NotOffered, Takes.ANYTHING, words, examples)


_CHANGES = (
    Verb(
        zh="作废",
        en="void",
        command=c.Change,
        takes=Takes.NAME,
        zh_words=(
            "作废", "删除", "删掉", "删了", "删", "移除", "标无效", "标记无效", "标为无效", "标记为无效", "设为无效",
            "作废掉", "废掉", "废除",
        ),
        en_words=("void", "delete", "remove", "drop", "mark invalid", "mark as invalid", "mark dead", "mark as dead"),
        closing=("废了", "无效", "不要了", "黄了", "没戏了", "死单", "死了", "dead", "is dead", "invalid", "is invalid"),
        zh_example="作废客户 宏远科技",
        en_example="void customer Hongyuan",
        action=Action.VOID,
    ),
    Verb(
        zh="归档",
        en="archive",
        command=c.Change,
        takes=Takes.NAME,
        zh_words=("归档", "存档", "收起来", "先放着", "封存"),
        en_words=("archive", "shelve"),
        zh_example="归档客户 宏远科技",
        en_example="archive customer Hongyuan",
        action=Action.ARCHIVE,
    ),
    Verb(
        zh="恢复",
        en="restore",
        command=c.Change,
        takes=Takes.NAME,
        zh_words=(
            "恢复", "取消作废", "撤销作废", "取消归档", "撤销归档", "取消删除", "撤销删除", "还原", "找回", "捞回来", "捞回",
            "弄回来", "误删了", "误删", "被误删了", "删错了",
        ),
        en_words=("restore", "bring back", "unvoid", "unarchive", "undelete"),
        zh_example="恢复客户 宏远科技",
        en_example="restore customer Hongyuan",
        action=Action.RESTORE,
    ),
)  # fmt: skip

_DELETE_SEGMENT = Verb(
    zh="删除分组",
    en="delete group",
    command=c.Change,
    takes=Takes.NAME,
    zh_words=(),
    en_words=(),
    zh_example="删除分组 展会线索2024",
    en_example="delete group Trade show leads",
    action=Action.DELETE,
)
"""A verb without words of its own: people say 作废 or one of its words with a segment as object."""

_DECIDING = (
    _spoken("撤销", "undo", c.Undo, Takes.NUMBER,
            "撤回 手滑了 手滑 点错了 反悔 反悔了 我反悔了|oops, take back, take it back", "撤销 #0312 | undo #0312"),
    _spoken("同意", "approve", c.Approve, Takes.NUMBER,
            "通过 批准 行 可以 准了 同意了 同意作废 同意归档 同意删除 同意恢复|ok, okay, approved, agree", "同意 #0312 | approve #0312"),
    _spoken("驳回", "reject", c.Reject, Takes.WORDS,
            "不行 打回 拒绝 不同意 不批准 不批 不通过 不可以|no, decline, rejected, disagree", "驳回 #0312 还在谈 | reject #0312 still talking"),
    _spoken("确认", "confirm", c.Confirm, Takes.NUMBER,
            "确定 确认作废 确认归档 确认删除 确认恢复|confirmed, confirm void, confirm archive, confirm delete, confirm restore", "确认 | confirm"),
    _spoken("取消", "cancel", c.Cancel, Takes.NOTHING, "放弃 不了|abort", "取消 | cancel"),
    _spoken("撤回申请", "withdraw", c.Withdraw, Takes.NUMBER,
            "取消申请 撤销申请 不删了 算了 不作废了 不归档了 不做了|withdraw request, never mind, nevermind, recall", "撤回申请 #0312 | withdraw #0312"),
    _spoken("执行", "run", c.Run, Takes.NUMBER, "现在执行 立即执行|execute, run it, run now", "执行 #0312 | run #0312"),
    _spoken("保留客户", "keep it", c.Keep, Takes.NUMBER, "保留分组 保留记录|keep the customer, keep customer", "保留客户 #0312 | keep it #0312"),
    _spoken("仍要作废", "ask again", c.AskAgain, Takes.NUMBER, "仍要归档 仍要删除 仍要恢复|still void, void anyway", "仍要作废 #0312 | ask again #0312"),
    _spoken("改为归档", "archive it", c.ArchiveInstead, Takes.NUMBER, "改成归档|archive instead, archive it instead", "改为归档 #0312 | archive it #0312"),
    _spoken("已联系", "contacted", c.Contacted, Takes.NOTHING, "已联系过 联系过了|contacted them", "已联系 | contacted"),
    _spoken("下周再提醒", "next week", c.Snooze, Takes.NOTHING, "下周提醒 改到下周|remind me next week", "下周再提醒 | next week"),
    _spoken("催办", "nudge", c.Nudge, Takes.NUMBER,
            "催一下 催 催审批 批了没 批了没有 批了吗 到哪了|status, push", "催一下 #0312 | nudge #0312"),
)  # fmt: skip

_LOOKING = (
    _spoken("查", "find", c.Find, Takes.NAME,
            "看 看看 看一下 找 找一下 搜 搜索 查询 查看 查找 查一下 有没有 详情|show, search, search for, look for, look up, who is",
            "查 宏远 | find Hongyuan"),
    _spoken("我的客户", "my customers", c.MyCustomers, Takes.NOTHING,
            "客户列表 看我的客户 查我的客户 我名下的客户|list my customers, show my customers, customer list, customers", "我的客户 | my customers"),
    _spoken("我的申请", "my requests", c.MyRequests, Takes.NOTHING,
            "看我的申请 查我的申请 我提的申请|show my requests, requests", "我的申请 | my requests"),
    _spoken("待我审批", "waiting for me", c.WaitingForMe, Takes.NOTHING,
            "待审批 待审 待办 我的审批 等我审批 待我审批的|pending, to approve, my approvals, waiting", "待我审批 | waiting for me"),
    _spoken("记录", "log", c.Log, Takes.NAME, "日志 操作日志 操作记录 查日志 看日志 查记录 为什么没了|history, show log, why",
            "日志 宏远科技 | log Hongyuan"),
    _spoken("帮助", "help", c.Help, Takes.NOTHING, "怎么用 教我 练习 使用说明 你会什么 ?|help me, teach me, practice, how to use, how does this work",
            "帮助 | help"),
    _spoken("说中文", "speak chinese", c.Speak, Takes.NOTHING, "中文 用中文 讲中文 换中文 切换中文|chinese, in chinese, switch to chinese",
            "说中文 | speak Chinese"),
    _spoken("说英文", "speak english", c.Speak, Takes.NOTHING,
            "英文 用英文 讲英文 说英语 换英文 切换英文 英语|english, in english, switch to english", "说英文 | speak English"),
    _spoken("选", "pick", c.Choose, Takes.NOTHING, "就是它 就是他 是 是的 对 对的|yes, that one, that's it", "选2 | 2"),
    _spoken("都不是", "none of them", c.Choose, Takes.NOTHING, "都不对 没有一个是|none, none of these, neither", "都不是 | none of them"),
)  # fmt: skip

_NOT_OFFERED = (
    _later("彻底删除", "purge", "永久删除 清除 删干净 销毁|erase, destroy", "彻底删除 宏远科技 | purge Hongyuan"),
    _later("影响", "impact", "看影响 会怎样 牵连什么 能删吗|what if, can i delete", "影响 宏远科技 | impact Hongyuan"),
    _later("备份", "back up", "先备份 存一份|backup", "备份 宏远科技 | back up Hongyuan"),
    _later("导出", "export", "导excel 发我表格 下载|excel, download", "导出 宏远科技 | export Hongyuan"),
    _later("回收站", "bin", "作废列表 删了哪些 最近删的 看回收站|trash, voided list, recycle bin", "回收站 | bin"),
    _later("查重", "duplicates", "重复的 撞单 合并|dupes, merge", "查重 宏远科技 | duplicates Hongyuan"),
    _later("沉睡", "inactive", "没联系的 多久没跟 死客户有哪些|stale, no contact", "沉睡 | inactive"),
    _later("规则", "rule", "新规则 试算 停用规则 规则试算|rules, simulate, pause rule", "规则 | rule"),
    _later("提醒", "remind", "催我 到点叫我 别提醒了 别再提醒 别提醒|remind me, snooze", "提醒我 宏远科技 | remind me Hongyuan"),
    _later("转交", "delegate", "代批 我休假|i'm away, hand over", "转交 #0312 给李强 | delegate #0312 to Li Qiang"),
    _later("改群组", "group settings", "群改名 改说明 改条件 改名|group rename, rename group, set filter",
           "改群组 展会线索2024 | group settings Trade show leads"),
    _later("校验日志", "verify log", "查日志完整 校验记录|verify the log", "校验日志 | verify log"),
    _later("权限", "rights", "我能删吗 给他权限 收回|who can, grant, revoke", "权限 | rights"),
    _later("隐私请求", "privacy request", "个保法 隐私|erasure request, privacy, gdpr", "隐私请求 张三 | privacy request Zhang San"),
    _later("问卷", "survey", "删前问一下 最后联系 先问客户|last call, questionnaire", "问卷 宏远科技 | survey Hongyuan"),
    _later("沟通记录", "communication records", "跟进记录 聊天记录 通话记录 电话记录|call notes, notes, call records",
           "沟通记录 宏远科技 | notes Hongyuan"),
    _later("批量作废", "batch", "批量 批量删除 这些都作废 全部作废|void all, bulk", "批量作废 | batch"),
    _later("按条件", "by condition", "按条件作废|by filter", "按条件 半年没联系 | by condition no contact for 6 months"),
    _later("逐条审", "item by item", "逐条 逐条看|one by one", "逐条审 #0312 | item by item #0312"),
    _later("选项", "options", "不通知客户|don't notify, do not notify", "选项 | options"),
)  # fmt: skip

VERBS: tuple[Verb, ...] = (*_CHANGES, _DELETE_SEGMENT, *_DECIDING, *_LOOKING, *_NOT_OFFERED)

NOT_OFFERED: frozenset[str] = frozenset(verb.zh for verb in _NOT_OFFERED)
"""All values that `NotOffered.verb` can have."""

# Particles that may follow a verb without changing it: 作废掉, 作废了吧.
PARTICLES = r"(?:掉|了|吧|一下|呗|啊|啦|哈|哦|呀|嘛)"

# A verb at the end of a text lies within so many characters. Searching only these keeps long texts cheap.
_TAIL = 48

DELETE_WORDS = re.compile(r"删|移除|(?<![a-z])(?:delete|remove|drop)(?![a-z])")
"""Words of 作废 that mean more than a void in other programs; the answer says how they were read."""


@cache
def verb(zh: str) -> Verb:
    return next(row for row in VERBS if row.zh == zh)


@dataclass(frozen=True, slots=True)
class Found:
    """A verb at the beginning or end of a text, and the rest of the text."""

    verb: Verb
    word: str
    rest: Said


def pattern(word: str) -> str:
    """Returns the pattern of a word as people space it: 作 废 is 作废; English words end where letters end."""
    if word.isascii() and word[0].isalpha():
        return rf"(?<![a-z0-9])(?:{re.escape(word)})(?![a-z0-9])".replace(r"\ ", r"\s+")
    return r"\s?".join(re.escape(letter) for letter in word if letter != " ")


def any_of(words: Iterable[str]) -> str:
    """Returns the pattern of any of the words; where several fit, the first one is taken."""
    return "|".join(map(pattern, words))


def _index(*, closing: bool) -> tuple[tuple[re.Pattern[str], Verb, str], ...]:
    """Returns the patterns of all words, the longest first, so that 查日志 is not read as 查."""
    rows = []
    for row in VERBS:
        words = row.words if closing else (*row.zh_words, *row.en_words)
        for word in words:
            if closing and not _may_close(row, word):
                continue
            body = rf"(?:{pattern(word)})\s?{PARTICLES}*$" if closing else pattern(word)
            rows.append((len(word), re.compile(body), row, word))
    rows.sort(key=lambda row: -row[0])
    return tuple((compiled, row, word) for _, compiled, row, word in rows)


def _may_close(row: Verb, word: str) -> bool:
    """Returns whether a word may stand after its object.

    English verbs do not, apart from the closing ones: a firm may be called Acme Survey.
    """
    if word in row.closing:
        return True
    if row.takes not in {Takes.NAME, Takes.ANYTHING}:
        return False
    # Of the verbs of one character only 删 may stand last; 看 or 找 may be the end of a name.
    return not word.isascii() and (len(word) > 1 or word == "删")


_OPENING = _index(closing=False)
_CLOSING = _index(closing=True)


_FREELY = frozenset({Takes.NAME, Takes.ANYTHING})
# A verb that takes no name must end before other words: 行 approves, 行业协会 is a name.
_ENDS = re.compile(rf"{PARTICLES}*(?:$|[\s#,。.:!;~\d])")


def opening(said: Said) -> Found | None:
    """Returns the longest verb that the text begins with, or None."""
    for compiled, row, word in _OPENING:
        found = compiled.match(said.shadow)
        if found and (row.takes in _FREELY or _ENDS.match(said.shadow, found.end())):
            return Found(row, word, said.cut(found.end()))
    return None


def closing(said: Said) -> Found | None:
    """Returns the longest verb that the text ends with, apart from particles, or None."""
    for compiled, row, word in _CLOSING:
        if found := compiled.search(said.shadow, max(0, len(said.shadow) - _TAIL)):
            return Found(row, word, said.cut(0, found.start()))
    return None
