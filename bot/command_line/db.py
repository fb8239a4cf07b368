"""The command `python -m bot db upgrade`."""

import argparse

from bot.command_line.declaring import sub_command
from config.settings import load_settings
from core.services import use_cases
from core.storage.migrate import is_current, upgrade

NAME = "db"
HELP = "升级数据库到最新版本 · Bring the database to the newest version."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    sub_command(commands, "upgrade", use_cases.DB_UPGRADE)


def run(args: argparse.Namespace) -> int:
    """Upgrades the database; needs no other setting."""
    assert args.what == "upgrade"
    url = load_settings().database_url
    if is_current(url):
        print("数据库已是最新版本 · The database is up to date")
        return 0
    upgrade(url)
    print("数据库已升级到最新版本 · The database has been brought to the newest version")
    return 0
