"""Checks the menu of menu/create (path/90231): counts, kinds of buttons, and limits in bytes."""

from typing import Any

from sandbox.errors import ApiError

# Kinds whose tap sends a key to the app; the other kinds open something in the client.
_WITH_KEY = {"click", "scancode_push", "scancode_waitmsg", "pic_sysphoto", "pic_photo_or_album", "pic_weixin"}
_KINDS = _WITH_KEY | {"location_select", "view", "view_miniprogram"}


def checked(menu: dict[str, Any]) -> dict[str, Any]:
    """Returns the menu as it was given. Raises ApiError when WeCom would refuse it."""
    buttons = menu.get("button")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
        raise ApiError(40016, "1 to 3 buttons")
    for button in buttons:
        if not isinstance(button, dict):
            raise ApiError(40016, "a button must be an object")
        children = button.get("sub_button")
        # A button with a sub menu only opens it, so it needs a name and nothing else.
        if children:
            _name(button)
            if not isinstance(children, list) or not 1 <= len(children) <= 5:
                raise ApiError(40023, "1 to 5 sub buttons")
            for child in children:
                _leaf(child)
        else:
            _leaf(button)
    return {"button": buttons}


def _name(button: dict[str, Any]) -> None:
    name = button.get("name")
    if not isinstance(name, str) or not 0 < len(name.encode()) <= 16:
        raise ApiError(40018, "name must have 1 to 16 bytes")


def _leaf(button: Any) -> None:
    if not isinstance(button, dict):
        raise ApiError(40016, "a button must be an object")
    _name(button)
    kind = button.get("type")
    if kind not in _KINDS:
        raise ApiError(40017, "invalid button type")
    if kind in _WITH_KEY | {"location_select"}:
        key = button.get("key")
        if not isinstance(key, str) or not 0 < len(key.encode()) <= 128:
            raise ApiError(40019, "key must have 1 to 128 bytes")
    if kind == "view":
        url = button.get("url")
        if not isinstance(url, str) or not 0 < len(url.encode()) <= 1024:
            raise ApiError(40020, "url must have 1 to 1024 bytes")
    if kind == "view_miniprogram" and not (button.get("appid") and button.get("pagepath")):
        raise ApiError(40058, "appid and pagepath are missing")
