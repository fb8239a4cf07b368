"""Does what a person can do in the client: write, tap, open the menu, send files. Each becomes one callback."""

import secrets
from typing import Any

from sandbox.callback import Delivery, Postman
from sandbox.chat import Message
from sandbox.errors import Refused
from sandbox.pictures import sample_file
from sandbox.plaintext import Tree
from sandbox.taps import Tap, Wish, plan_tap
from sandbox.world import World

EVENTS = frozenset({"enter_agent", "subscribe", "unsubscribe", "click", "view", "LOCATION"})
MEDIA = frozenset({"image", "file", "voice", "video", "location", "link"})


# The fields of callbacks and their order are those of path/90239 and path/90240.
def _common(world: World, user: str, kind: str) -> dict[str, Any]:
    return {
        "ToUserName": world.settings.corp_id,
        "FromUserName": user,
        "CreateTime": world.clock.unix(),
        "MsgType": kind,
    }


def _agent(world: World) -> dict[str, int]:
    return {"AgentID": world.settings.agent_id}


async def _post_own(world: World, postman: Postman, message: Message, inner: Tree) -> Delivery:
    """Shows a person's own message at once, delivers it, and marks it with the result of the delivery."""
    world.show(message)
    tree = {
        **_common(world, message.user, message.type),
        **inner,
        "MsgId": int(message.msgid),
        **_agent(world),
    }
    return await postman.deliver(message.user, tree, message=message)


async def write(world: World, postman: Postman, userid: str, text: str) -> Delivery:
    """Sends a text message to the app. Raises Refused for a person outside the visible range."""
    person = world.people.get(userid)
    if person not in world.people.in_range():
        raise Refused("outside the app's visible range, this person cannot write to it")
    message = world.chats.add(
        person.userid, "user", world.clock.unix(), "text", {"content": text}, msgid=world.new_msg_id()
    )
    return await _post_own(world, postman, message, {"Content": text})


async def send_media(world: World, postman: Postman, userid: str, kind: str) -> Delivery:
    """Sends a made-up image, file, voice, video, location or link. Raises Refused for other types."""
    person = world.people.get(userid)
    if kind not in MEDIA:
        raise Refused(f"type is one of {', '.join(sorted(MEDIA))}", 400)
    content: dict[str, Any]
    inner: dict[str, Any]
    if kind == "location":
        content = {"label": "上海市黄浦区人民大道", "latitude": 31.230416, "longitude": 121.473701}
        inner = {"Location_X": 31.230416, "Location_Y": 121.473701, "Scale": 15, "Label": content["label"]}
        inner["AppType"] = "wxwork"
    elif kind == "link":
        content = {
            "title": "示例链接",
            "description": "说明",
            "url": "https://work.weixin.qq.com/",
            "picurl": "",
        }
        inner = {"Title": "示例链接", "Description": "说明", "Url": content["url"], "PicUrl": ""}
    else:
        name, content_type, data = sample_file(kind)
        media = world.add_media(kind, name, content_type, data)
        content = {"media_id": media.media_id, "file_name": name, "size": len(data)}
        more: dict[str, dict[str, str]] = {
            "image": {"PicUrl": f"{world.address}/sandbox/media/{media.media_id}"},
            "voice": {"Format": "amr"},
            "video": {"ThumbMediaId": media.media_id},
        }
        inner = {**more.get(kind, {}), "MediaId": media.media_id}
    message = world.chats.add(person.userid, "user", world.clock.unix(), kind, content, msgid=world.new_msg_id())
    return await _post_own(world, postman, message, inner)


async def event(world: World, postman: Postman, userid: str, name: str, key: str) -> Delivery:
    """Sends an event of the app itself.

    `unsubscribe` takes the person out of the app's visible range, `subscribe` puts them back.
    """
    person = world.people.get(userid)
    if name not in EVENTS:
        raise Refused(f"event is one of {', '.join(sorted(EVENTS))}", 400)
    if name in {"subscribe", "unsubscribe"}:
        person.visible = name == "subscribe"
        world.feed.tell("people", {"people": [other.as_json() for other in world.people]})
    tree = {**_common(world, person.userid, "event"), "Event": name}
    if name == "LOCATION":
        tree |= {"Latitude": 31.230416, "Longitude": 121.473701, "Precision": 30.0, "AppType": "wxwork"}
    elif name not in {"subscribe", "unsubscribe"}:
        tree["EventKey"] = key
    return await postman.deliver(person.userid, {**tree, **_agent(world)})


async def tap(world: World, postman: Postman, userid: str, wish: Wish) -> tuple[Tap, Delivery | None]:
    """Taps a control of a card; a link button makes no callback. Raises Refused where the client allows no tap."""
    person = world.people.get(userid)
    planned = plan_tap(world, person.userid, wish)
    task_id = wish.task_id
    if planned.opens:
        return planned, None
    # Every tap carries a code of its own, good for one update. For a card that was never sent it is a code that
    # no update accepts.
    tree: dict[str, Any] = {
        **_common(world, person.userid, "event"),
        "Event": planned.event,
        "EventKey": planned.key,
        "TaskId": task_id,
        "CardType": planned.card_type,
        "ResponseCode": world.access.new_code(task_id) if task_id in world.tasks else secrets.token_urlsafe(48),
    }
    # A tap on the ⋯ menu carries no selections (path/90240).
    if planned.selected and planned.event == "template_card_event":
        tree["SelectedItems"] = {
            "SelectedItem": [
                {"QuestionKey": question, "OptionIds": {"OptionId": list(ids)} if ids else {}}
                for question, ids in planned.selected.items()
            ]
        }
    return planned, await postman.deliver(person.userid, {**tree, **_agent(world)}, task_id=task_id)
