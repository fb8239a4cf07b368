"""Applies passive replies (path/90241): decrypts the bot's answer to a callback and carries it out.

A passive update of a card changes only the copy of the person who tapped.
"""

import hmac
from typing import Any
from xml.etree import ElementTree as ET

from sandbox.chat import has_buttons, replace_buttons, replace_card
from sandbox.crypto import Seal, Unreadable, signature
from sandbox.errors import ApiError
from sandbox.message_rules import cut
from sandbox.plaintext import BadReply, card_of, child, read_xml
from sandbox.world import World

_TALK = frozenset({"text", "image", "voice", "video", "news"})
_CARDS = frozenset({"update_button", "update_template_card"})
# Events are compared in lower case: real payloads spell LOCATION in capitals.
_EVENTS_WITH_TALK = frozenset(
    {"subscribe", "enter_agent", "location", "click", "view", "view_miniprogram", "scancode_waitmsg"}
)


def allowed_kinds(event: str) -> frozenset[str]:
    """Returns the kinds of replies that a callback accepts; `event` is empty for messages."""
    if event == "template_card_event":
        return _CARDS
    if event == "template_card_menu_event":
        return _TALK | _CARDS
    return _TALK if not event or event.lower() in _EVENTS_WITH_TALK else frozenset()


def opened(seal: Seal, body: str) -> ET.Element:
    """Returns the decrypted reply of an envelope. Raises BadReply when its signature or content is wrong."""
    outer = read_xml(body)
    sealed, timestamp, nonce = child(outer, "Encrypt"), child(outer, "TimeStamp"), child(outer, "Nonce")
    if not sealed:
        raise BadReply("no Encrypt: not an envelope")
    if not timestamp.isdecimal():
        raise BadReply("TimeStamp is not a whole number")
    if not hmac.compare_digest(signature(seal.token, timestamp, nonce, sealed), child(outer, "MsgSignature")):
        raise BadReply("MsgSignature does not fit")
    try:
        return read_xml(seal.decrypt(sealed))
    except Unreadable as error:
        raise BadReply(f"Encrypt does not open: {error}") from error


def apply(world: World, seal: Seal, body: str, *, user: str, event: str, task_id: str) -> list[str]:
    """Carries out the reply and returns notes for the log. Raises BadReply when WeCom would ignore it."""
    reply = opened(seal, body)
    kind = child(reply, "MsgType")
    if kind not in allowed_kinds(event):
        raise BadReply(f"{kind or 'a reply without MsgType'} does not answer {event or 'a message'}")
    # A reply has the two names of its callback the other way round.
    if child(reply, "ToUserName").lower() != user.lower():
        raise BadReply("ToUserName is not the person who wrote")
    if child(reply, "FromUserName") != world.settings.corp_id:
        raise BadReply("FromUserName is not the corp")
    if not child(reply, "CreateTime").isdecimal():
        raise BadReply("CreateTime is missing")
    # A card is changed in place; any other reply is a new message in the chat.
    if kind in _CARDS:
        return _update(world, reply, kind, user, task_id)
    message = world.chats.add(user, "bot", world.clock.unix(), kind, _content(world, reply, kind))
    world.show(message)
    return []


def _update(world: World, reply: ET.Element, kind: str, user: str, task_id: str) -> list[str]:
    copy = world.chats.card_of(user, task_id)
    if copy is None or copy.card is None:
        raise BadReply("the person holds no such card")
    notes: list[str] = []
    if kind == "update_button":
        name = reply.findtext("Button/ReplaceName")
        if not name:
            raise BadReply("Button/ReplaceName is missing")
        if not has_buttons(copy.card):
            raise BadReply("update_button wants a button, vote or multiple card")
        replace_buttons(copy, name)
    else:
        element = reply.find("TemplateCard")
        if element is None:
            raise BadReply("TemplateCard is missing")
        card, unknown = card_of(element)
        check = world.check(updating=True)
        try:
            drawn = check.card(card)
        except ApiError as error:
            raise BadReply(f"{error.errcode} {error.errmsg}") from error
        replace_card(copy, drawn)
        notes = [f"{name} is not documented" for name in unknown] + check.notes
    world.show(copy)
    return notes


def _content(world: World, reply: ET.Element, kind: str) -> dict[str, Any]:
    if kind == "text":
        content = reply.findtext("Content") or ""
        if not content:
            raise BadReply("Content is empty")
        return {"content": cut(content)}
    if kind == "news":
        items = reply.findall("Articles/item")
        if not 1 <= len(items) <= 8:
            raise BadReply("1 to 8 articles")
        names = (("Title", "title"), ("Description", "description"), ("PicUrl", "picurl"), ("Url", "url"))
        return {"articles": [{name: child(item, tag) for tag, name in names} for item in items]}
    media = world.live_media(child(reply, f"{kind.capitalize()}/MediaId"))
    if media is None:
        raise BadReply("MediaId is unknown or expired")
    return {"media_id": media.media_id, "file_name": media.file_name, "size": len(media.data)}
