"""The menu under the chat (WeCom menu/create, path/90231): at most three entries, names of at most 16 bytes."""

import json
from enum import StrEnum

from cards.parts import CardError
from cards.texts.say import say
from core.domain.people import Language

NAME_BYTES = 16


class MenuKey(StrEnum):
    """What a menu entry sends back (EventKey of a click)."""

    MINE = "mine"
    WAITING = "waiting"
    MY_REQUESTS = "my_requests"
    HELP = "help"


def menu_json(language: Language) -> str:
    """The body of menu/create. One menu serves the whole company, so it speaks the company's language."""
    decisions = [_entry(language, MenuKey.WAITING), _entry(language, MenuKey.MY_REQUESTS)]
    buttons: list[dict[str, object]] = [
        dict(_entry(language, MenuKey.MINE)),
        {"name": _name(language, "requests"), "sub_button": decisions},
        dict(_entry(language, MenuKey.HELP)),
    ]
    return json.dumps({"button": buttons}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _entry(language: Language, key: MenuKey) -> dict[str, str]:
    return {"type": "click", "name": _name(language, key), "key": key.value}


def _name(language: Language, which: str) -> str:
    name = say(language, f"menu_{which}")
    if len(name.encode()) > NAME_BYTES:
        raise CardError(f"the menu name {name!r} is longer than {NAME_BYTES} bytes")
    return name
