"""The client against a small strict WeCom over real HTTP: messages, tokens, errors, and no secret in them."""

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from structlog.testing import capture_logs

from bot.channels.wecom_app import transport as transport_module
from bot.channels.wecom_app.client import Sent, WeComClient
from bot.channels.wecom_app.errors import TokenRejected
from bot.channels.wecom_app.members import Member, MemberStatus
from bot.channels.wecom_app.tokens import MemoryTokenCache, Token
from bot.channels.wecom_app.transport import Transport
from core.domain.errors import (
    Busy,
    CardRefused,
    CodeSpent,
    NotDelivered,
    PlatformError,
    PlatformMisconfigured,
    PlatformRefused,
    PlatformUnreachable,
    RateLimited,
    TaskIdUsed,
)
from tests.unit.wecom_app import fake_wecom
from tests.unit.wecom_app.fake_wecom import CORP, SECRET, FakeWeCom

CARD = {"card_type": "button_interaction", "task_id": "op-1@zhangsan", "main_title": {"title": "作废"}}
SEND = "message/send"
UPDATE = "message/update_template_card"


class Clock:
    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=UTC)
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def wecom() -> AsyncIterator[FakeWeCom]:
    fake = FakeWeCom()
    await fake.start()
    yield fake
    await fake.server.close()


def client_of(wecom: FakeWeCom, clock: Clock, **more) -> WeComClient:
    given = {"secret": SECRET, "version": "1.2", "base_url": wecom.base} | more
    return WeComClient(corp_id=CORP, agent_id="1000002", now=clock.now, sleep=clock.sleep, **given)


@pytest.fixture
async def client(wecom: FakeWeCom, clock: Clock) -> AsyncIterator[WeComClient]:
    client = client_of(wecom, clock)
    yield client
    await client.close()


async def test_a_text_goes_to_one_person_with_a_guard_against_doubles(client, wecom):
    """The body holds app, person, text and WeCom's duplicate check; the token is in the query only."""
    sent = await client.send_text("ZhangSan", "已作废 宏远")

    (asked,) = wecom.calls(SEND)
    assert sent == Sent(msgid="msg2")
    assert asked.query == {"access_token": "CANARY-token-1"}
    assert asked.headers["User-Agent"] == "voidbot/1.2"
    assert asked.body == {
        "touser": "ZhangSan",
        "agentid": 1000002,
        "msgtype": "text",
        "text": {"content": "已作废 宏远"},
        "enable_duplicate_check": 1,
        "duplicate_check_interval": 1800,
    }


async def test_the_same_words_twice_are_two_messages_and_a_resend_is_one(client, wecom):
    """Two deliveries with the same words differ in their JSON; only a resend of one delivery has the same."""
    for number in (1, 2, 1):
        await client.send_markdown("a", "好的", number=number)

    first, second, resent = (asked.body for asked in wecom.calls(SEND))
    assert first == resent
    assert first != second


async def test_no_two_of_a_thousand_answers_look_alike(client, wecom):
    """However many equal texts are sent in a row, WeCom takes none for a repeat, and its bounds are kept."""
    for number in range(5000, 6000):
        await client.send_text("a", "好的", number=number)

    intervals = [asked.body["duplicate_check_interval"] for asked in wecom.calls(SEND)]
    assert len(set(intervals)) == 1000
    assert 1800 <= min(intervals) <= max(intervals) <= 14_400


async def test_a_long_text_goes_in_parts(client, wecom):
    """A long text is split, because WeCom would silently cut it at 2,048 bytes."""
    await client.send_text("a", "一\n" * 1500, number=7)

    parts = [asked.body["text"]["content"] for asked in wecom.calls(SEND)]
    assert [len(part.encode()) <= 2048 for part in parts] == [True, True, True]
    assert "\n".join(parts) == "一\n" * 1500
    assert len({asked.body["duplicate_check_interval"] for asked in wecom.calls(SEND)}) == 3


async def test_a_card_returns_what_updates_it(client, wecom):
    """Sending a card returns its response_code for updates; its task_id guards against a second card."""
    wecom.script[SEND] = [{"errcode": 0, "errmsg": "ok", "msgid": "m", "response_code": "code1"}]

    assert await client.send_card("a", CARD) == Sent(msgid="m", response_code="code1")
    assert wecom.calls(SEND)[0].body == {
        "touser": "a",
        "agentid": 1000002,
        "msgtype": "template_card",
        "template_card": CARD,
    }


