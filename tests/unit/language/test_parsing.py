"""The reading of messages. The tables are the specification: the message on the left, its reading on the right."""

# ruff: noqa: E501  (a table of messages is checked by eye, unbroken)

import re
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.domain.actions import Action
from core.domain.operation.reason import Reason, ReasonCode
from core.domain.people import Language
from core.domain.records import Kind
from language import commands as c
from language.normal import fold, normalise
from language.parsing import parse
from language.spoken import language_of
from language.verbs import NOT_OFFERED, VERBS, Takes, Verb

R = ReasonCode


def void(what: str, reason: R | None = None, words: str = "", *, deleted: bool = False) -> c.Change:
    return c.Change(
        Action.VOID, Kind.CUSTOMER, what, Reason(reason, words) if reason else None, took_delete_as_void=deleted
    )


def archive(what: str, reason: R | None = None, words: str = "") -> c.Change:
    return c.Change(Action.ARCHIVE, Kind.CUSTOMER, what, Reason(reason, words) if reason else None)


def restore(what: str) -> c.Change:
    return c.Change(Action.RESTORE, Kind.CUSTOMER, what)


def group(what: str, action: Action = Action.DELETE) -> c.Change:
    return c.Change(action, Kind.SEGMENT, what)


def later(verb: str) -> c.NotOffered:
    return c.NotOffered(verb)


def asked_back(message: str) -> c.NotRead:
    reading = parse(message)
    assert isinstance(reading, c.NotRead), reading
    return reading


Table = list[tuple[str, c.Command]]

# Messages as sales reps write them.
AS_REPS_WRITE: Table = [
    ("作废 宏远科技", void("宏远科技")),
    ("宏远黄了，删了吧", void("宏远", R.ENDED, "黄了", deleted=True)),
    ("删 hongyuan", void("hongyuan", deleted=True)),
    ("删 hykj", void("hykj", deleted=True)),
    ("把宏元作废", void("宏元")),
    ("作废 张三 尾号5678 原因：重复", void("张三 尾号5678", R.DUPLICATE, "重复")),
    ("作废 C1024、C1031，C1040", later("批量作废")),
    ("这些都作废", later("批量作废")),
    ("半年没联系的都归档", later("按条件")),
    ("王敏名下 上个月没跟进的 B级 客户 看看", later("按条件")),
    ("删掉 宏远 3月5号到20号 的电话记录", later("沟通记录")),
    ("上周给李四发错的那条微信记录删了", later("沟通记录")),
    ("群组「展会线索2024」改名 展会存量，条件改成 一年内有来往", later("改群组")),
    ("删除分组 展会线索2024", group("展会线索2024")),
    ("恢复 昨天删的那三个", c.BringBack(1, 3)),
    ("手滑了", c.Undo()),
    ("谁把宏远删了？为什么", c.Log("宏远")),
    ("我9月1到9月10休假 李强代批", later("转交")),
    ("彻底删除 宏远", later("彻底删除")),
    ("客户要求删除他的数据 张三", later("隐私请求")),
    ("void Hongyuan because duplicate", void("Hongyuan", R.DUPLICATE, "duplicate")),
    ("archive my customers with no contact for 6 months, dry run", later("按条件")),
    ("delete call notes with Acme from last month", later("沟通记录")),
    ("undo", c.Undo()),
    ("undo #0312", c.Undo(312)),
    ("who deleted Acme?", c.Log("Acme")),
    ("approve #0312 except 3, 7", later("逐条审")),
    ("把上个月没联系的客户列一下", later("按条件")),
]

