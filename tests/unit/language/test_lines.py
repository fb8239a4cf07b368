"""What a message means while the bot waits for a line: the line, a command, a change of mind, or either."""

# ruff: noqa: E501  (a table of messages is checked by eye, unbroken)

import pytest

from core.domain.prompts import Asking
from language.lines import Meant, marked_line, meant
from language.parsing import parse

BOTH = (Asking.REASON, Asking.REJECTION)


def reading(text: str, asking: Asking) -> Meant:
    return meant(text, parse(text), asking)


@pytest.mark.parametrize("asking", BOTH)
@pytest.mark.parametrize(
    "text",
    [
        "他们整个部门都撤了", "下周他们要续签，先别动", "客户黄了", "宏远科技没戏了", "查无此人", "找不到人", "重复的", "没联系的",
        "不行，还在谈", "拒绝合作", "他们不要了", "老板说的", "the firm is dead", "they moved",
    ],
)  # fmt: skip
def test_free_words_are_the_line(text: str, asking: Asking) -> None:
    """Free words are read as the reason, even when they end like a command."""
    assert reading(text, asking) is Meant.LINE


@pytest.mark.parametrize("asking", BOTH)
@pytest.mark.parametrize(
    "text",
    [
        "恢复 宏远机电", "查 宏远机电", "作废 宏远科技 理由：重复", "作废客户宏远科技", "日志 宏远", "同意 #0020", "驳回 #0020 还在谈",
        "撤销 #0020", "取消", "我的申请", "帮助", "restore C1027", "void customer Hongyuan", "help",
    ],
)  # fmt: skip
def test_a_full_command_is_a_command(text: str, asking: Asking) -> None:
    """A verb with a number, or with its object set apart, is read as a command and not as a reason."""
    assert reading(text, asking) is Meant.COMMAND


@pytest.mark.parametrize("asking", BOTH)
@pytest.mark.parametrize(
    "text", ["手滑了", "算了", "撤销", "反悔了", "不删了", "不想写了就回复取消", "不想写了", "oops", "never mind"]
)
def test_a_change_of_mind_drops_the_question(text: str, asking: Asking) -> None:
    """Words of regret drop the question that the bot asked."""
    assert reading(text, asking) is Meant.DROP


@pytest.mark.parametrize("asking", BOTH)
@pytest.mark.parametrize(
    "text",
    [
        "同意",
        "可以",
        "OK",
        "驳回",
        "不行",
        "no",
        "执行",
        "2",
        "是",
        "删除重复客户信息",
        "恢复合作了",
        "drop in demand",
    ],
)
def test_what_may_be_either_is_asked_back(text: str, asking: Asking) -> None:
    """The bot asks back about a word of decision, which is no reason, and about a verb that runs into its object."""
    assert reading(text, asking) is Meant.UNSURE


def test_not_doing_it_is_no_reason_to_do_it() -> None:
    """先别删 is accepted as the reason of a rejection; as the reason of a request the bot asks back."""
    assert reading("先别删 宏远科技", Asking.REJECTION) is Meant.LINE
    assert reading("先别删 宏远科技", Asking.REASON) is Meant.UNSURE


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("原因：恢复合作了", "恢复合作了"),
        ("理由: 同意", "同意"),
        ("reason: ok", "ok"),
        ("同意", None),
        ("原因：", None),
    ],
)
def test_a_marked_line_is_the_line(text: str, line: str | None) -> None:
    """Words after 原因： are always read as the reason, whatever they are."""
    assert marked_line(text) == line
