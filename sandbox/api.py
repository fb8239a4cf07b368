"""Serves the official paths under /cgi-bin/. Nearly every answer is HTTP 200 with an errcode."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import BodyPartReader, web

from sandbox.errors import ApiError
from sandbox.keys import WORLD
from sandbox.media import upload
from sandbox.menu import checked
from sandbox.people import Person
from sandbox.sending import Report, check_agent, recall, send, update_card
from sandbox.world import World

Answer = dict[str, Any] | web.Response
Call = Callable[[World, web.Request, Report], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Path:
    """One official path: its method, the function that serves it, and whether it needs a token."""

    method: str
    call: Call
    token: bool = True


async def _gettoken(world: World, request: web.Request, _: Report) -> Answer:
    return world.access.token(request.query.get("corpid"), request.query.get("corpsecret"))


async def _json_of(world: World, request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.text())
    except (ValueError, UnicodeDecodeError) as error:
        raise ApiError(world.doubts.bad_json_errcode, "the body is not JSON in UTF-8") from error
    if not isinstance(body, dict):
        raise ApiError(world.doubts.bad_json_errcode, "the body is not a JSON object")
    return body


def _with_json(operation: Callable[[World, dict[str, Any], Report], dict[str, Any]]) -> Call:
    async def call(world: World, request: web.Request, report: Report) -> Answer:
        return operation(world, await _json_of(world, request), report)

    return call


async def _user_get(world: World, request: web.Request, _: Report) -> Answer:
    userid = request.query.get("userid")
    if not userid:
        raise ApiError(41009, "userid missing")
    person = world.people.find(userid)
    if person is None:
        raise ApiError(60111, "userid not found")
    # A member who exists but is out of sight has another errcode than one who does not exist.
    if not person.visible:
        raise ApiError(60011, "no privilege to access this member: outside the visible range")
    return _profile(world, person)


def _profile(world: World, person: Person) -> dict[str, Any]:
    """Returns a member as an app made after 2022-06-20 sees them: without mobile, email, gender and avatar."""
    leads = any(other.leader.lower() == person.userid.lower() for other in world.people)
    return {
        "userid": person.userid,
        "name": person.name,
        "department": [1],
        "order": [0],
        "position": "",
        "is_leader_in_dept": [1 if leads else 0],
        "direct_leader": [person.leader] if person.leader else [],
        "telephone": "",
        "alias": "",
        "status": person.status,
        "open_userid": f"wo{person.userid}",
        "main_department": 1,
        "extattr": {"attrs": []},
    }


async def _upload(world: World, request: web.Request, _: Report) -> Answer:
    if not request.content_type.startswith("multipart/"):
        raise ApiError(41005, "media data missing")
    part = await (await request.multipart()).next()
    if not isinstance(part, BodyPartReader) or part.name != "media":
        raise ApiError(41005, "media data missing: the field is called media")
    data = bytes(await part.read(decode=False))
    kind = part.headers.get("Content-Type", "application/octet-stream")
    # aiohttp would decode filename*= (RFC 2231); the real platform does not understand it (settings.py, Doubts).
    extended = "filename*=" in part.headers.get("Content-Disposition", "")
    name = None if extended and world.doubts.refuse_extended_file_name else part.filename
    media = upload(world, request.query.get("type"), name, kind, data)
    # created_at is text here, as in path/90253.
    return {"type": media.kind, "media_id": media.media_id, "created_at": str(media.created_at)}


async def _media_get(world: World, request: web.Request, _: Report) -> Answer:
    media = world.live_media(request.query.get("media_id"))
    if media is None:
        raise ApiError(40007, "invalid media_id")
    name = media.file_name.replace('"', "_")  # a quote would end the header's value
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Type": media.content_type}
    return web.Response(body=media.data, headers=headers)


def _check_menu_agent(world: World, request: web.Request) -> None:
    agent = request.query.get("agentid", "")
    check_agent(world, {"agentid": int(agent) if agent.isdecimal() else None})


async def _menu_create(world: World, request: web.Request, _: Report) -> Answer:
    _check_menu_agent(world, request)
    world.menu = checked(await _json_of(world, request))
    world.feed.tell("menu", world.menu)
    return {}


async def _menu_get(world: World, request: web.Request, _: Report) -> Answer:
    _check_menu_agent(world, request)
    if world.menu is None:
        raise ApiError(46003, "menu does not exist")
    return dict(world.menu)


async def _menu_delete(world: World, request: web.Request, _: Report) -> Answer:
    _check_menu_agent(world, request)
    world.menu = None
    world.feed.tell("menu", {"button": []})
    return {}


# One address has a wildcard, as in the sample of path/90238; a client must understand both forms.
async def _callback_ips(_: World, __: web.Request, ___: Report) -> Answer:
    return {"ip_list": ["127.0.0.1", "127.0.0.*"]}


async def _api_ips(_: World, __: web.Request, ___: Report) -> Answer:
    return {"ip_list": ["127.0.0.1"]}


PATHS: dict[str, Path] = {
    "gettoken": Path("GET", _gettoken, token=False),
    "message/send": Path("POST", _with_json(send)),
    "message/update_template_card": Path("POST", _with_json(update_card)),
    "message/recall": Path("POST", _with_json(recall)),
    "media/upload": Path("POST", _upload),
    "media/get": Path("GET", _media_get),
    "user/get": Path("GET", _user_get),
    "menu/create": Path("POST", _menu_create),
    "menu/get": Path("GET", _menu_get),
    "menu/delete": Path("GET", _menu_delete),
    "getcallbackip": Path("GET", _callback_ips),
    "get_api_domain_ip": Path("GET", _api_ips),
}


async def handle(request: web.Request) -> web.StreamResponse:
    """Answers one API call and adds it to the call log, without tokens and secrets."""
    world = request.app[WORLD]
    name = request.match_info["path"]
    path = PATHS.get(name)
    if path is None:
        world.calls.add(path=name, errcode=404, at=world.clock.unix())
        return web.json_response({"errcode": 404, "errmsg": f"no such path: /cgi-bin/{name}"}, status=404)
    spoiled = await _spoil(world, request, name)
    if spoiled is not None:
        return spoiled
    report = Report()
    answer = await _answer(world, request, name, path, report)
    line: dict[str, Any] = {"path": name, "at": world.clock.unix()}
    if isinstance(answer, web.Response):
        world.calls.add(**line, errcode=0)
        return answer
    more = {key: answer[key] for key in ("msgid", "invaliduser") if answer.get(key)}
    line |= {"notes": report.notes} if report.notes else {}
    line |= {"dropped": report.dropped} if report.dropped else {}
    world.calls.add(**line, errcode=answer["errcode"], errmsg=answer["errmsg"], **more)
    # Only now, with everything done and logged: the caller cannot tell whether its call was carried out.
    if world.faults.take("drop_after", name):
        return _hang_up(request)
    return web.json_response(answer, dumps=lambda value: json.dumps(value, ensure_ascii=False))


async def _answer(world: World, request: web.Request, name: str, path: Path, report: Report) -> Answer:
    try:
        _admit(world, request, name, path)
        done = await path.call(world, request, report)
    except ApiError as error:
        return {"errcode": error.errcode, "errmsg": error.errmsg, **error.more}
    return done if isinstance(done, web.Response) else {"errcode": 0, "errmsg": "ok", **done}


def _admit(world: World, request: web.Request, name: str, path: Path) -> None:
    """Checks everything that comes before the path's own work: faults, method, rate, token. Raises ApiError."""
    # The faults come first: a call that they hit counts towards no limit.
    for fault, errcode, text in (
        ("busy", -1, "system busy"),
        ("rate_limited", 45009, "api freq out of limit"),
    ):
        if world.faults.take(fault, name):
            raise ApiError(errcode, text)
    asked = world.faults.next_answer(name)
    if asked is not None:
        raise ApiError(asked, "as asked by a fault")
    if request.method != path.method:
        raise ApiError(world.doubts.wrong_method_errcode, f"require {path.method}")
    world.access.count_call(name)
    if path.token:
        world.access.check_token(request.query.get("access_token"))


async def _spoil(world: World, request: web.Request, name: str) -> web.StreamResponse | None:
    """Applies the faults of the network and of proxies: returns a broken answer, or None to go on."""
    faults = world.faults
    if faults.slow and (not faults.only or name in faults.only):
        await asyncio.sleep(faults.slow)
    for fault in ("drop", "html", "empty"):
        if faults.take(fault, name):
            world.calls.add(path=name, at=world.clock.unix(), errcode=None, fault=fault)
            if fault == "drop":
                return _hang_up(request)
            if fault == "html":
                page = "<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>"
                return web.Response(status=502, text=page, content_type="text/html")
            return web.Response(status=200)
    return None


def _hang_up(request: web.Request) -> web.Response:
    """Closes the connection without an answer; the response returned here can no longer be sent."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