async def test_a_card_without_task_id_is_guarded_like_a_text(client, wecom):
    """A card without a task_id is guarded by WeCom's duplicate check."""
    await client.send_card("a", {"card_type": "text_notice"})

    assert wecom.calls(SEND)[0].body["enable_duplicate_check"] == 1


async def test_updates_name_people_and_code(client, wecom):
    """Both kinds of update send the code, the people and the app's id."""
    await client.update_card("code1", ["a", "b"], CARD)
    await client.update_button("code2", ["a"], "已同意")

    card, button = (asked.body for asked in wecom.calls(UPDATE))
    assert card == {"userids": ["a", "b"], "agentid": 1000002, "response_code": "code1", "template_card": CARD}
    assert button == {
        "userids": ["a"],
        "agentid": 1000002,
        "response_code": "code2",
        "button": {"replace_name": "已同意"},
    }


@pytest.mark.parametrize("to", ["@all", "a|b", "", "a b", "x" * 65])
async def test_a_message_never_goes_to_more_than_one_person(client, wecom, to):
    """`@all` or a list in place of one person is refused before anything is sent."""
    with pytest.raises(NotDelivered):
        await client.send_text(to, "x")
    with pytest.raises(NotDelivered):
        await client.update_card("code", [to], CARD)
    assert wecom.asked == []


# token


async def test_many_calls_at_once_fetch_one_token(client, wecom):
    """Fifty messages sent at the same time fetch one token."""
    await asyncio.gather(*(client.send_text("a", str(number)) for number in range(50)))

    assert len(wecom.calls("gettoken")) == 1
    assert len(wecom.calls(SEND)) == 50


async def test_a_dead_token_is_replaced_once_for_all(client, wecom):
    """When a token ends early under forty calls, one new token is fetched and every message arrives."""
    await client.check()
    wecom.kill_tokens()
    await asyncio.gather(*(client.send_text("a", str(number)) for number in range(40)))

    assert len(wecom.calls("gettoken")) == 2
    delivered = {a.body["text"]["content"] for a in wecom.calls(SEND) if a.query["access_token"].endswith("2")}
    assert len(delivered) == 40


async def test_a_token_is_renewed_before_it_ends(client, wecom, clock):
    """From five minutes before the end of a token, the next call fetches another."""
    await client.check()
    clock.time += timedelta(seconds=7200 - 301)
    await client.check()
    assert wecom.tokens == 1

    clock.time += timedelta(seconds=2)
    await client.check()
    assert wecom.tokens == 2


@pytest.mark.parametrize("code", [40014, 42001, 40001, "42001"])
async def test_a_token_refused_once_is_fetched_again(client, wecom, code):
    """Each of the three codes leads to one new token and one more try, also when WeCom sends the code as text."""
    wecom.script[SEND] = [{"errcode": code, "errmsg": "x"}]

    assert (await client.send_text("a", "x")).msgid
    assert (len(wecom.calls("gettoken")), len(wecom.calls(SEND))) == (2, 2)


async def test_a_token_refused_twice_is_an_error_not_a_loop(client, wecom):
    """When the new token is refused too, the call fails."""
    wecom.script[SEND] = [{"errcode": 42001}] * 9

    with pytest.raises(TokenRejected):
        await client.send_text("a", "x")
    assert (len(wecom.calls("gettoken")), len(wecom.calls(SEND))) == (2, 2)


async def test_a_wrong_secret_is_asked_once_and_then_paused(client, wecom, clock):
    """After a wrong secret (40001) nothing is asked for a minute, lest WeCom bans us; then the right one works."""
    wecom.right_secret = "another"
    for _ in range(20):
        with pytest.raises(PlatformMisconfigured, match="VOIDBOT_WECOM_SECRET"):
            await client.send_text("a", "x")
    assert len(wecom.asked) == 1

    wecom.right_secret = SECRET
    clock.time += timedelta(seconds=61)
    assert (await client.send_text("a", "x")).msgid


async def test_a_stopped_app_is_not_asked_for_ever(client, wecom):
    """When calls answer 40001 although gettoken works, nothing is asked for a while after one new token."""
    wecom.script[SEND] = [{"errcode": 40001}] * 99
    for _ in range(10):
        with pytest.raises(PlatformMisconfigured):
            await client.send_text("a", "x")

    assert (len(wecom.calls("gettoken")), len(wecom.calls(SEND))) == (2, 2)


