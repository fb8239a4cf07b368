"""Tokens, recipients, texts, limits, media, menus: strict as the documents, errors as HTTP 200."""

import dataclasses
import io
from typing import Any

import pytest
from aiohttp import FormData

from sandbox.pictures import png
from tests.sandbox.cards import card
from tests.sandbox.conftest import House

WHO = {"corpid": "wwvoidbotpretend01", "corpsecret": "pretend-secret-of-the-pretend-corp-000000001"}


async def gettoken(house: House, **query: str) -> dict[str, Any]:
    response = await house.client.get("/cgi-bin/gettoken", params=query)
    assert response.status == 200
    data: dict[str, Any] = await response.json()
    return data


async def test_token_answers(house: House) -> None:
    """Missing secret, wrong corp and wrong secret have their codes; the right ones get 7200 seconds."""
    good = await gettoken(house, **WHO)

    assert (await gettoken(house, corpid="x"))["errcode"] == 41004
    assert (await gettoken(house, corpid="x", corpsecret="x"))["errcode"] == 40013
    assert (await gettoken(house, corpid=WHO["corpid"], corpsecret="x"))["errcode"] == 40001
    assert good["errcode"] == 0
    assert 7190 <= good["expires_in"] <= 7200
    assert good["access_token"] == house.token


async def test_many_wrong_secrets_ban(house: House) -> None:
    """Ten wrong secrets within an hour close gettoken for the right one too, for an hour."""
    for _ in range(10):
        await gettoken(house, corpid=WHO["corpid"], corpsecret="guess")

    assert (await gettoken(house, **WHO))["errcode"] == 45009
    await house.control("POST", "clock", {"advance": "61m"})
    assert (await gettoken(house, **WHO))["errcode"] == 0


async def test_token_trouble(house: House) -> None:
    """No token 41001, a made-up one 40014, an old one 42001, one that died early 40014; a new one works."""
    assert (await house.call("getcallbackip", access_token=""))["errcode"] == 41001
    assert (await house.call("getcallbackip", access_token="x"))["errcode"] == 40014
    await house.control("POST", "clock", {"advance": "7201s"})
    assert (await house.call("getcallbackip"))["errcode"] == 42001
    fresh = (await gettoken(house, **WHO))["access_token"]
    assert (await house.call("getcallbackip", access_token=fresh))["errcode"] == 0
    await house.control("POST", "faults", {"token_dies": True})
    assert (await house.call("getcallbackip", access_token=fresh))["errcode"] == 40014
    assert (await gettoken(house, **WHO))["access_token"] != fresh


async def test_wrong_method_and_body(house: House) -> None:
    """GET where POST is wanted and a body that is not an object answer 40063, which a doubt can change."""
    assert (await house.call("message/send"))["errcode"] == 40063
    assert (await house.call("message/send", [1]))["errcode"] == 40063
    await house.control("POST", "doubts", {"wrong_method_errcode": 43002})
    assert (await house.call("message/send"))["errcode"] == 43002
    await house.control("POST", "doubts", {"no_such": 1}, status=400)
    await house.control("POST", "doubts", {"wrong_method_errcode": "x"}, status=400)


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"agentid": None}, 40058),
        ({"agentid": "1000002"}, 40058),
        ({"agentid": 0}, 40056),
        ({"agentid": 1000003}, 301002),
        ({"msgtype": "input"}, 40008),
        ({"touser": ""}, 82001),
        ({"touser": None}, 82001),
        ({"touser": ["wangmin"]}, 40058),
        ({"touser": "nobody"}, 81013),
        ({"touser": "|".join(f"u{n}" for n in range(1001))}, 40058),
        ({"toparty": "|".join("1" * 101)}, 82002),
        ({"totag": "|".join("1" * 101)}, 82003),
        ({"text": None}, 40058),
        ({"text": {"content": ""}}, 44004),
        ({"text": {"content": 5}}, 40058),
        ({"safe": 3}, 40058),
        ({"enable_duplicate_check": 1, "duplicate_check_interval": 14401}, 40058),
    ],
)
async def test_bad_messages(house: House, changes: dict[str, Any], errcode: int) -> None:
    """Each wrong field of a message has its errcode and nothing reaches a chat."""
    request = {"touser": "wangmin", "msgtype": "text", "agentid": 1000002, "text": {"content": "x"}}
    request = {name: value for name, value in {**request, **changes}.items() if value is not None}

    assert (await house.call("message/send", request))["errcode"] == errcode
    assert await house.chat("wangmin") == []


