"""The command line, `python -m bot COMMAND`. It loads the module of a command only when that command is given."""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Protocol, cast

from bot.command_line.declaring import declared
from core.domain.errors import ConfigError, StoreUnavailable, VoidbotError
from core.services import use_cases
from core.services.gate import Unnamed, admit

HOLDS, FAILED, BAD_USE = 0, 1, 2
COMMANDS: Mapping[str, str] = {
    "serve": use_cases.SERVE.words,
    "init": use_cases.INIT.words,
    "doctor": use_cases.DOCTOR.words,
    "menu": use_cases.MENU.words,
    "import": use_cases.IMPORT.words,
    "audit": "校验或导出日志 · verify or export the log",
    "backup": "校验或恢复备份 · verify or restore backups",
    "db": "升级数据库 · bring the database to the newest version",
}
"""The commands, each with its line in the help, which is shown without loading any module."""
_MODULES = {"import": "import_command"}
"""The modules of commands whose name cannot be a module name; `import` is a word of Python."""


class Command(Protocol):
    """What each command's module in bot/command_line holds."""

    NAME: str
    HELP: str

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None: ...
    @staticmethod
    def run(args: argparse.Namespace) -> int: ...


def load(name: str) -> Command:
    return cast(Command, import_module(f"bot.command_line.{_MODULES.get(name, name)}"))


def build_parser(chosen: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bot",
        description="voidbot: takes customers out of a CRM safely · 安全地作废客户",
        epilog="Exit code: 0 it holds, 1 it does not, 2 bad use · 退出码：0 成立，1 不成立，2 用法或配置有误",
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, line in COMMANDS.items():
        if name == chosen:  # the others need no arguments, as they are only listed
            command = load(name)
            command.add_arguments(commands.add_parser(name, help=line, description=command.HELP))
        else:
            commands.add_parser(name, help=line)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    words = list(sys.argv[1:] if argv is None else argv)
    chosen = words[0] if words and words[0] in COMMANDS else None
    args = build_parser(chosen).parse_args(words)
    try:
        admit(declared(args), Unnamed.OPERATOR)  # whoever runs a command on the machine is its operator
        return load(args.command).run(args)
    except ConfigError as error:
        print(f"配置有误 · The configuration is wrong ({error.where}):", file=sys.stderr)
        for fault in error.faults:
            print(f"  - {fault}", file=sys.stderr)
        return BAD_USE
    except StoreUnavailable as error:
        print(f"数据库不可用 · The database is not available: {error}", file=sys.stderr)
    except VoidbotError as error:
        print(f"未完成 · It could not be done: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("已中断 · Interrupted", file=sys.stderr)
    return FAILED


if __name__ == "__main__":
    os.umask(0o077)  # database, backups and keys are for this user alone
    sys.exit(main())
