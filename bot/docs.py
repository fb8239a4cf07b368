"""Writes docs/commands.md from the tables that the bot itself works by: `python -m bot.docs`."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from bot.docs_cells import button_words, use_case_cells
from bot.docs_command_line import Row, command_line_rows
from cards.keys import Press
from core.domain.use_cases import UseCase
from handlers.route import Route
from handlers.table import ROUTES
from language.verbs import VERBS, Verb

PAGE = Path("docs/commands.md")
_INTRO = """\
# 命令 · Commands

<!-- Written by `make docs` from core/services/use_cases.py, handlers/table.py and language/verbs.py.
Changes belong there. -->

中文英文都可以，词序随意。权限由角色给出，见 `config/roles.toml`，动手前统一问一次；看得到谁的记录、是谁的申请、
由谁审批，由记录和申请自己判断。「申请的那个动作」：确认一张删除卡片要有删除权限。「所问的那件事」：挑一个客户来归档
要有归档权限，写驳回理由要有审批权限，只看不改只要查看权限。
影响分三种。「只看」：什么都不改，最多发出一条消息。「可撤回」：能撤销（在保留期内）、能重新提出、能重新设定，或过些时候
自动失效。「不可撤回」：机器人没有办法还原；聊天里没有这样的命令。确认一栏写的是从说出口到办成之间还要什么；「审批」由
审批规则决定，有的动作不需要人批。
Chinese and English both work. A right is granted by roles, see `config/roles.toml`, and asked once, before
anything is done; which records somebody sees, whose request it is and who decides it is asked of the record and
the request. "The request's action": confirming a card that deletes needs delete. "What was asked": picking a
customer to archive needs archive, the line with the reason of a rejection needs approve, a look needs view.
Three effects: "looks" changes nothing, at most a message goes out; "can be taken back" is what can be undone
(within the retention time), asked again, set anew, or passes by itself; from what changes "for good" the bot has
no way back, and no chat command does that. The last column says what still stands between asking and its being
done; who must approve, if anybody, is what the policy says.
"""
_HEAD = ("谁可以 · Who may", "影响 · Effect", "确认 · Confirmation")
_LATER = """\
认得这些说法，会如实说明办不了，绝不当成别的命令。
These are recognised and answered honestly; they are never read as another command.
"""
_SHELL = """\
每条命令都写作 `python -m bot …`，`--help` 有全部选项。退出码：0 成立或已办好；1 不成立或没办成
（日志有问题、备份打不开、表格有错误行、数据库或企业微信不可用）；2 用法、文件或配置有误。
Each is written `python -m bot …`; `--help` has every option. Exit codes: 0 it holds or is done; 1 it does not hold
or could not be done (the log is broken, a backup does not open, a sheet has bad rows, database or WeCom are away);
2 the command line, the file or the configuration is wrong.
"""


def commands_page() -> str:
    spoken = [verb for verb in VERBS if verb.offered]
    parts = [
        _INTRO,
        "## 能说的话 · What you can write\n",
        _table(
            ("例子 · Example", "做什么 · What it does", "也可以说 · Also", *_HEAD),
            (_spoken(verb, route) for route in ROUTES for verb in spoken if _answers(route, verb)),
        ),
        "## 按钮 · Buttons\n",
        _table(
            ("按钮 · Button", "做什么 · What it does", *_HEAD),
            (_pressed(route.on, route.use_case) for route in ROUTES if isinstance(route.on, Press)),
        ),
        "## 其他消息 · Anything else\n",
        _table(
            ("什么 · What", *_HEAD),
            (
                (_words(route.use_case), *use_case_cells(route.use_case))
                for route in ROUTES
                if _silent(route, spoken)
            ),
        ),
        "## 还不办的事 · Not offered in this version\n",
        _LATER,
        _table(
            ("说法 · Words", "English", "例子 · Example"),
            ((verb.zh, verb.en, f"`{verb.zh_example}`") for verb in VERBS if not verb.offered),
        ),
        "## 命令行 · Command line\n",
        _SHELL,
        _table(("命令 · Command", "做什么 · What it does", *_HEAD), map(_typed, command_line_rows())),
    ]
    return "\n".join(parts)


def _answers(route: Route, verb: Verb) -> bool:
    # A route without an action serves every action of its command.
    return route.on is verb.command and (route.action is None or route.action is verb.action)


def _silent(route: Route, spoken: Iterable[Verb]) -> bool:
    """Returns whether no verb and no button leads to the route: events, free lines, what is not understood."""
    return not isinstance(route.on, Press) and not any(_answers(route, verb) for verb in spoken)


def _spoken(verb: Verb, route: Route) -> tuple[str, ...]:
    canonical = {verb.zh, verb.en}
    others = [word for word in verb.words if word not in canonical]
    examples = f"`{verb.zh_example}`<br>`{verb.en_example}`"
    return examples, _words(route.use_case), " · ".join(others), *use_case_cells(route.use_case)


def _pressed(press: Press, case: UseCase) -> tuple[str, ...]:
    return "<br>".join(button_words(press)), _words(case), *use_case_cells(case)


def _typed(row: Row) -> tuple[str, ...]:
    assert row.use_case is not None  # held by tests/house/test_use_cases.py
    return f"`{row.usage}`", row.words, *use_case_cells(row.use_case)


def _words(case: UseCase) -> str:
    return f"{case.zh}<br>{case.en}"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    return "\n".join(_lines(head, rows)) + "\n"


def _lines(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        # chr(92) is the backslash that keeps a `|` inside a cell.
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


if __name__ == "__main__":
    PAGE.write_text(commands_page(), encoding="utf-8")
