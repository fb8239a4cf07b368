"""`python -m bot serve`."""

import argparse
import gc
import re
import sys

from aiohttp import web

from bot.app import create_app
from bot.wecom.views import SERVER_OPTIONS
from config.logs import configure_logs
from config.settings import KEYS, WECOM, load_settings

NAME = "serve"
HELP = "运行机器人 · Run the bot: the callback, the worker and the reminders."
SHUTDOWN_SECONDS = 5.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """All there is to set is in the environment."""


def run(args: argparse.Namespace) -> int:  # noqa: ARG001  # every command is called alike
    settings = load_settings(*WECOM, *KEYS)
    configure_logs(settings.secrets)
    app = create_app(settings)
    gc.freeze()  # or looking through all that is loaded would stop everything for 70 ms, time and again
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
        return 1
    return 0


def _tell(words: str) -> None:
    """Once it listens, with the port it got: VOIDBOT_PORT=0 takes any free one."""
    for address in re.findall(r"http://[^\s,]+", words):
        print(f"voidbot: {address}", flush=True)