# One meaning in many word orders, spellings and scripts.
WORD_ORDER: Table = [
    ("作废客户 宏远科技", void("宏远科技")),
    ("作废客户宏远科技", void("宏远科技")),
    ("作废：宏远科技", void("宏远科技")),
    ("作废客户「宏远科技」", void("宏远科技")),
    ("作废『宏远科技』", void("宏远科技")),
    ("作废“宏远科技”", void("宏远科技")),
    ('作废"宏远科技"', void("宏远科技")),
    ("把宏远科技作废", void("宏远科技")),
    ("请把宏远科技作废一下", void("宏远科技")),
    ("帮我把宏远作废，谢谢！", void("宏远")),
    ("将宏远作废", void("宏远")),
    ("宏远科技 作废", void("宏远科技")),
    ("宏远科技，作废", void("宏远科技")),
    ("作废\n宏远科技", void("宏远科技")),
    ("好的，作废宏远", void("宏远")),
    ("作废一下宏远", void("宏远")),
    ("作废宏远吧", void("宏远")),
    ("删掉宏远了", void("宏远", deleted=True)),
    ("把宏远这个客户删掉", void("宏远", deleted=True)),
    ("作 废 客 户 宏远", void("宏远")),
    ("@客户助手 作废客户 宏远科技", void("宏远科技")),
    ("@机器人作废宏远", void("宏远")),
    ("void customer Hongyuan", void("Hongyuan")),
    ("please void the customer Hongyuan Tech", void("Hongyuan Tech")),
    ("void Acme thanks", void("Acme")),
    ("mark Acme as invalid", void("Acme")),
    ("Acme is dead", void("Acme", R.ENDED, "is dead")),
    ("delete Acme please", void("Acme", deleted=True)),
    ("bring Acme back", restore("Acme")),
    ("恢復客戶 宏遠科技", restore("宏遠科技")),
    ("取消作废 宏远", restore("宏远")),
    ("撤销作废宏远", restore("宏远")),
    ("宏远误删了", restore("宏远")),
    ("误删了宏远", restore("宏远")),
    ("恢复 昨天误删的宏远", restore("宏远")),
    ("归档客户 宏远", archive("宏远")),
    ("宏远先放着", archive("宏远")),
    ("删除群体 Y", group("Y")),
    ("刪除群體 展會線索", group("展會線索")),
    ("把分组展会线索2024删了", group("展会线索2024")),
    ("删除 展会线索2024 这个分组", group("展会线索2024")),
    ("delete group Trade show leads", group("Trade show leads")),
    ("恢复 群组 展会线索", group("展会线索", Action.RESTORE)),
    ("看 群组 展会线索", c.Find("展会线索", Kind.SEGMENT)),
    ("查 宏远", c.Find("宏远")),
    ("看看宏远", c.Find("宏远")),
    ("find Hongyuan please", c.Find("Hongyuan")),
    ("ｖｏｉｄ　Ａｃｍｅ", void("Acme")),
    ("你好", c.Greet("zh")),
    ("您好！", c.Greet("zh")),
    ("早上好", c.Greet("zh")),
    ("你好，在吗？", c.Greet("zh")),
    ("@客户助手 你好啊", c.Greet("zh")),
    ("Hello!", c.Greet("en")),
    ("hi there", c.Greet("en")),
    ("good morning", c.Greet("en")),
    ("你好，帮助", c.Help()),
    ("hello, my customers", c.MyCustomers()),
    ("查 你好科技", c.Find("你好科技")),
    ("作废 早上好食品", void("早上好食品")),
    ("thanks", c.Thanks()),
    ("谢谢！", c.Thanks()),
    ("/help", c.Help()),
    ("？", c.Help()),
]

