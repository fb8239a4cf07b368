"""`python -m bot.docs` writes docs/commands.md from the tables the bot itself works by."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from bot.docs_command_line import command_line_rows
from cards.keys import Press
from cards.texts.say import say
from core.domain.people import Language
from handlers.route import RightOf, Route
from handlers.table import ROUTES
from language.verbs import VERBS, Verb

PAGE = Path("docs/commands.md")
_INTRO = """\
# 命令 · Commands

<!-- Written by `make docs` from handlers/table.py and language/verbs.py; changes belong there. -->

中文英文都可以，词序随意。权限由角色给出，见 `config/roles.toml`，动手前统一问一次；看得到谁的记录、是谁的申请、
由谁审批，由记录和申请自己判断。「申请的那个动作」：确认一张删除卡片要有删除权限。「所问的那件事」：挑一个客户来归档
要有归档权限，写驳回理由要有审批权限，只看不改只要查看权限。
Chinese and English both work. A right is granted by roles, see `config/roles.toml`, and asked once, before
anything is done; which records somebody sees, whose request it is and who decides it is asked of the record and
the request. "The request's action": confirming a card that deletes needs delete. "What was asked": picking a
customer to archive needs archive, the line with the reason of a rejection needs approve, a look needs view.
"""
_HANGING = {
    RightOf.REQUEST: "申请的那个动作 · that of the request's action",
    RightOf.QUESTION: "所问的那件事 · that of what was asked",
}
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
            ("例子 · Example", "做什么 · What it does", "也可以说 · Also", "权限 · Right"),
            (_spoken(verb, route) for route in ROUTES for verb in spoken if _answers(route, verb)),
        ),
        "## 按钮 · Buttons\n",
        _table(
            ("按钮 · Button", "English", "权限 · Right"),
            ((route.zh, route.en, _right(route)) for route in ROUTES if isinstance(route.on, Press)),
        ),
        "## 其他消息 · Anything else\n",
        _table(
            ("什么 · What", "English", "权限 · Right"),
            ((route.zh, route.en, _right(route)) for route in ROUTES if _silent(route, spoken)),
        ),
        "## 还不办的事 · Not offered in this version\n",
        _LATER,
        _table(
            ("说法 · Words", "English", "例子 · Example"),
            ((verb.zh, verb.en, f"`{verb.zh_example}`") for verb in VERBS if not verb.offered),
        ),
        "## 命令行 · Command line\n",
        _SHELL,
        _table(
            ("命令 · Command", "做什么 · What it does"),
            ((f"`{usage}`", words) for usage, words in command_line_rows()),
        ),
    ]
    return "\n".join(parts)


def _answers(route: Route, verb: Verb) -> bool:
    return route.on is verb.command and (route.action is None or route.action is verb.action)


def _silent(route: Route, spoken: Iterable[Verb]) -> bool:
    """A route that no verb and no button leads to: events, free lines, what is not understood."""
    return not isinstance(route.on, Press) and not any(_answers(route, verb) for verb in spoken)


def _spoken(verb: Verb, route: Route) -> tuple[str, ...]:
    canonical = {verb.zh, verb.en}
    others = [word for word in verb.words if word not in canonical]
    examples = f"`{verb.zh_example}`<br>`{verb.en_example}`"
    return examples, f"{route.zh}<br>{route.en}", " · ".join(others), _right(route)


def _right(route: Route) -> str:
    if route.right is None:
        return "—"
    if isinstance(route.right, RightOf):
        return _HANGING[route.right]
    return f"{say(Language.ZH, f'right_{route.right}')} · {route.right}"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    return "\n".join(_lines(head, rows)) + "\n"


def _lines(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


if __name__ == "__main__":
    PAGE.write_text(commands_page(), encoding="utf-8")
