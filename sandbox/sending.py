"""Carries out message/send, message/update_template_card and message/recall on the world."""

import json
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sandbox.card_tables import INTERACTIVE
from sandbox.chat import Message, Sent, has_buttons, replace_buttons, replace_card
from sandbox.errors import ApiError
from sandbox.message_rules import KINDS, PARAMETER, content_of
from sandbox.people import Person
from sandbox.settings import HOUR
from sandbox.world import World

LONGEST_REPEAT_INTERVAL = 4 * HOUR
"""The largest duplicate_check_interval (path/90236)."""


@dataclass(slots=True)
class Report:
    """The notes of the call log beside the answer: ignored fields, and recipients whose message was dropped."""

    notes: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)


def check_agent(world: World, request: dict[str, Any]) -> None:
    """Raises ApiError unless the request names the app that the token belongs to."""
    agent = request.get("agentid")
    if isinstance(agent, bool) or not isinstance(agent, int):
        raise ApiError(PARAMETER, "agentid must be a number")
    if agent <= 0:
        raise ApiError(40056, "invalid agentid")
    if agent != world.settings.agent_id:
        raise ApiError(301002, "not allowed to operate another agent with this accesstoken")


def send(world: World, request: dict[str, Any], report: Report) -> dict[str, Any]:
    """Puts the message into the recipients' chats and returns the answer of message/send. Raises ApiError."""
    check_agent(world, request)
    kind = request.get("msgtype")
    if kind != "template_card" and kind not in KINDS:
        raise ApiError(40008, "invalid message type")
    for name, allowed in (("safe", (0, 1)), ("enable_id_trans", (0, 1)), ("enable_duplicate_check", (0, 1))):
        if request.get(name, 0) not in allowed:
            raise ApiError(PARAMETER, f"{name} must be one of {allowed}")
    people, invalid = _recipients(world, request)
    # A repeat is answered before its content is looked at: a card's task_id would be refused as used.
    repeated = _repeated(world, request)
    if repeated is not None:
        report.notes.append("dropped by the duplicate check")
        return repeated
    content, task_id, updatable = _content(world, kind, request, report)
    reached = [p for p in people if p.userid not in invalid["invaliduser"]]
    if not reached:
        raise ApiError(81013, "all recipients are invalid", **_joined(invalid))
    # Counted only now: a request that is refused uses up no quota and no task_id.
    world.access.day_room(len(reached))
    sent = Sent(f"msg{secrets.token_urlsafe(40)}", world.clock.unix(), kind, task_id, updatable=updatable)
    world.sent[sent.msgid] = sent
    if task_id:
        world.tasks[task_id] = sent
    for person in reached:
        _deliver(world, person, sent, content, report)
    answer = {**_joined(invalid), "msgid": sent.msgid}
    if updatable:
        answer["response_code"] = world.access.new_code(task_id)
    _remember(world, request, answer)
    return answer


def _content(world: World, kind: str, request: dict[str, Any], report: Report) -> tuple[dict[str, Any], str, bool]:
    """Returns the checked body, its task_id, and whether the card can be updated later. Raises ApiError."""
    if kind != "template_card":
        return content_of(world, kind, request), "", False
    check = world.check(updating=False)
    # The notes are of use also when the card is refused.
    try:
        card = check.card(request.get("template_card"))
    finally:
        report.notes += check.notes
    if any(media_id and world.live_media(media_id) is None for media_id in _attachments(card)):
        raise ApiError(40007, "horizontal_content_list: invalid media_id")
    # A task_id is good for one message, for ever (path/90236). The bot relies on it: a resend cannot send twice.
    if card.get("task_id") in world.tasks:
        raise ApiError(42014, "task_id was used before")
    updatable = card["card_type"] in INTERACTIVE or "action_menu" in card
    if updatable and not world.settings.callback:
        raise ApiError(43012, "the app has no callback URL")
    return card, card.get("task_id", ""), updatable


def _attachments(card: dict[str, Any]) -> list[Any]:
    return [row.get("media_id") for row in card.get("horizontal_content_list", ()) if row.get("type") == 2]


def _deliver(world: World, person: Person, sent: Sent, content: dict[str, Any], report: Report) -> None:
    # WeCom drops messages above the limit of a member, and still answers with errcode 0 (path/90312).
    if not world.access.member_room(person.userid) or world.faults.take("silent_drop", "message/send"):
        report.dropped.append(person.userid)
        return
    sent.users.append(person.userid)
    message = world.chats.add(
        person.userid, "bot", sent.at, sent.kind, content, msgid=sent.msgid, task_id=sent.task_id
    )
    world.show(message)


# recipients


def _listed(request: dict[str, Any], name: str, most: int, errcode: int) -> list[str]:
    value = request.get(name)
    if value is None or value == "":
        return []
    if not isinstance(value, str):
        raise ApiError(PARAMETER, f"{name} must be a string joined by |")
    # The samples of path/90236 show blanks round the bar.
    entries = [part for part in re.split(r"\s*\|\s*", value.strip()) if part]
    if len(entries) > most:
        raise ApiError(errcode, f"{name} holds more than {most}")
    return entries