# Reasons given with the command, before or after it.
REASONS: Table = [
    ("作废宏远 因为重复", void("宏远", R.DUPLICATE, "重复")),
    ("因为重复，作废宏远", void("宏远", R.DUPLICATE, "重复")),
    ("作废宏远，重复了", void("宏远", R.DUPLICATE, "重复了")),
    ("作废 宏远科技 重复", void("宏远科技", R.DUPLICATE, "重复")),
    ("作废宏远 理由：不再合作", void("宏远", R.ENDED, "不再合作")),
    ("作废宏远 原因是没戏了", void("宏远", R.ENDED, "没戏了")),
    ("宏远死单", void("宏远", R.ENDED, "死单")),
    ("宏远联系不上了，作废", void("宏远", R.UNREACHABLE, "宏远联系不上了")),
    ("作废宏远 因为客户要求", void("宏远", R.CUSTOMER_ASKED, "客户要求")),
    ("作废宏远 原因：已搬迁", void("宏远", R.MOVED, "已搬迁")),
    ("作废宏远，他们倒闭了", void("宏远", R.LEFT_MARKET, "他们倒闭了")),
    ("作废宏远 原因：退出市场", void("宏远", R.LEFT_MARKET, "退出市场")),
    ("作废宏远 原因：被竞品签走", void("宏远", R.COMPETITOR, "被竞品签走")),
    ("作废宏远 原因：无需求", void("宏远", R.NO_NEED, "无需求")),
    ("作废宏远 原因：信息有误", void("宏远", R.WRONG_DATA, "信息有误")),
    ("作废宏远 原因：其他", void("宏远", R.OTHER)),
    ("作废宏远 原因：老板说的", void("宏远", R.OTHER, "老板说的")),
    ("作废宏远（原因：重复）", void("宏远", R.DUPLICATE, "重复")),
    ("作废宏远(重复)", void("宏远", R.DUPLICATE, "重复")),
    ("作废宏远 原因：不是重复", void("宏远", R.OTHER, "不是重复")),
    ("void Acme reason: wrong data", void("Acme", R.WRONG_DATA, "wrong data")),
    ("void Acme because they moved", void("Acme", R.MOVED, "they moved")),
    ("void Acme because unreachable", void("Acme", R.UNREACHABLE, "unreachable")),
    ("void Acme because no longer works with us", void("Acme", R.ENDED, "no longer works with us")),
    ("void Acme because the customer asked", void("Acme", R.CUSTOMER_ASKED, "the customer asked")),
    ("void Acme because not interested", void("Acme", R.NO_NEED, "not interested")),
    ("void Acme because went to a competitor", void("Acme", R.COMPETITOR, "went to a competitor")),
    ("void Acme because out of business", void("Acme", R.LEFT_MARKET, "out of business")),
    ("archive Acme because my boss says so", archive("Acme", R.OTHER, "my boss says so")),
]