async def test_partly_invalid_recipients(house: House) -> None:
    """errcode 0 with invaliduser in lower case is partial success; blanks around | are understood."""
    answer = await house.send("text", {"content": "x"}, to="WangMin | NoBody|wangmin")

    assert (answer["errcode"], answer["invaliduser"]) == (0, "nobody")
    assert len(await house.chat("wangmin")) == 1


async def test_everybody(house: House) -> None:
    """@all and department 1 reach everyone in the visible range, once each."""
    await house.send("text", {"content": "x"}, to="@all")
    await house.control("POST", "users/sunyu/events", {"event": "unsubscribe"})
    answer = await house.send("text", {"content": "y"}, to="wangmin", toparty="1|2")

    assert answer["invalidparty"] == "2"
    assert [len(await house.chat(userid)) for userid in ("wangmin", "chenjie", "sunyu")] == [2, 2, 1]


async def test_texts_are_cut_and_markdown_is_refused(house: House) -> None:
    """A text beyond 2048 bytes is cut silently between characters; markdown that long answers 45002."""
    await house.send("text", {"content": "作" * 1000})

    assert (await house.chat("wangmin"))[0]["text"] == "作" * 682
    assert (await house.send("markdown", {"content": "x" * 2049}))["errcode"] == 45002
    assert (await house.send("markdown", {"content": "x" * 2048}))["errcode"] == 0


async def test_textcard_and_news(house: House) -> None:
    """textcard and news want title and address with a scheme, within their lengths."""
    textcard = {"title": "x", "description": "x", "url": "https://example.com"}
    assert (await house.send("textcard", textcard))["errcode"] == 0
    assert (await house.send("textcard", {**textcard, "url": "example.com"}))["errcode"] == 45034
    assert (await house.send("textcard", {**textcard, "title": ""}))["errcode"] == 40058
    assert (await house.send("textcard", {**textcard, "btntxt": "太长的按钮"}))["errcode"] == 45002
    article = {"title": "x", "url": "https://example.com"}
    assert (await house.send("news", {"articles": [article] * 8}))["errcode"] == 0
    assert (await house.send("news", {"articles": [article] * 9}))["errcode"] == 40058


async def test_task_id_is_used_once(house: House) -> None:
    """A task_id that was used answers 42014, in another chat and for another kind of card too."""
    made = card("button_interaction", task_id="once")
    refused = await house.send("template_card", {**made, "button_list": []})
    first = await house.send("template_card", made)
    second = await house.send("template_card", card("vote_interaction", task_id="once"), to="liqiang")

    assert [refused["errcode"], first["errcode"], second["errcode"]] == [40058, 0, 42014]


async def test_duplicate_check(house: House) -> None:
    """The same JSON again within the interval is dropped and answered alike; after it, or changed, it is sent."""
    check: dict[str, Any] = {"enable_duplicate_check": 1, "duplicate_check_interval": 600}
    first = await house.send("text", {"content": "x"}, **check)
    again = await house.send("text", {"content": "x"}, **check)
    await house.send("text", {"content": "y"}, **check)
    await house.control("POST", "clock", {"advance": "11m"})
    await house.send("text", {"content": "x"}, **check)

    assert again == first
    assert [line["text"] for line in await house.chat("wangmin")] == ["x", "y", "x"]


async def test_member_limit_drops_silently(house: House) -> None:
    """The 31st message of a minute to one person is dropped with errcode 0; the log tells, others are not hit."""
    answers = [await house.send("text", {"content": str(number)}) for number in range(31)]
    other = await house.send("text", {"content": "x"}, to="liqiang")

    assert {answer["errcode"] for answer in answers} == {0}
    assert len(await house.chat("wangmin")) == 30
    assert other["errcode"] == 0
    calls = (await house.control("GET", "calls"))["calls"]
    assert [call["dropped"] for call in calls if "dropped" in call] == [["wangmin"]]
    await house.control("POST", "clock", {"advance": "61s"})
    await house.send("text", {"content": "later"})
    assert (await house.chat("wangmin"))[-1]["text"] == "later"


