"""Serves the paths under /sandbox/, by which tests and the chat page act, look and move the clock (README.md)."""

import base64
import binascii
import json
from typing import Any

from aiohttp import web

from sandbox import client
from sandbox.callback import Delivery, query_of
from sandbox.clock import seconds_of
from sandbox.crypto import Seal
from sandbox.errors import Refused
from sandbox.keys import POSTMAN, WORLD
from sandbox.people import Person
from sandbox.taps import Wish
from sandbox.waiting import until_bot_asked

routes = web.RouteTableDef()


def answer(data: Any, status: int = 200) -> web.Response:
    return web.json_response(data, status=status, dumps=lambda value: json.dumps(value, ensure_ascii=False))


async def body_of(request: web.Request) -> dict[str, Any]:
    """Returns the JSON object of the request, {} for an empty body. Raises Refused with 400 otherwise."""
    text = await request.text()
    try:
        body = json.loads(text or "{}")
    except ValueError as error:
        raise Refused("the body is not JSON", 400) from error
    if not isinstance(body, dict):
        raise Refused("the body is not a JSON object", 400)
    return body


def _after(request: web.Request) -> int:
    value = request.query.get("after", "0")
    if not value.isdecimal():
        raise Refused("after must be a number", 400)
    return int(value)


def _string(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise Refused(f"{name} must be a string", 400)
    return value


@routes.get("/sandbox/users")
async def users(request: web.Request) -> web.Response:
    return answer({"users": [person.as_json() for person in request.app[WORLD].people]})


@routes.post("/sandbox/users")
async def add_user(request: web.Request) -> web.Response:
    """Adds a member or changes one: name, roles, leader, visible, status (5 = left the corp)."""
    world, body = request.app[WORLD], await body_of(request)
    userid = _string(body, "id")
    old = world.people.find(userid) or Person(userid, userid)
    person = Person(
        old.userid,
        str(body.get("name", old.name)),
        tuple(str(role) for role in body.get("roles", old.roles)),
        str(body.get("leader", old.leader)),
        bool(body.get("visible", old.visible)),
        int(body.get("status", old.status)),
    )
    world.people.add(person)
    world.feed.tell("people", {"people": [other.as_json() for other in world.people]})
    return answer(person.as_json())


@routes.post("/sandbox/users/{id}/messages")
async def write(request: web.Request) -> web.Response:
    text = _string(await body_of(request), "text")
    delivery = await client.write(request.app[WORLD], request.app[POSTMAN], request.match_info["id"], text)
    return answer(delivery.as_json())


@routes.get("/sandbox/users/{id}/messages")
async def messages(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    person = world.people.get(request.match_info["id"])
    return answer({"messages": [m.as_json() for m in world.chats.of(person.userid, _after(request))]})


def _selected(body: dict[str, Any]) -> dict[str, list[str]]:
    given = body.get("selected") or {}
    if not isinstance(given, dict):
        raise Refused("selected must be an object of question_key: [ids]", 400)
    chosen: dict[str, list[str]] = {}
    for question, ids in given.items():
        listed = [ids] if isinstance(ids, str) else ids
        if not isinstance(listed, list) or not all(isinstance(entry, str) for entry in listed):
            raise Refused("selected must be an object of question_key: [ids]", 400)
        chosen[question] = listed
    return chosen


@routes.post("/sandbox/users/{id}/taps")
async def tap(request: web.Request) -> web.Response:
    body = await body_of(request)
    wish = Wish(_string(body, "task_id"), _string(body, "key"), _selected(body), body.get("force") is True)
    world, postman = request.app[WORLD], request.app[POSTMAN]
    planned, delivery = await client.tap(world, postman, request.match_info["id"], wish)
    if delivery is None:
        return answer({"opened": planned.opens, "status": 0, "attempts": 0})
    return answer({**delivery.as_json(), "key": planned.key, "selected": planned.selected})


@routes.post("/sandbox/users/{id}/events")
async def event(request: web.Request) -> web.Response:
    body = await body_of(request)
    delivery = await client.event(
        request.app[WORLD],
        request.app[POSTMAN],
        request.match_info["id"],
        _string(body, "event"),
        str(body.get("key", "")),
    )
    return answer(delivery.as_json())


@routes.post("/sandbox/users/{id}/media")
async def media(request: web.Request) -> web.Response:
    kind = _string(await body_of(request), "type")
    return answer(
        (
            await client.send_media(request.app[WORLD], request.app[POSTMAN], request.match_info["id"], kind)
        ).as_json()
    )


@routes.get("/sandbox/media/{id}")
async def file(request: web.Request) -> web.Response:
    found = request.app[WORLD].live_media(request.match_info["id"])
    if found is None:
        raise Refused("no such file, or older than three days", 404)
    return web.Response(body=found.data, headers={"Content-Type": found.content_type})


@routes.get("/sandbox/clock")
async def clock(request: web.Request) -> web.Response:
    return answer({"now": request.app[WORLD].clock.unix()})


@routes.post("/sandbox/clock")
async def advance(request: web.Request) -> web.Response:
    """Moves the clock, then waits, at most 2 s, until the bot has seen it (it asks twice a second)."""
    world = request.app[WORLD]
    span = _string(await body_of(request), "advance")
    try:
        world.advance(seconds_of(span))
    except ValueError as error:
        raise Refused(str(error), 400) from error
    heard = await until_bot_asked(world)
    return answer({"now": world.clock.unix(), "bot_heard": heard})


@routes.get("/sandbox/faults")
async def faults(request: web.Request) -> web.Response:
    return answer(request.app[WORLD].faults.as_json())


@routes.post("/sandbox/faults")
async def set_faults(request: web.Request) -> web.Response:
    world, body = request.app[WORLD], await body_of(request)
    # Not one of the faults that stay on or count down: it happens once, now.
    dies = body.pop("token_dies", False)
    try:
        world.faults.change(body)
    except ValueError as error:
        raise Refused(str(error), 400) from error
    killed = world.access.kill_tokens() if dies else 0
    return answer({**world.faults.as_json(), "killed_tokens": killed})


@routes.delete("/sandbox/faults")
async def clear_faults(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    world.faults = type(world.faults)()
    return answer(world.faults.as_json())


@routes.get("/sandbox/doubts")
async def doubts(request: web.Request) -> web.Response:
    return answer(request.app[WORLD].doubts.as_json())


@routes.post("/sandbox/doubts")
async def set_doubts(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    try:
        world.doubts.change(await body_of(request))
    except ValueError as error:
        raise Refused(str(error), 400) from error
    return answer(world.doubts.as_json())


@routes.get("/sandbox/calls")
async def calls(request: web.Request) -> web.Response:
    return answer({"calls": request.app[WORLD].calls.after(_after(request))})


@routes.get("/sandbox/callbacks")
async def callbacks(request: web.Request) -> web.Response:
    return answer({"callbacks": request.app[WORLD].callbacks.after(_after(request))})


@routes.post("/sandbox/verify")
async def verify(request: web.Request) -> web.Response:
    return answer(await request.app[POSTMAN].verify())


def _which(delivered: list[Delivery], body: dict[str, Any]) -> Delivery:
    if body.get("last") is True and delivered:
        return delivered[-1]
    for delivery in reversed(delivered):
        if delivery.msgid and delivery.msgid == body.get("msgid"):
            return delivery
    raise Refused('no such callback; name a "msgid" or say "last": true', 404)


@routes.post("/sandbox/replay")
async def replay(request: web.Request) -> web.Response:
    postman = request.app[POSTMAN]
    status, text, error = await postman.replay(_which(postman.delivered, await body_of(request)))
    return answer({"status": status, "body": text, "error": error})


@routes.post("/sandbox/raw")
async def raw(request: web.Request) -> web.Response:
    """Sends anything to the bot's callback: bytes as given, or an inner `xml`, encrypted with the keys given."""
    world, postman, body = request.app[WORLD], request.app[POSTMAN], await body_of(request)
    query = {str(name): str(value) for name, value in body.get("query", {}).items()}
    headers = {str(name): str(value) for name, value in body.get("headers", {}).items()}
    try:
        data = (
            base64.b64decode(body["body_base64"]) if "body_base64" in body else str(body.get("body", "")).encode()
        )
        # Keys, time and receiver can be given, so that tests can send what the bot must refuse.
        if "xml" in body:
            settings = world.settings
            seal = Seal(
                str(body.get("token", settings.token)),
                str(body.get("aes_key", settings.aes_key)),
                str(body.get("receiveid", settings.corp_id)),
            )
            envelope = seal.envelope(str(body["xml"]), str(body.get("timestamp", world.clock.unix())))
            query = {**query_of(envelope), **query}
            data = f"<xml><Encrypt><![CDATA[{envelope.sealed}]]></Encrypt></xml>".encode()
    except (ValueError, binascii.Error) as error:
        raise Refused(str(error), 400) from error
    status, text, error_text = await postman.raw(str(body.get("method", "POST")), query, data, headers)
    # latin-1 gives every byte a character: what was sent may be no valid UTF-8.
    return answer(
        {"status": status, "body": text, "error": error_text, "query": query, "sent": data.decode("latin-1")}
    )


@routes.post("/sandbox/settle")
async def settle(request: web.Request) -> web.Response:
    """Waits until no retry and no duplicate of a callback is running."""
    await request.app[POSTMAN].settle()
    return answer({})


@routes.post("/sandbox/reset")
async def reset(request: web.Request) -> web.Response:
    request.app[WORLD].reset()
    return answer({})