async def test_gettoken_over_its_limit_is_waited_for(client, wecom, clock):
    """A rate limit (45009) on gettoken stops fetching for a minute."""
    wecom.script["gettoken"] = [{"errcode": 45009}]
    for _ in range(5):
        with pytest.raises(RateLimited):
            await client.check()
    assert len(wecom.asked) == 1

    clock.time += timedelta(seconds=61)
    await client.check()


async def test_replicas_can_share_a_token(wecom, clock):
    """Two clients on one cache share one token, and one renewal when it ends."""
    cache = MemoryTokenCache()
    one, two = (client_of(wecom, clock, token_cache=cache) for _ in range(2))
    await one.send_text("a", "x")
    await two.send_text("a", "x")
    wecom.kill_tokens()
    await one.send_text("a", "x")
    await two.send_text("a", "x")

    assert len(wecom.calls("gettoken")) == 2
    await one.close()
    await two.close()


async def test_a_late_report_of_a_dead_token_spares_its_successor(clock):
    """A caller that learns late that the old token has ended does not drop the new one."""
    cache = MemoryTokenCache()
    new = Token("new", clock.now())
    await cache.put(new)
    await cache.drop("old")

    assert await cache.get() == new


@pytest.mark.parametrize("odd", [None, "7200", -5, 10**12, True])
async def test_an_odd_lifetime_is_survived(client, wecom, odd):
    """A token is used although its expires_in is absent or absurd."""
    wecom.expires_in = odd

    assert (await client.send_text("a", "x")).msgid


# errors


async def test_busy_is_tried_again_with_pauses(client, wecom, clock):
    """A call that is twice answered with "busy" (-1) and then succeeds gives no error."""
    wecom.script[SEND] = [{"errcode": -1}, {"errcode": 45033}]

    assert (await client.send_text("a", "x")).msgid
    assert len(wecom.calls(SEND)) == 3
    assert clock.slept == [0.3, 1.0]


async def test_busy_for_good_is_an_error(client, wecom, clock):
    """A call is repeated three times while WeCom is busy, and then fails."""
    wecom.script[SEND] = [{"errcode": -1}] * 99

    with pytest.raises(Busy):
        await client.send_text("a", "x")
    assert len(wecom.calls(SEND)) == 4
    assert len(clock.slept) == 3


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (45009, RateLimited),
        (60140, CodeSpent),
        (42014, TaskIdUsed),
        (42037, CardRefused),
        (60020, PlatformMisconfigured),
        (301002, PlatformMisconfigured),
        (48006, PlatformMisconfigured),
        (81013, NotDelivered),
        (60111, NotDelivered),
        (999999, PlatformRefused),
    ],
)
async def test_each_cause_has_its_error(client, wecom, code, error):
    """An errcode becomes the error that says what to do, and the call is not repeated."""
    wecom.script[SEND] = [{"errcode": code, "errmsg": "from ip: 1.2.3.4"}]

    with pytest.raises(PlatformRefused) as refused:
        await client.send_card("zhangsan", CARD)

    assert type(refused.value) is error
    assert refused.value.code == code
    assert refused.value.detail == "from ip: 1.2.3.4"
    assert getattr(refused.value, "people", ("zhangsan",)) == ("zhangsan",)
    assert len(wecom.calls(SEND)) == 1


async def test_an_invalid_user_is_not_delivered(client, wecom):
    """An answer with errcode 0 and an invaliduser raises NotDelivered."""
    wecom.script[SEND] = [{"errcode": 0, "errmsg": "ok", "invaliduser": "zhangsan", "msgid": "m"}]
    wecom.script[UPDATE] = [{"errcode": 0, "errmsg": "ok", "invaliduser": ["b", "c"]}]

    with pytest.raises(NotDelivered) as missed:
        await client.send_text("ZhangSan", "x")
    assert missed.value.people == ("zhangsan",)
    with pytest.raises(NotDelivered) as missed:
        await client.update_card("code", ["a", "b", "c"], CARD)
    assert missed.value.people == ("b", "c")


async def test_an_unlicensed_user_is_not_delivered(client, wecom):
    """An answer with errcode 0 and an unlicenseduser raises NotDelivered too."""
    wecom.script[SEND] = [{"errcode": 0, "invaliduser": "", "unlicenseduser": "a"}]

    with pytest.raises(NotDelivered):
        await client.send_text("a", "x")