# Answers and decisions, with and without the number of an operation.
ANSWERS: Table = [
    ("同意 #0312", c.Approve(312)),
    ("同意＃312", c.Approve(312)),
    ("#0312 同意", c.Approve(312)),
    ("312号通过", c.Approve(312)),
    ("同意 312", c.Approve(312)),
    ("同意作废 #0312", c.Approve(312)),
    ("通过", c.Approve()),
    ("行", c.Approve()),
    ("可以", c.Approve()),
    ("OK", c.Approve()),
    ("approve #0312", c.Approve(312)),
    ("驳回 #0312 还在谈", c.Reject(312, "还在谈")),
    ("驳回 #0312 原因：还在谈", c.Reject(312, "还在谈")),
    ("#0312 不行，还在谈", c.Reject(312, "还在谈")),
    ("驳回 #0312 不要永久删除", c.Reject(312, "不要永久删除")),
    ("不行，还在谈", c.Reject(None, "还在谈")),
    ("不同意 #0312", c.Reject(312)),
    ("reject #12 still talking", c.Reject(12, "still talking")),
    ("no, still talking", c.Reject(None, "still talking")),
    ("确认", c.Confirm()),
    ("确认作废", c.Confirm()),
    ("確認作廢", c.Confirm()),
    ("确认 36", c.Confirm(36)),
    ("confirm 36", c.Confirm(36)),
    ("确认 #0312", c.Confirm(operation=312)),
    ("confirm #12", c.Confirm(operation=12)),
    ("取消", c.Cancel()),
    ("cancel", c.Cancel()),
    ("撤回申请 #0312", c.Withdraw(312)),
    ("取消 #0312", c.Withdraw(312)),
    ("不删了", c.Withdraw()),
    ("算了", c.Withdraw()),
    ("never mind", c.Withdraw()),
    ("执行 #0312", c.Run(312)),
    ("run #0312", c.Run(312)),
    ("催一下 #0312", c.Nudge(312)),
    ("批了没", c.Nudge()),
    ("撤销 #0312", c.Undo(312)),
    ("恢复 #0312", c.Undo(312)),
    ("误删了", c.Undo()),
    ("恢复刚才那个", c.BringBack()),
    ("恢复昨天作废的", c.BringBack(1, None, Action.VOID)),
    ("恢复 前天归档的两个", c.BringBack(2, 2, Action.ARCHIVE)),
    ("恢复今天上午删的那个客户", c.BringBack(0)),
    ("撤销刚才那个", c.Undo()),
    ("撤销 上一个", c.Undo()),
    ("撤销昨天作废的", c.BringBack(1, None, Action.VOID)),
    ("undo the last one", c.Undo()),
    ("oops", c.Undo()),
    ("2", c.Choose(2)),
    ("选2", c.Choose(2)),
    ("第二个", c.Choose(2)),
    ("都不是", c.Choose(0)),
    ("就是它", c.Choose(None)),
    ("是", c.Choose(None)),
    ("我的客户", c.MyCustomers()),
    ("my customers", c.MyCustomers()),
    ("我的申请", c.MyRequests()),
    ("待我审批", c.WaitingForMe()),
    ("说英文", c.Speak("en")),
    ("speak English", c.Speak("en")),
    ("说中文", c.Speak("zh")),
    ("日志 宏远", c.Log("宏远")),
    ("日志 #0312", c.Log("", 312)),
    ("谁动了宏远", c.Log("宏远")),
    ("宏远谁删的", c.Log("宏远")),
    ("宏远去哪了", c.Log("宏远")),
    ("看 #0312", c.Log("", 312)),
    ("为什么宏远没了", c.Log("宏远")),
    ("why was Acme deleted", c.Log("Acme")),
]

