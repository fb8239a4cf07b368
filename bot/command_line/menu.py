"""The command `python -m bot menu`."""

import argparse
import asyncio
import json
import sys

from bot.app import program_version
from bot.channels.wecom_app.client import WeComClient
from bot.channels.wecom_app.errors import unreachable_advice
from bot.command_line.declaring import does
from cards.menu import menu_json
from config.logs import configure_logs
from config.settings import WECOM, Settings, load_settings
from core.domain.errors import PlatformUnreachable
from core.domain.people import Language
from core.services import use_cases

NAME = "menu"
HELP = (
    "在企业微信里创建应用菜单 · Create the app's menu in WeCom: my customers, waiting for me, my requests, help."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    does(parser, use_cases.MENU)
    parser.add_argument("--language", choices=["zh", "en"], help="default: VOIDBOT_LANGUAGE")


def run(args: argparse.Namespace) -> int:
    """Creates the menu; returns 1 when WeCom cannot be reached.

    Raises PlatformRefused, which says what an administrator can do.
    """
    settings = load_settings(*WECOM)
    configure_logs(settings.secrets)
    try:
        asyncio.run(create(settings, Language(args.language or settings.language)))
    except PlatformUnreachable as error:
        print(unreachable_advice(error, settings.wecom_api_base), file=sys.stderr)
        return 1
    print("菜单已创建，重新进入应用即可看到 · The menu is there; people see it when they open the app again")
    return 0


async def create(settings: Settings, language: Language) -> None:
    client = WeComClient(
        corp_id=settings.wecom_corp_id,
        agent_id=settings.wecom_agent_id,
        secret=settings.wecom_secret.get_secret_value(),
        base_url=settings.wecom_api_base,
        version=program_version(),
    )
    try:
        await client.create_menu(json.loads(menu_json(language)))
    finally:
        await client.close()
