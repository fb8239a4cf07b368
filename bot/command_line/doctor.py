"""The command `python -m bot doctor`, which checks all that `serve` needs."""

import argparse
import asyncio
import logging
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from bot.checkup import (
    Mark,
    Row,
    database_rows,
    file_rows,
    key_rows,
    settings_rows,
    vault_rows,
    wecom_rows,
)
from bot.command_line.declaring import does
from config.logs import configure_logs
from config.settings import WECOM, Settings
from core.services import use_cases

NAME = "doctor"
HELP = (
    "自检：设置、数据库、密钥、备份目录、人员与审批人、时钟、企业微信 · "
    "Check settings, database, keys, vault, people and approvers, clocks and WeCom; changes nothing."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    does(parser, use_cases.DOCTOR)
    parser.add_argument("--offline", action="store_true", help="do not ask WeCom · 不访问企业微信")


def run(args: argparse.Namespace) -> int:
    settings, rows = settings_rows()
    if settings is not None:
        configure_logs(settings.secrets, level=logging.ERROR)
        rows += [*key_rows(settings), *file_rows(settings), *database_rows(settings), *vault_rows(settings)]
        if not args.offline and _can_ask(settings):
            rows += asyncio.run(wecom_rows(settings))
    _show(rows)
    return 1 if any(row.mark is Mark.BAD for row in rows) else 0


def _can_ask(settings: Settings) -> bool:
    held = {name: getattr(settings, name) for name in WECOM[:3]}  # token and AES key only matter to callbacks
    return bool(held["wecom_corp_id"] and held["wecom_agent_id"] and held["wecom_secret"].get_secret_value())


def _show(rows: Sequence[Row]) -> None:
    table = Table(show_header=False, box=None)
    for _ in range(3):
        table.add_column(overflow="fold")
    for row in rows:
        color = {Mark.GOOD: "green", Mark.NOTE: "yellow", Mark.BAD: "red"}[row.mark]
        table.add_row(f"[{color}]{row.mark}[/]", row.what, _plain(row.words))
    Console(soft_wrap=True).print(table)
    bad = sum(row.mark is Mark.BAD for row in rows)
    print(f"{bad} 项有问题 · {bad} to mend" if bad else "一切就绪 · All is well")


def _plain(words: str) -> str:
    """Escapes square brackets, such as those of a TOML section, which rich would read as colours."""
    return words.replace("[", r"\[")
