"""Keeps the chats over restarts: what people see, and what their open cards need, in one JSON file.

It leaves out on purpose: tokens (the bot fetches a new one), rate limits, faults and the logs of calls.
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
"""The version of the file's shape; it grows with every change, and a file of another shape is not read."""
EVERY = 1.0
"""Seconds between two savings, at least."""
SHARE = 0.1
"""Saving takes at most this share of the time, however long the chats grow."""


def save(world: World, path: Path) -> None:
    """Writes the whole file or leaves the old one, even when the process is killed. Prints errors of the disk."""
    part = path.with_name(f".{path.name}.part")
    try:
        # Only the owner may read the chats; the rename below replaces the old file in one step.
        part.touch(mode=0o600)
        part.write_text(json.dumps(_state(world), ensure_ascii=False), encoding="utf-8")
        os.replace(part, path)  # noqa: PTH105 - says what it does
    except OSError as error:
        print(f"聊天没有存下 / the chats were not saved: {error}", file=sys.stderr)


def load(world: World, path: Path) -> bool:
    """Reads the file into the world and tells whether it did. An unreadable file is reported and skipped."""
    if not path.exists():
        return False
    try:
        _put(world, json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        world.reset()  # half of the file may have been read in
        print(f"聊天没有读回 / the chats were not read again: {path}: {error!r}", file=sys.stderr)
        return False
    return True


async def keep_saved(world: World, path: Path) -> None:
    """Saves the chats within seconds after every change, until cancelled."""
    saved = world.feed.last_id
    pause = EVERY
    while True:
        await asyncio.sleep(pause)
        # Every change that people see is told to the page, so the feed shows whether there is one.
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
        # Without the codes, no card that was sent before could be updated after a restart.
        "codes": [asdict(code) for code in world.access.live_codes()],
        "repeats": [[key, at, answer] for key, (at, answer) in world.repeats.items()],
        "media": [_media(media) for media in world.media.values() if world.live_media(media.media_id)],
        "menu": world.menu,
    }


def _media(media: Media) -> dict[str, Any]:
    return {**asdict(media), "data": base64.b64encode(media.data).decode()}


def _put(world: World, state: dict[str, Any]) -> None:
    """Puts a saved state into the world. Raises ValueError, KeyError or TypeError for one of another form."""
    if state["shape"] != SHAPE:
        raise ValueError(f"shape {state['shape']}")
    for person in state["people"]:
        known = world.people.find(person["userid"])
        # Members of the roles file are as it says today; others were added while the sandbox ran.
        if known is None:
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
