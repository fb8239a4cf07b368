"""The command `python -m bot serve`, which runs the bot."""

import argparse
import gc
import re
import sys

from aiohttp import web

from bot.app import create_app
from bot.channels.wecom_app.views import SERVER_OPTIONS
from bot.command_line.audit import told
from bot.command_line.declaring import does
from bot.command_line.opening import open_database
from config.logs import configure_logs
from config.settings import KEYS, WECOM, Settings, load_settings
from core.domain.errors import AuditBroken
from core.services import use_cases

NAME = "serve"
HELP = "运行机器人 · Run the bot: the callback, the worker and the reminders."
SHUTDOWN_SECONDS = 5.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds no option, because every setting is in the environment."""
    does(parser, use_cases.SERVE)


def run(args: argparse.Namespace) -> int:  # noqa: ARG001  # every command has this signature
    settings = load_settings(*WECOM, *KEYS)
    configure_logs(settings.secrets)
    try:
        app = create_app(settings)
    except AuditBroken as broken:
        return _refuse(settings, broken)
    # Else each full collection would look through all that is loaded, and stop everything for 70 ms.
    gc.freeze()
    address = f"{settings.host}:{settings.port}"
    try:
        web.run_app(
            app,
            host=settings.host,
            port=settings.port,
            print=_tell,
            access_log=None,
            shutdown_timeout=SHUTDOWN_SECONDS,
            **SERVER_OPTIONS,
        )
    except OSError as error:
        print(f"无法在 {address} 上监听 · Cannot listen on {address}: {error.strerror}", file=sys.stderr)
        print("VOIDBOT_HOST, VOIDBOT_PORT", file=sys.stderr)
        return 1
    return 0


def _refuse(settings: Settings, broken: AuditBroken) -> int:
    """Tells why the bot does not start: a start is logged, and nothing is added to a log that does not hold."""
    database = open_database(settings)
    try:
        verdict = database.read_sync(lambda uow: uow.audit.verify())
    finally:
        database.close()
    print("日志校验不通过，机器人没有启动，什么都没有做。", file=sys.stderr)
    print("The log does not hold: the bot has not started, and nothing was done.", file=sys.stderr)
    if verdict.flaw is None:  # the log was mended meanwhile, or another process wrote between the two looks
        print(f"  {broken}", file=sys.stderr)
    else:
        print(f"  第 {verdict.bad_seq} 条 · entry {verdict.bad_seq}: {told(verdict)}", file=sys.stderr)
    print("请查明原因 · Find out why: python -m bot audit verify; docs/audit.md", file=sys.stderr)
    return 1


def _tell(words: str) -> None:
    """Prints the address once the bot listens, with the real port: VOIDBOT_PORT=0 takes any free one."""
    for address in re.findall(r"http://[^\s,]+", words):
        print(f"voidbot: {address}", flush=True)