def _recipients(world: World, request: dict[str, Any]) -> tuple[list[Person], dict[str, list[str]]]:
    """Returns each recipient once, and the entries that match nobody, in which userids are in lower case."""
    users = _listed(request, "touser", 1000, PARAMETER)
    parties = _listed(request, "toparty", 100, 82002)
    tags = _listed(request, "totag", 100, 82003)
    if not (users or parties or tags):
        raise ApiError(82001, "touser, toparty and totag are all empty")
    found: dict[str, Person] = {}
    invalid: dict[str, list[str]] = {"invaliduser": [], "invalidparty": [], "invalidtag": []}
    shunned = {name.lower() for name in world.faults.invalid_users}
    # With @all, parties and tags are ignored (path/90236).
    if "@all" in users:
        return [p for p in world.people.in_range() if p.userid.lower() not in shunned], invalid
    for userid in users:
        person = world.people.find(userid)
        if person is None or person not in world.people.in_range() or userid.lower() in shunned:
            invalid["invaliduser"].append(userid.lower())
        else:
            found[person.userid] = person
    for party in parties:
        if party == "1":  # the root department holds everybody; there is no other
            found |= {p.userid: p for p in world.people.in_range() if p.userid.lower() not in shunned}
        else:
            invalid["invalidparty"].append(party)
    invalid["invalidtag"] = tags  # this corp has no tags
    return list(found.values()), invalid


def _joined(invalid: dict[str, list[str]]) -> dict[str, str]:
    return {name: "|".join(entries) for name, entries in invalid.items() if entries}


# duplicate check


def _repeat_key(request: dict[str, Any]) -> str:
    # "The same JSON" is all the page says; the order of its fields makes no difference here.
    return json.dumps(request, sort_keys=True, ensure_ascii=False)


def _repeated(world: World, request: dict[str, Any]) -> dict[str, Any] | None:
    if not request.get("enable_duplicate_check"):
        return None
    interval = request.get("duplicate_check_interval", 1800)
    if isinstance(interval, bool) or not isinstance(interval, int) or not 0 < interval <= LONGEST_REPEAT_INTERVAL:
        raise ApiError(PARAMETER, "duplicate_check_interval must be 1 to 14400 seconds")
    first = world.repeats.get(_repeat_key(request))
    if first is None or first[0] + interval <= world.clock.now():
        return None
    return dict(first[1]) if world.doubts.duplicate_repeats_msgid else {}


def _remember(world: World, request: dict[str, Any], answer: dict[str, Any]) -> None:
    if request.get("enable_duplicate_check"):
        world.repeats[_repeat_key(request)] = (world.clock.now(), dict(answer))


# updates (path/94888)


def update_card(world: World, request: dict[str, Any], report: Report) -> dict[str, Any]:
    """Redraws the copies of a card and returns the answer of message/update_template_card.

    The response_code counts as used only when the request is valid.
    """
    try:
        check_agent(world, request)
    except ApiError as error:  # this API has an errcode of its own for the id of another app
        raise (ApiError(42015, "not the app that sent it") if error.errcode == 301002 else error) from None
    code = world.access.code(request.get("response_code"))
    sent = world.tasks.get(code.task_id)
    if sent is None:
        raise ApiError(42016, "the task_id is unknown")
    copies, invalid = _update_targets(world, request, sent)
    change = _change(world, request, copies, report)
    code.used = True
    for copy in copies:
        change(copy)
        world.show(copy)
    return {"invaliduser": invalid}


def _change(
    world: World, request: dict[str, Any], copies: list[Message], report: Report
) -> Callable[[Message], None]:
    """Returns what to do to each copy: variant A replaces the buttons by a text, variant B the whole card."""
    button, card = request.get("button"), request.get("template_card")
    if card is None and isinstance(button, dict) and button.get("replace_name"):
        name = button["replace_name"]
        if not isinstance(name, str):
            raise ApiError(PARAMETER, "button.replace_name must be a string")
        if any(copy.card is None or not has_buttons(copy.card) for copy in copies):
            raise ApiError(PARAMETER, "button.replace_name wants a button, vote or multiple card")
        return partial(replace_buttons, text=name)
    check = world.check(updating=True)
    try:
        return partial(replace_card, card=check.card(card))
    finally:
        report.notes += check.notes


def _update_targets(world: World, request: dict[str, Any], sent: Sent) -> tuple[list[Message], list[str]]:
    """Returns the copies to redraw, and the people named who hold none (here an array, unlike in message/send)."""
    users = _ids(request, "userids", str, 1000)
    parties = _ids(request, "partyids", int, 100)
    tags = _ids(request, "tagids", int, 100)
    if request.get("atall") == 1 or 1 in parties:
        return world.chats.holders(sent.task_id), []
    if not (users or parties or tags):
        raise ApiError(82101, "no recipient to update")
    copies, invalid = [], []
    shunned = {name.lower() for name in world.faults.invalid_users}
    for userid in dict.fromkeys(user.lower() for user in users):
        copy = world.chats.card_of(userid, sent.task_id)
        if copy is None or userid in shunned:
            invalid.append(userid)
        else:
            copies.append(copy)
    return copies, invalid


def _ids(request: dict[str, Any], name: str, kind: type, most: int) -> list[Any]:
    value = request.get(name)
    if value is None:
        return []
    # `type(…) is`, because isinstance would let true pass for an int.
    if not isinstance(value, list) or not all(type(entry) is kind for entry in value):
        raise ApiError(PARAMETER, f"{name} must be an array of {kind.__name__}")
    if len(value) > most:
        raise ApiError(PARAMETER, f"{name} holds more than {most}")
    return value


# recall (path/94867)


def recall(world: World, request: dict[str, Any], _: Report) -> dict[str, Any]:
    """Recalls all copies of a message, at most 24 hours after it was sent. Raises ApiError."""
    sent = world.sent.get(str(request.get("msgid")))
    if sent is None:
        raise ApiError(PARAMETER, "msgid is missing or not of this app")
    if sent.at + world.settings.recall_within < world.clock.now():
        raise ApiError(42052, "recall after 24 hours")
    for message in world.chats.by_msgid(sent.msgid):
        message.recalled = True
        world.show(message)
    return {}