async def test_our_own_resend_of_a_card_counts_as_delivered(client, wecom):
    """When a first try arrived and its answer was lost, 42014 on the resend counts as delivered."""
    wecom.script[SEND] = [{"errcode": 42014}, {"errcode": -1}, {"errcode": 42014}]

    assert await client.send_card("a", CARD, resend=True) == Sent(msgid="", repeated=True)
    assert await client.send_card("a", CARD) == Sent(msgid="", repeated=True)


@pytest.mark.parametrize(
    "answer",
    ["html", "empty", "redirect", "server_error", "deep_json", "cut_off", "hang", "endless"],
)
async def test_what_is_no_answer_may_have_arrived(wecom, clock, monkeypatch, answer):
    """An answer that is not the API's raises PlatformUnreachable in bounded time; the call may have arrived."""
    monkeypatch.setattr(transport_module, "MAX_ANSWER", 1024 * 1024)
    transport = Transport(wecom.base, "voidbot/1", timeout=aiohttp.ClientTimeout(total=0.5))
    client = client_of(wecom, clock, transport=transport)
    await client.check()
    wecom.script[SEND] = [getattr(fake_wecom, answer)]

    with pytest.raises(PlatformUnreachable) as unreachable:
        await client.send_text("a", "x")

    assert unreachable.value.sent is True
    assert wecom.calls("trap") == []
    await client.close()


@pytest.mark.parametrize("reply", [{}, {"errcode": "x"}, {"errcode": None}, {"errcode": float("inf")}])
async def test_an_answer_without_errcode_is_none(client, wecom, reply):
    """JSON without the API's fields is no success."""
    wecom.script[SEND] = [reply]

    with pytest.raises(PlatformUnreachable):
        await client.send_text("a", "x")


async def test_nobody_listening_means_not_sent(wecom, clock):
    """A refused connection raises PlatformUnreachable as a call that has certainly not arrived."""
    client = client_of(wecom, clock, base_url="http://127.0.0.1:1")

    with pytest.raises(PlatformUnreachable) as unreachable:
        await client.send_text("a", "x")

    assert unreachable.value.sent is False
    await client.close()


async def test_a_token_answer_without_token_is_unreachable(client, wecom):
    """An answer of gettoken without a token raises PlatformUnreachable."""
    wecom.script["gettoken"] = [{"errcode": 0}]

    with pytest.raises(PlatformUnreachable):
        await client.check()


# secrets


async def failures(client: WeComClient, wecom: FakeWeCom) -> list[PlatformError]:
    found: list[PlatformError] = []
    await client.check()
    odd = [getattr(fake_wecom, name) for name in ("html", "empty", "redirect", "cut_off", "hang")]
    codes = (40001, 40014, 42001, 45009, 60020, 81013, 12345)
    for replies in [[reply] for reply in odd] + [
        [{"errcode": code, "errmsg": f"CANARY-token-{n} CANARY-secret"} for n in (1, 2)] for code in codes
    ]:
        wecom.script[SEND] = replies
        try:
            await client.send_card("a", CARD)
        except PlatformError as error:
            found.append(error)
    return found


async def test_no_secret_gets_into_errors_or_logs(wecom, clock, caplog):
    """Token and secret are in no message, detail, repr, cause, context or log line of any failure."""
    caplog.set_level(logging.DEBUG)
    transport = Transport(wecom.base, "voidbot/1", timeout=aiohttp.ClientTimeout(total=0.3))
    client = client_of(wecom, clock, transport=transport)
    with capture_logs() as logs:
        errors = await failures(client, wecom)
        await client.close()
        nobody = client_of(wecom, clock, base_url="http://127.0.0.1:1")
        with pytest.raises(PlatformUnreachable) as unreachable:
            await nobody.check()
        await nobody.close()
    wrong = client_of(wecom, clock, secret="CANARY-wrong-secret")
    with pytest.raises(PlatformMisconfigured) as misconfigured:
        await wrong.check()
    await wrong.close()

    errors += [unreachable.value, misconfigured.value]
    assert len(errors) >= 11
    for error in errors:
        shown = "".join(traceback.format_exception(error)) + repr(error) + str(vars(error))
        assert "CANARY" not in shown
        assert error.__context__ is None or isinstance(error.__context__, PlatformError)
        assert error.__cause__ is None
    ours = [record for record in caplog.records if not record.name.startswith("aiohttp.access")]
    assert "CANARY" not in "".join(record.getMessage() for record in ours)
    assert "CANARY" not in repr(logs) + repr(client) + repr(await MemoryTokenCache().get())


