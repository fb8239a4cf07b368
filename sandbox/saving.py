"""The chats outlive the process: what people see and what their open cards need, in one JSON file.

Left out on purpose: tokens (the bot fetches a new one), rate windows, faults and the logs of calls.
"""

import asyncio
import base64
import json
import os
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sandbox.access import Code
from sandbox.chat import Chats, Message, Sent
from sandbox.people import Person
from sandbox.world import Media, World

SHAPE = 1
"""Grows when the file's shape changes: another one is not read."""
EVERY = 1.0
SHARE = 0.1
"""Saving takes at most that part of the time, however long the chats grow."""


def save(world: World, path: Path) -> None:
    """Whole or not at all, also when the process is killed meanwhile; a disk that refuses is told of."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.touch(mode=0o600)
        part.write_text(json.dumps(_state(world), ensure_ascii=False), encoding="utf-8")
        os.replace(part, path)  # noqa: PTH105 - says what it does
    except OSError as error:
        print(f"聊天没有存下 / the chats were not saved: {error}", file=sys.stderr)


def load(world: World, path: Path) -> bool:
    """Whether something was read; a file that cannot be is told of and left out."""
    if not path.exists():
        return False
    try:
        _put(world, json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        world.reset()
        print(f"聊天没有读回 / the chats were not read again: {path}: {error!r}", file=sys.stderr)
        return False
    return True


async def keep_saved(world: World, path: Path) -> None:
    """Whatever the page was told of is in the file within seconds; until cancelled."""
    saved = world.feed.last_id
    pause = EVERY
    while True:
        await asyncio.sleep(pause)
        if world.feed.last_id == saved:
            continue
        began, saved = time.monotonic(), world.feed.last_id
        save(world, path)
        pause = max(EVERY, (time.monotonic() - began) / SHARE)


def _state(world: World) -> dict[str, Any]:
    return {
        "shape": SHAPE,
        "people": [asdict(person) for person in world.people],
        "messages": [asdict(message) for message in world.chats],
        "sent": [asdict(sent) for sent in world.sent.values()],
        "codes": [asdict(code) for code in world.access.live_codes()],
        "repeats": [[key, at, answer] for key, (at, answer) in world.repeats.items()],
        "media": [_media(media) for media in world.media.values() if world.live_media(media.media_id)],
        "menu": world.menu,
    }


def _media(media: Media) -> dict[str, Any]:
    return {**asdict(media), "data": base64.b64encode(media.data).decode()}


def _put(world: World, state: dict[str, Any]) -> None:
    """Raises ValueError, KeyError or TypeError for what `_state` did not write."""
    if state["shape"] != SHAPE:
        raise ValueError(f"shape {state['shape']}")
    for person in state["people"]:
        known = world.people.find(person["userid"])
        if known is None:  # added while it ran; who the roles file names is as it says today
            world.people.add(Person(**{**person, "roles": tuple(person["roles"])}))
        else:
            known.visible, known.status = person["visible"], person["status"]
    world.chats = Chats([Message(**message) for message in state["messages"]])
    world.sent = {sent["msgid"]: Sent(**sent) for sent in state["sent"]}
    world.tasks = {sent.task_id: sent for sent in world.sent.values() if sent.task_id}
    world.access.put_codes(Code(**code) for code in state["codes"])
    world.repeats = {key: (at, answer) for key, at, answer in state["repeats"]}
    media = [Media(**{**each, "data": base64.b64decode(each["data"])}) for each in state["media"]]
    world.media = {each.media_id: each for each in media}
    world.menu = state["menu"]