# Messages that look like a change and are none, and names that look like a command.
TRAPS: Table = [
    ("不要作废宏远", c.LeaveAlone()),
    ("别删宏远", c.LeaveAlone()),
    ("请不要把宏远作废", c.LeaveAlone()),
    ("先别作废宏远", c.LeaveAlone()),
    ("把宏远别删", c.LeaveAlone()),
    ("不删宏远了", c.LeaveAlone()),
    ("禁止删除宏远", c.LeaveAlone()),
    ("don't delete Acme", c.LeaveAlone()),
    ("please do not ever void Acme", c.LeaveAlone()),
    ("别作废 宏远，作废 宏源", c.LeaveAlone()),
    ("宏远作废不了", later("影响")),
    ("为什么作废不了 宏远科技", c.Log("宏远科技")),
    ("宏远能删吗", later("影响")),
    ("宏远作废了吗", later("影响")),
    ("要不要作废宏远？", later("影响")),
    ("can I delete Acme", later("影响")),
    ("should we void Acme?", later("影响")),
    ("what if I void Acme", later("影响")),
    ("作废宏远 只看不做", later("影响")),
    ("我能删吗", later("权限")),
    ("彻底作废宏远", later("彻底删除")),
    ("把宏远彻底删了", later("彻底删除")),
    ("把宏远永久删除", later("彻底删除")),
    ("作废宏远 原因：要永久删除", later("彻底删除")),
    ("清除宏远", later("彻底删除")),
    ("宏远删干净", later("彻底删除")),
    ("銷毀宏遠", later("彻底删除")),
    ("void Acme permanently", later("彻底删除")),
    ("删除宏远的沟通记录", later("沟通记录")),
    ("删掉宏远的跟进", later("沟通记录")),
    ("作废宏远的聊天记录", later("沟通记录")),
    ("delete notes of Acme", later("沟通记录")),
    ("看 宏远 的沟通记录", later("沟通记录")),
    ("作废 C1024 C1031", later("批量作废")),
    ("宏远科技\n恒大地产\n东方汽修\n作废", later("批量作废")),
    ("作废\n" + "\n".join(f"第{n}家公司" for n in range(40)), later("批量作废")),
    ("作废 C1024\nC1027", later("批量作废")),
    ("作废客户\nC1024 宏远科技\nC1027 宏源科技\n…", later("批量作废")),
    ("作废「宏远」「恒大」", later("批量作废")),
    ("delete all customers", later("按条件")),
    ("先备份再作废宏远", later("备份")),
    ("作废宏远，导出", later("导出")),
    ("不通知客户 作废宏远", later("选项")),
    ("查日志完整", later("校验日志")),
    ("作废 老王酒吧", void("老王酒吧")),
    ("作废 饿了么", void("饿了么")),
    ("作废 娃哈哈", void("娃哈哈")),
    ("作废 美的", void("美的")),
    ("作废 查理科技", void("查理科技")),
    ("作废 请客餐饮", void("请客餐饮")),
    ("请客餐饮 作废", void("请客餐饮")),
    ("行业协会 作废", void("行业协会")),
    ("作废 一下科技", void("一下科技")),
    ("作废 了凡书店", void("了凡书店")),
    ("作废客户群英科技", void("群英科技")),
    ("作废「永久自行车」", void("永久自行车")),
    ("查 永久自行车", c.Find("永久自行车")),
    ("delete Hongyuan Group", void("Hongyuan Group", deleted=True)),
    ("void Acme Co., Ltd because moved", void("Acme Co., Ltd", R.MOVED, "moved")),
    ("作废 宏远科技（上海）有限公司", void("宏远科技(上海)有限公司")),
]

# Messages on which the bot must not guess.
ASKED_BACK = [
    "宏远科技", "作废恢复宏远", "恢复作废宏远", "确认作废 宏远", "作废 #0312", "#0312", "作废", "删", "恢复", "把作废", "取消作废",
    "删掉这个客户", "void customer", "delete it", "撤销 宏远", "同意 #0312 但是要备份", "同意 #0312 #0313", "可以吗", "行吗？", "别同意 #0312", "Dead Sea Minerals", "OK, void Acme",
    "查宏远，作废", "不同意作废宏远",  "今天天气不错", "", " ", "。", "@客户助手", "🙂", "解散展会线索",
]  # fmt: skip


@pytest.mark.parametrize(("message", "reading"), AS_REPS_WRITE + WORD_ORDER + REASONS + ANSWERS + TRAPS)
def test_reading(message, reading):
    """Each message of the tables is read as the tables say."""
    assert parse(message) == reading


@pytest.mark.parametrize("message", ASKED_BACK)
def test_asked_back(message):
    """On a message that is no command, or two at once, the bot asks back with examples and never guesses."""
    reading = asked_back(message)
    assert 1 <= len(reading.zh) <= 4
    assert 1 <= len(reading.en) <= 4


def _aliases() -> Iterator[tuple[Verb, str]]:
    for row in VERBS:
        for word in row.words:
            yield row, word


@pytest.mark.parametrize(("row", "word"), list(_aliases()), ids=lambda value: getattr(value, "zh", value))
def test_every_alias_reads_as_its_verb(row, word):
    """Every word in the table of verbs, used as its verb is used, is read as that verb."""
    # Closing words stand after their object only, all others before it.
    if row.takes is Takes.NAME and row.command is not c.Log:
        message = f"宏远 {word}" if word in row.closing else f"{word} 宏远"
    elif row.takes in {Takes.NUMBER, Takes.WORDS} and row.command is not c.Confirm:
        message = f"{word} #0312"
    else:
        message = word
    reading = parse(message)
    assert isinstance(reading, row.command), reading
    if isinstance(reading, c.Change):
        assert reading.action is row.action
        assert reading.what == "宏远"
    elif isinstance(reading, c.NotOffered):
        assert reading.verb == row.zh
    elif row.takes in {Takes.NUMBER, Takes.WORDS} and row.command is not c.Confirm:
        assert getattr(reading, "operation", None) == 312