async def test_a_cached_token_does_not_show_itself(wecom, clock):
    """The repr of a cached token holds no token."""
    cache = MemoryTokenCache()
    client = client_of(wecom, clock, token_cache=cache)
    await client.check()
    await client.close()
    token = await cache.get()

    assert token is not None
    assert token.value == "CANARY-token-1"
    assert "CANARY" not in repr(token)


# the rest


async def test_a_member_is_read_with_everything_optional(client, wecom):
    """Old apps are told much about a member and new ones little; fields of odd types count as absent."""
    wecom.script["user/get"] = [
        {
            "errcode": 0,
            "userid": "ZhangSan",
            "name": "张三",
            "status": 1,
            "direct_leader": ["lisi"],
            "department": [1, 2],
            "main_department": 2,
            "position": "销售",
        },
        {"errcode": 0, "userid": "a"},
        {"errcode": 0, "name": None, "status": "1", "direct_leader": "x", "department": [{}]},
    ]

    full = Member("ZhangSan", "张三", MemberStatus.ACTIVE, ("lisi",), (1, 2), 2, "销售")
    assert await client.member("zhangsan") == full
    assert await client.member("a") == Member("a")
    assert await client.member("b") == Member("b")
    assert wecom.calls("user/get")[0].query["userid"] == "zhangsan"


async def test_a_member_who_is_gone_is_none(client, wecom):
    """A deleted member is None."""
    wecom.script["user/get"] = [{"errcode": 60111}]

    assert await client.member("a") is None


@pytest.mark.parametrize("code", [60021, 60011, 40003])
async def test_a_member_we_may_not_see_is_not_gone(client, wecom, code):
    """An id outside the visible range, or one that WeCom cannot read, does not count as a member who has left."""
    wecom.script["user/get"] = [{"errcode": code}]

    with pytest.raises(NotDelivered):
        await client.member("a")


async def test_the_menu_goes_to_the_app(client, wecom):
    """menu/create takes the app id in the query."""
    await client.create_menu({"button": []})

    (asked,) = wecom.calls("menu/create")
    assert asked.query["agentid"] == "1000002"
    assert asked.body == {"button": []}


async def test_callback_addresses_are_listed(client, wecom):
    """Callback addresses are returned unchanged, patterns included."""
    wecom.script["getcallbackip"] = [{"errcode": 0, "ip_list": ["101.226.103.*", "10.0.0.0/8", 7]}]

    assert await client.callback_ips() == ("101.226.103.*", "10.0.0.0/8")


async def test_a_file_is_uploaded_under_a_plain_name(client, wecom):
    """An upload has one part named media, with a plain ASCII filename."""
    wecom.script["media/upload"] = [{"errcode": 0, "media_id": "m1", "created_at": "1380000000"}]

    assert await client.upload_file("report.xlsx", b"0123456789") == "m1"
    (asked,) = wecom.calls("media/upload")
    assert asked.query["type"] == "file"
    assert b'name="media"; filename="report.xlsx"' in asked.body
    assert b"0123456789" in asked.body


async def test_an_upload_is_repeated_whole_after_a_dead_token(client, wecom):
    """The second try of an upload sends the whole file again."""
    await client.check()
    wecom.kill_tokens()
    wecom.script["media/upload"] = [{"errcode": 42001}, {"errcode": 0, "media_id": "m1"}]

    assert await client.upload_file("report.xlsx", b"0123456789") == "m1"
    assert [b"0123456789" in asked.body for asked in wecom.calls("media/upload")] == [True, True]


@pytest.mark.parametrize(
    ("name", "data"), [("报表.xlsx", b"0123456789"), ("a.txt", b"12345"), ('a"b', b"0123456789")]
)
async def test_a_file_wecom_would_refuse_is_not_sent(client, wecom, name, data):
    """A name outside ASCII and a file of five bytes are refused before the call."""
    with pytest.raises(ValueError, match="file"):
        await client.upload_file(name, data)
    assert wecom.asked == []


async def test_an_empty_text_is_a_defect_of_ours(client):
    """A blank text is refused before the call."""
    with pytest.raises(ValueError, match="words"):
        await client.send_text("a", " \n ")


async def test_a_session_that_was_handed_in_stays_open(wecom, clock):
    """A session that was passed in stays open when the client closes."""
    async with aiohttp.ClientSession() as session:
        client = client_of(wecom, clock, session=session)
        await client.check()
        await client.close()
        assert not session.closed
