"""Our parser against the payload shapes WeCom documents and those seen live."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.channels.wecom_app.callback import CallbackDoor
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
from tests.wecom import NOW, WeComSide

PAYLOADS = json.loads((Path(__file__).parents[1] / "data/wecom/payloads.json").read_text(encoding="utf-8"))
SIDE = WeComSide()
DOOR = CallbackDoor(SIDE.token, SIDE.aes_key, SIDE.corp_id, int(SIDE.agent_id))


def expected(want: dict[str, Any]) -> Content:
    match want:
        case {"kind": "Text", "content": text}:
            return Text(text)
        case {"kind": "Media", "media": media, "media_id": media_id}:
            return Media(MediaKind(media), media_id)
        case {"kind": "Tap", **fields}:
            selected = {question: tuple(options) for question, options in fields.pop("selected").items()}
            return Tap(**fields, selected=selected)
        case {"kind": "MenuClick", "key": key}:
            return MenuClick(key)
        case {"kind": "Unknown", "name": name}:
            return Unknown(name)
        case {"kind": "AppStanding", "standing": standing, "effective_at": effective_at}:
            return AppStanding(Standing(standing), effective_at)
        case {"kind": "Unreadable", "why": why}:
            return Unreadable(why)
    plain: dict[str, Content] = {"Entered": Entered(), "Joined": Joined(), "Left": Left()}
    return plain[want["kind"]]


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda p: p["id"])
def test_every_known_shape_is_understood(payload):
    """Each payload, sealed and posted, becomes the content it means."""
    body, query = SIDE.post(payload["xml"])

    incoming = DOOR.open(body, query, NOW).incoming

    assert incoming.content == expected(payload["content"])
    assert incoming.sent_at == NOW
    assert incoming.address.person in {"zhangsan", "sys"}
    assert incoming.sender_userid in {"ZhangSan", "sys"}


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda p: p["id"])
def test_a_retry_of_wecom_has_the_same_key(payload):
    """WeCom seals a retry afresh, with a new signature: the message key is what stays."""
    first = DOOR.open(*SIDE.post(payload["xml"]), NOW)
    second = DOOR.open(*SIDE.post(payload["xml"], NOW + timedelta(seconds=9)), NOW + timedelta(seconds=10))

    assert first.signature != second.signature
    assert first.incoming == second.incoming


def test_no_two_shapes_share_an_event_key():
    """Two different events of one person in one second are two events."""
    keys = [DOOR.open(*SIDE.post(p["xml"]), NOW).incoming.key for p in PAYLOADS]
    events = [key for key in keys if key.startswith("e:")]

    assert len(set(events)) == len(events) >= 20
    assert {key for key in keys if key.startswith("m:")} == {"m:1234567890123456"}