@pytest.mark.parametrize("row", VERBS, ids=lambda row: row.zh)
def test_examples_work_as_typed(row):
    """The examples of a verb work as typed in both languages and mean the same."""
    chinese, english = parse(row.zh_example), parse(row.en_example)
    assert isinstance(chinese, row.command)
    assert isinstance(english, row.command)
    if isinstance(chinese, c.Change):
        assert chinese.action is english.action is row.action
    if isinstance(chinese, c.NotOffered):
        assert chinese.verb == english.verb == row.zh


def test_examples_come_in_both_languages():
    """Suggestions come with the likeliest first, and the language is known where the text holds words of it."""
    assert asked_back("作非 宏远").zh[0] == "作废客户 宏远科技"
    assert asked_back("作非 宏远").language is Language.ZH
    assert asked_back("spaek english").en[0] == "speak English"
    assert asked_back("spaek english").language is Language.EN


def test_suggestions_are_about_what_was_said():
    """A name or a number alone is used in the suggestions, and it does not tell a language."""
    name = asked_back("鼎盛化工")
    assert name.zh == ("查 鼎盛化工", "作废客户 鼎盛化工", "恢复客户 鼎盛化工", "帮助")
    code = asked_back("C1024")
    assert code.en == ("find C1024", "void customer C1024", "restore customer C1024", "help")
    assert code.language is None
    assert asked_back("#0035").zh == ("同意 #0035", "驳回 #0035 还在谈", "撤销 #0035", "日志 #0035")


def test_two_verbs_are_both_suggested():
    """When a message holds void and restore, both are suggested and neither is done."""
    assert asked_back("作废恢复宏远").zh == ("作废客户 宏远科技", "恢复客户 宏远科技")


SPOKEN = [
    ("void customer Hongyuan", Language.EN),
    ("please void customer Hongyuan because duplicate", Language.EN),
    ("Please find 宏远", Language.EN),
    ("my customers", Language.EN),
    ("restore C1027", None),
    ("undo #0312", None),
    ("OK", None),
    ("同意", Language.ZH),
    ("确认", Language.ZH),
    ("恢复 C1027", Language.ZH),
    ("C1027", None),
    ("thanks", None),
]


@pytest.mark.parametrize(("message", "language"), SPOKEN)
def test_which_language_a_message_speaks(message, language):
    """The language follows from the verb; a verb with a number alone tells none, since anybody types that."""
    assert language_of(message, parse(message)) is language


def _changes(message: str) -> bool:
    # A restore counts as harmless, since it takes nothing away.
    reading = parse(message)
    return isinstance(reading, c.Change) and reading.action is not Action.RESTORE


# Words of commands, with names and particles that change what they mean: random messages are made of them.
_WORDS = sorted(
    {word for row in VERBS for word in row.words}
    | {"宏远", "客户", "把", "Acme", "，", "、", "#0312", "C1024", "「", "」", "因为", "不", "吗", "\n", "分组"}
)
SPEECH = st.lists(st.one_of(st.sampled_from(_WORDS), st.text(max_size=4)), max_size=8).map(" ".join)
NAMES = st.sampled_from(
    [
        "宏远科技",
        "恒大地产",
        "东方汽修",
        "上海宏远电子有限公司",
        "Acme",
        "Hongyuan Tech",
        "王敏",
        "C1024",
        "3M中国",
        "A&B Trading",
        "酒吧街",
        "宏遠科技",
    ]
)