async def test_codes_die_after_72_hours(house: House) -> None:
    """A response_code works until 72 hours and not after; a bad request does not spend it."""
    sent = [await house.send("template_card", card("button_interaction")) for _ in range(2)]
    body = {"userids": ["wangmin"], "agentid": 1000002, "button": {"replace_name": "x"}}

    async def update(number: int, **changes: Any) -> int:
        code = {"response_code": sent[number]["response_code"]}
        token = (await gettoken(house, **WHO))["access_token"]
        answer = await house.call("message/update_template_card", {**body, **code, **changes}, access_token=token)
        return int(answer["errcode"])

    assert await update(0, userids="wangmin") == 40058
    assert await update(0, agentid=1000003) == 42015
    assert await update(0, userids=[]) == 82101
    assert await update(0, button={}) == 40058
    await house.control("POST", "clock", {"advance": "71h"})
    assert await update(0) == 0
    await house.control("POST", "clock", {"advance": "61m"})
    assert await update(1) == 60140


async def test_update_replaces_the_whole_card(house: House) -> None:
    """A new card takes the old one's place for everyone (atall) and keeps the task_id."""
    made = card("button_interaction")
    sent = await house.send("template_card", made, to="wangmin|liqiang")
    new = card("text_notice")
    body = {"atall": 1, "agentid": 1000002, "response_code": sent["response_code"], "template_card": new}
    answer = await house.call("message/update_template_card", body)

    assert (answer["errcode"], answer["invaliduser"]) == (0, [])
    for userid in ("wangmin", "liqiang"):
        (message,) = await house.chat(userid)
        assert message["card"] == {**new, "task_id": made["task_id"]}
        assert message["updated"] == 1


async def test_recall(house: House) -> None:
    """A message can be taken back within 24 hours, not later; unknown ids answer 40058."""
    one, two = [await house.send("text", {"content": "x"}) for _ in range(2)]

    assert (await house.call("message/recall", {"msgid": "no"}))["errcode"] == 40058
    assert (await house.call("message/recall", {"msgid": one["msgid"]}))["errcode"] == 0
    assert [line["recalled"] for line in await house.chat("wangmin")] == [True, False]
    await house.control("POST", "clock", {"advance": "25h"})
    token = (await gettoken(house, **WHO))["access_token"]
    late = await house.call("message/recall", {"msgid": two["msgid"]}, access_token=token)
    assert late["errcode"] == 42052


async def upload(house: House, data: bytes, kind: str = "image", name: str = "a.png", field: str = "media") -> Any:
    form = FormData()
    form.add_field(field, io.BytesIO(data), filename=name, content_type="image/png")
    query = {"access_token": house.token, "type": kind}
    return await (await house.client.post("/cgi-bin/media/upload", params=query, data=form)).json()


async def test_media(house: House) -> None:
    """A picture goes up, is sent, comes down the same, and is gone after three days."""
    picture = png()
    stored = await upload(house, picture)
    assert stored["errcode"] == 0
    assert isinstance(stored["created_at"], str)
    assert (await house.send("image", {"media_id": stored["media_id"]}))["errcode"] == 0
    assert (await house.send("file", {"media_id": stored["media_id"]}))["errcode"] == 40007
    query = {"access_token": house.token, "media_id": stored["media_id"]}
    assert await (await house.client.get("/cgi-bin/media/get", params=query)).read() == picture
    await house.control("POST", "clock", {"advance": "73h"})
    query["access_token"] = (await gettoken(house, **WHO))["access_token"]
    gone = await (await house.client.get("/cgi-bin/media/get", params=query)).json()
    assert gone["errcode"] == 40007


@pytest.mark.parametrize(
    ("data", "more", "errcode"),
    [
        (b"12345", {}, 44001),
        (b"GIF89a....", {}, 40005),
        (png(), {"kind": "sound"}, 40004),
        (png(), {"field": "file"}, 41005),
    ],
)
async def test_bad_uploads(house: House, data: bytes, more: dict[str, str], errcode: int) -> None:
    """Empty files, files of another kind and wrong fields are refused."""
    assert (await upload(house, data, **more))["errcode"] == errcode


async def test_a_picture_beyond_ten_megabytes(house: House) -> None:
    """A picture above 10 MB answers 45001."""
    codes = [(await upload(house, b"\x89PNG\r\n\x1a\n" + bytes(size)))["errcode"] for size in (1 << 19, 10 << 20)]

    assert codes == [0, 45001]


