"""Turns an `Incoming` into the JSON text of an inbox row, and back. Its address is in columns of the row."""

import json
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from core.domain.address import Address, Channel
from core.domain.incoming import (
    AppStanding,
    Content,
    Entered,
    Incoming,
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
from core.domain.people import PersonId

_KINDS: dict[str, type[Content]] = {
    kind.__name__: kind
    for kind in (Text, Tap, MenuClick, Entered, Joined, Left, Media, AppStanding, Unknown, Unreadable)
}


def dump(incoming: Incoming) -> str:
    content = asdict(incoming.content)
    return json.dumps(
        {
            "key": incoming.key,
            "sender": incoming.address.person,
            "sender_userid": incoming.sender_userid,
            "sent_at": incoming.sent_at.isoformat(),
            "raw_hash": incoming.raw_hash,
            "kind": type(incoming.content).__name__,
            "content": content,
        },
        ensure_ascii=False,
    )


def load(text: str, channel: str, conversation: str) -> Incoming:
    """Returns the `Incoming` of a row. Rows of all versions so far have the same form."""
    data = json.loads(text)
    return Incoming(
        key=data["key"],
        address=Address(Channel(channel), PersonId(data["sender"]), conversation),
        sender_userid=data["sender_userid"],
        sent_at=datetime.fromisoformat(data["sent_at"]),
        content=_content(_KINDS[data["kind"]], data["content"]),
        raw_hash=data["raw_hash"],
    )


def _content(kind: type[Content], data: dict[str, Any]) -> Content:
    values = {field.name: data[field.name] for field in fields(kind)}
    if kind is Tap:  # JSON has no tuples
        values["selected"] = {key: tuple(ids) for key, ids in data["selected"].items()}
    if kind is Media:
        values["kind"] = MediaKind(data["kind"])
    if kind is AppStanding:
        values["standing"] = Standing(data["standing"])
    return kind(**values)
