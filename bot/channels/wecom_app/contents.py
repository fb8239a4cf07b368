"""Turns the decrypted XML of a callback into one of a closed set of contents (path/90239, path/90240)."""

import re
from collections.abc import Callable, Mapping

from bot.channels.wecom_app.errors import CallbackRefused
from bot.channels.wecom_app.xml import Fields, Node
from core.domain.incoming import (
    AppStanding,
    Content,
    Entered,
    Joined,
    Left,
    Media,
    MediaKind,
    MenuClick,
    Standing,
    Tap,
    Text,
    Unknown,
    Unreadable,
)

READ = frozenset(
    {"ToUserName", "FromUserName", "CreateTime", "MsgType", "MsgId", "AgentID", "Content", "MediaId"}
    | {"Event", "EventKey", "TaskId", "ResponseCode", "SelectedItems", "EffectTime"}
)
"""The nodes of the decrypted document that are read, so each may occur only once."""

MAX_KEY_BYTES = 1024
"""WeCom's bound on button keys and question keys; no response code was ever seen as long."""

MAX_TEXT_BYTES = 64 * 1024
"""WeCom's own bound on a text is 2048 bytes (path/90239)."""

_KIND = re.compile(r"[a-z][a-z0-9_.-]{0,63}")
_SECONDS = re.compile(r"[0-9]{1,10}")
_TASK_ID = re.compile(r"[0-9A-Za-z_@-]{1,128}")
_MEDIA = {kind.value: kind for kind in MediaKind}


def content_of(fields: Fields) -> Content:
    """Returns what has happened. An event that we do not know is `Unknown`: WeCom adds new ones over time.

    What a member has sent and we cannot understand is `Unreadable`.
    """
    make: Callable[[Fields], Content] = _message
    if is_event(fields):
        event = _slug(fields.get("Event", ""))
        if event not in _EVENTS:
            return Unknown(event or "nameless")
        make = _EVENTS[event]
    try:
        return make(fields)
    except CallbackRefused as malformed:
        return Unreadable(malformed.why)


def is_event(fields: Fields) -> bool:
    return _slug(fields.get("MsgType", "")) == "event"


def _message(fields: Fields) -> Content:
    """Returns what a member has written or sent. Raises CallbackRefused for a malformed or unknown message."""
    kind = _slug(fields.get("MsgType", ""))
    if kind == "text":
        text = fields["Content"]
        if len(text.encode()) > MAX_TEXT_BYTES:
            raise CallbackRefused("long text")
        return Text(text)
    if kind in _MEDIA:
        return Media(_MEDIA[kind], _key(fields.optional("MediaId")))
    raise CallbackRefused(f"unknown kind {kind}".strip())


def _slug(name: str) -> str:
    """Returns the name in lower case, as the documents have it: some senders write CLICK and VIEW. "" is none."""
    name = name.lower()
    return name if _KIND.fullmatch(name) else ""


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


def _standing(fields: Fields, standing: Standing) -> AppStanding:
    effective = fields.get("EffectTime", "")
    return AppStanding(standing, int(effective) if _SECONDS.fullmatch(effective) else 0)


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
    # The warnings before and after WeCom stops an app that is hardly used; then every call is refused (48006).
    "inactive_alert": lambda fields: _standing(fields, Standing.THREATENED),
    "low_active_alert": lambda fields: _standing(fields, Standing.THREATENED),
    "close_inactive_agent": lambda fields: _standing(fields, Standing.STOPPED),
    "low_active": lambda fields: _standing(fields, Standing.STOPPED),
    "reopen_inactive_agent": lambda fields: _standing(fields, Standing.RUNNING),
    "active_restored": lambda fields: _standing(fields, Standing.RUNNING),
}
