"""The menu under the chat. WeCom allows three entries with names of at most 16 bytes (menu/create, path/90231)."""

import json
from enum import StrEnum

from cards.parts import CardError
from cards.texts.say import say
from core.domain.people import Language

NAME_BYTES = 16


class MenuKey(StrEnum):
    """The keys that the menu entries send back (EventKey of a click)."""

    MINE = "mine"
    WAITING = "waiting"
    MY_REQUESTS = "my_requests"
    HELP = "help"


def menu_json(language: Language) -> str:
    """Returns the body of menu/create. One menu serves the whole company, so it is in the company's language."""
    decisions = [_entry(language, MenuKey.WAITING), _entry(language, MenuKey.MY_REQUESTS)]
    # `dict` makes an entry of the wider type that the list holds; mypy does not take a dict[str, str] for it.
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