# Long repetitions of one piece, on which a careless regular expression would take quadratic time or worse; the first
# sign becomes eighteen characters in NFKC.
@given(st.one_of(st.text(), SPEECH))
@example("ﷺ" * 700)
@example("不把" * 700)
@example("「" * 2000)
@example("为什么" * 600)
@example("and " * 500)
@example("作废 " + "宏远和" * 300)
@example("\ud800")
def test_never_raises(message):
    """The parser returns a reading for any text and never raises an error."""
    assert parse(message) is not None


@given(
    SPEECH,
    st.sampled_from(
        [
            "彻底删除",
            "永久删除",
            "清除",
            "删干净",
            "销毁",
            "purge",
            "erase",
            "destroy",
            "永久刪除",
            "Purge",
            "彻 底 删 除",
        ]
    ),
    SPEECH,
)
def test_a_purge_word_is_never_a_softer_verb(before, purge, after):
    """A message with a purge word never voids, archives or deletes anything."""
    assert not _changes(f"{before} {purge} {after}")


@given(
    NAMES,
    st.sampled_from(["沟通记录", "聊天记录", "跟进记录", "电话记录", "notes", "call records"]),
    st.sampled_from(["删除", "作废", "delete", "把"]),
)
def test_records_never_take_their_customer_along(name, records, verb):
    """A message about communication records never changes the customer."""
    for message in (f"{verb} {name} {records}", f"{verb}{name}的{records} 删了", f"{records} {name} {verb}"):
        assert not _changes(message)


@given(SPEECH)
def test_reading_is_the_same_however_wide_it_is_written(message):
    """Full-width letters and blanks, and blanks around the message, do not change its reading."""
    # In Unicode the full-width form of a printable ASCII character lies 0xFEE0 above it.
    wide = "".join(chr(ord(s) + 0xFEE0) if "!" <= s <= "~" else s for s in message).replace(" ", "　")
    plain = parse(message)
    assert parse(f"  {message} \t") == plain
    assert parse(wide) == plain


TRADITIONAL = str.maketrans("废删彻复还误归档组户备导规请认驳执办谁为", "廢刪徹復還誤歸檔組戶備導規請認駁執辦誰為")


@given(
    NAMES,
    st.sampled_from(
        ["作废客户{}", "把{}删了", "恢复{}", "归档 {}", "删除分组 {}", "彻底删除 {}", "谁删了{}", "不要作废{}"]
    ),
)
def test_traditional_characters_read_the_same(name, form):
    """Traditional characters in a verb are read like simplified ones, and the name keeps its characters."""
    assert parse(form.translate(TRADITIONAL).format(name)) == parse(form.format(name))


@given(
    NAMES,
    st.sampled_from(["作废客户 {}", "作废{}", "作废 {} 吧", "把{}作废", "请把{}作废，谢谢", "{} 作废", "作废「{}」", "作废 {} 因为重复",
                     "void customer {}", "void {} please", "void {} because duplicate", "作废客户：{}。"]),
)  # fmt: skip
def test_names_come_back_whole(name, form):
    """The name of a customer is read whole, without more or fewer characters, whatever stands around it."""
    reading = parse(form.format(name))
    assert isinstance(reading, c.Change)
    assert (reading.action, reading.what) == (Action.VOID, name)


@given(st.text())
def test_normalising_twice_is_normalising_once(message):
    """Normalising a normal form changes nothing, and its shadow has the same length."""
    once = normalise(message)
    assert normalise(once) == once
    assert len(fold(once)) == len(once)


@given(SPEECH)
def test_not_offered_names_are_from_the_closed_list(message):
    """A verb that is not offered is always one of the closed list, for which texts exist."""
    reading = parse(message)
    if isinstance(reading, c.NotOffered):
        assert reading.verb in NOT_OFFERED


def test_no_two_verbs_share_a_word():
    """Every word in the table of verbs belongs to one verb only."""
    words = [word for row in VERBS for word in {re.sub(r"\s", "", word) for word in row.words}]
    doubled = {word for word in words if words.count(word) > 1}
    assert doubled == set()