@pytest.mark.parametrize(("name", "errcode"), [('filename="客户.png"', 0), ("filename*=UTF-8''a.png", 41005)])
async def test_file_names(house: House, name: str, errcode: int) -> None:
    """A Chinese name in plain UTF-8 passes; the RFC 2231 spelling many libraries write does not."""
    head = f'--x\r\nContent-Disposition: form-data; name="media"; {name}\r\nContent-Type: image/png\r\n\r\n'
    response = await house.client.post(
        "/cgi-bin/media/upload",
        params={"access_token": house.token, "type": "image"},
        data=head.encode() + png() + b"\r\n--x--\r\n",
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    )

    assert (await response.json())["errcode"] == errcode


async def test_members(house: House) -> None:
    """user/get knows name and leader, gives away no phone, and tells unknown people from invisible ones."""
    person = await house.call("user/get", userid="WANGMIN")

    assert (person["userid"], person["name"], person["direct_leader"], person["status"]) == (
        "wangmin",
        "王敏",
        ["liqiang"],
        1,
    )
    assert not {"mobile", "email", "avatar"} & set(person)
    assert (await house.call("user/get", userid="nobody"))["errcode"] == 60111
    await house.control("POST", "users/wangmin/events", {"event": "unsubscribe"})
    assert (await house.call("user/get", userid="wangmin"))["errcode"] == 60011
    assert (await house.send("text", {"content": "x"}))["errcode"] == 81013


@pytest.mark.parametrize(
    ("menu", "errcode"),
    [
        ({"button": [{"type": "click", "name": "帮助", "key": "help"}]}, 0),
        ({"button": [{"name": "更多", "sub_button": [{"type": "view", "name": "x", "url": "https://a.b"}]}]}, 0),
        ({"button": []}, 40016),
        ({"button": [{"type": "click", "name": "x", "key": "k"}] * 4}, 40016),
        ({"button": [{"name": "x", "sub_button": [{"type": "click", "name": "x", "key": "k"}] * 6}]}, 40023),
        ({"button": [{"type": "tap", "name": "x", "key": "k"}]}, 40017),
        ({"button": [{"type": "click", "name": "六个汉字太长", "key": "k"}]}, 40018),
        ({"button": [{"type": "click", "name": "x", "key": "k" * 129}]}, 40019),
        ({"button": [{"type": "view", "name": "x"}]}, 40020),
    ],
)
async def test_menus(house: House, menu: dict[str, Any], errcode: int) -> None:
    """Menus within the limits are kept and shown again; others are refused with their code."""
    assert (await house.call("menu/create", menu, agentid=1000002))["errcode"] == errcode
    kept = await house.call("menu/get", agentid=1000002)
    assert kept["errcode"] == (0 if errcode == 0 else 46003)
    assert kept.get("button") == (menu["button"] if errcode == 0 else None)


async def test_frequency_of_one_api(house: House) -> None:
    """Beyond the calls of a minute an API answers 45009 until the minute is over."""
    house.world.access._settings = dataclasses.replace(house.world.settings, api_per_minute=3)
    codes = [(await house.call("getcallbackip"))["errcode"] for _ in range(5)]
    assert codes == [0, 0, 0, 45009, 45009]
    assert (await house.call("user/get", userid="wangmin"))["errcode"] == 0
    await house.control("POST", "clock", {"advance": "61s"})
    assert (await house.call("getcallbackip"))["errcode"] == 0


async def test_unknown_paths_and_no_secrets_in_the_log(house: House) -> None:
    """An unknown path is 404; the call log never holds the token or the secret."""
    assert (await house.client.get("/cgi-bin/department/list")).status == 404
    await gettoken(house, **WHO)
    await house.send("text", {"content": "x"})
    text = await (await house.client.get("/sandbox/calls")).text()

    assert "department/list" in text
    assert house.token not in text
    assert WHO["corpsecret"] not in text


async def test_people_come_and_go(house: House) -> None:
    """A new member can be written to; one who left cannot, and user/get says so; names and leaders change."""
    await house.control("POST", "users", {"id": "New.One", "name": "周莉", "leader": "liqiang"})
    assert (await house.send("text", {"content": "x"}, to="new.one"))["errcode"] == 0
    await house.control("POST", "users", {"id": "zhaojun", "status": 5})
    assert (await house.send("text", {"content": "x"}, to="zhaojun"))["errcode"] == 81013
    left = await house.call("user/get", userid="zhaojun")
    assert (left["name"], left["status"], left["direct_leader"]) == ("赵军", 5, ["liqiang"])
    await house.control("POST", "users/zhaojun/messages", {"text": "x"}, status=409)
    await house.control("POST", "users", {"id": "有空格 "}, status=400)
