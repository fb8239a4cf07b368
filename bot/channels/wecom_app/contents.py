"""Turns the decrypted XML of a callback into one of a closed set of contents (path/90239, path/90240)."""

import re
from collections.abc import Callable, Mapping

from bot.channels.wecom_app.errors import CallbackRefused
from bot.channels.wecom_app.xml import Fields, Node
from core.domain.incoming import (
    Content,
    Entered,
    Joined,
    Left,
    Media,
    MediaKind,
    MenuClick,
    Tap,
    Text,
    Unknown,
)

EVENT = "event"

READ = frozenset(
    {"ToUserName", "FromUserName", "CreateTime", "MsgType", "MsgId", "AgentID", "Content", "MediaId"}
    | {"Event", "EventKey", "TaskId", "ResponseCode", "SelectedItems"}
)
"""The nodes of the decrypted document that are read, so each may occur only once."""

MAX_KEY_BYTES = 1024
"""WeCom's bound on button keys and question keys; no response code was ever seen as long."""

_KIND = re.compile(r"[a-z][a-z0-9_.-]{0,63}")
_TASK_ID = re.compile(r"[0-9A-Za-z_@-]{1,128}")
_MEDIA = {kind.value: kind for kind in MediaKind}


def content_of(kind: str, fields: Fields) -> Content:
    """Returns what has happened. An event or kind that we do not know is `Unknown`: WeCom adds new ones over time.

    `kind` is what `kind_of` returned. Raises CallbackRefused when a node that we read is malformed.
    """
    if kind == "text":
        return Text(fields["Content"])
    if kind in _MEDIA:
        return Media(_MEDIA[kind], _key(fields.optional("MediaId")))
    if kind != EVENT:
        return Unknown(kind)
    event = _slug(fields["Event"])
    make = _EVENTS.get(event)
    return make(fields) if make else Unknown(event)


def kind_of(fields: Fields) -> str:
    return _slug(fields["MsgType"])


def _slug(name: str) -> str:
    """Returns the name in lower case, as the documents have it; some senders write CLICK and VIEW."""
    name = name.lower()
    if _KIND.fullmatch(name) is None:
        raise CallbackRefused("odd name")
    return name


def _key(text: str | None) -> str:
    text = text or ""
    if len(text.encode()) > MAX_KEY_BYTES or not text.isprintable():
        raise CallbackRefused("odd key")
    return text


def _tap(fields: Fields) -> Tap:
    task_id = fields["TaskId"]
    if _TASK_ID.fullmatch(task_id) is None:
        raise CallbackRefused("odd task id")
    return Tap(
        task_id=task_id,
        key=_key(fields["EventKey"]),
        response_code=_key(fields.optional("ResponseCode")),
        selected=_selected(fields.node("SelectedItems")),
    )


def _selected(items: Node | None) -> dict[str, tuple[str, ...]]:
    """Returns the chosen option ids by question_key. No node, an empty one and items without options all occur."""
    selected: dict[str, tuple[str, ...]] = {}
    for item in _children(items, "SelectedItem"):
        fields = Fields(item, ("QuestionKey", "OptionIds"))
        question = _key(fields["QuestionKey"])
        if question in selected:
            raise CallbackRefused("question twice")
        options = _children(fields.node("OptionIds"), "OptionId")
        if any(option.children for option in options):
            raise CallbackRefused("node has children")
        selected[question] = tuple(_key(option.text) for option in options if option.text)
    return selected


def _children(parent: Node | None, name: str) -> list[Node]:
    """Returns the child nodes of this name. Raises CallbackRefused when the parent holds text instead."""
    if parent is None:
        return []
    if not parent.children and parent.text.strip():
        raise CallbackRefused("text where nodes belong")
    return [child for child in parent.children if child.name == name]


_EVENTS: Mapping[str, Callable[[Fields], Content]] = {
    "template_card_event": _tap,
    "template_card_menu_event": _tap,  # the corner menu of a card: the same nodes without selections
    "click": lambda fields: MenuClick(_key(fields["EventKey"])),
    "enter_agent": lambda _: Entered(),
    "subscribe": lambda _: Joined(),
    "unsubscribe": lambda _: Left(),
}
