"""Calls WeCom's API: messages, cards, people, menu, files.

Every failure is an error of the one tree (`core/domain/errors.py`), chosen in `bot/channels/wecom_app/errors.py`.
Sending may be repeated without harm: a card has a fixed task_id, a text WeCom's duplicate check, an update a
one-use code. The caller must keep the limits per member (`bot/channels/wecom_app/limits.py`), because WeCom
silently drops what exceeds them.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp

from bot.channels.wecom_app.errors import TOKEN_DEAD, WRONG_SECRET, refusal
from bot.channels.wecom_app.members import Member, read_member
from bot.channels.wecom_app.splitting import split_text
from bot.channels.wecom_app.tokens import MemoryTokenCache, TokenCache, TokenKeeper
from bot.channels.wecom_app.transport import Answer, Transport
from config.official import OFFICIAL_API
from core.domain.errors import Busy, NotDelivered, PlatformUnreachable, TaskIdUsed

DUPLICATE_SECONDS = 1800
MOST_DUPLICATE_SECONDS = 4 * 3600
"""The shortest interval of the duplicate check that we use, and the longest that WeCom takes (path/90236)."""
MOST_PARTS = 4
"""The places that each delivery has for its parts, see `_duplicate_check`.

A text of more parts uses places of the deliveries after it, and is told apart from fewer of them.
"""
BUSY_PAUSES = (0.3, 1.0, 2.0)
"""Seconds before the second, third and last try when WeCom says that it is busy."""

MAX_FILE_BYTES = 20 * 1024 * 1024

_USERID = re.compile(r"[^@|\s][^|\s]{0,63}")
"""One single person: `|` would join several, and `@all` would mean everybody."""

_FILE_NAME = re.compile(r"[0-9A-Za-z_-][0-9A-Za-z._-]{0,63}")
_NO_SUCH_MEMBER = 60111
_MAX_DETAIL = 300


@dataclass(frozen=True, slots=True)
class Sent:
    msgid: str
    """The id by which the message could be recalled; empty when WeCom gave none."""
    response_code: str | None = None
    """A code that updates the card once, within 72 h."""
    repeated: bool = False
    """Whether an earlier try, whose answer was lost, had delivered the card already; then there is no code."""


class WeComClient:
    """Makes the calls of one app. `now` and `sleep` are for tests; a session passed in is not closed here."""

    def __init__(
        self,
        *,
        corp_id: str,
        agent_id: int | str,
        secret: str,
        base_url: str = OFFICIAL_API,
        version: str = "0",
        session: aiohttp.ClientSession | None = None,
        token_cache: TokenCache | None = None,
        transport: Transport | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._corp_id = corp_id
        self._agent_id = int(agent_id)
        self._secret = secret
        self._transport = transport or Transport(base_url, f"voidbot/{version}", session=session)
        self._tokens = TokenKeeper(self._fetch_token, token_cache or MemoryTokenCache(), now)
        self._sleep = sleep

    async def check(self) -> None:
        """Returns when WeCom gives us a token; used by the readiness check. Raises PlatformError."""
        await self._tokens.current()

    async def close(self) -> None:
        await self._transport.close()

    # messages

    async def send_text(self, to: str, text: str, *, number: int = 0) -> Sent:
        """Sends a text to one person, in parts when it is long.

        `number` is that of the delivery, see `_duplicate_check`.
        """
        return await self._send_parts("text", to, text, number)

    async def send_markdown(self, to: str, text: str, *, number: int = 0) -> Sent:
        return await self._send_parts("markdown", to, text, number)

    async def send_card(self, to: str, card: Mapping[str, Any], *, resend: bool = False) -> Sent:
        """Sends a card to one person. With `resend`, a task_id already used means that our earlier try arrived."""
        message: dict[str, Any] = {"msgtype": "template_card", "template_card": dict(card)}
        if "task_id" not in card:  # only a task_id guards a card against being sent twice
            message |= _duplicate_check(0)
        try:
            return _sent(await self._send(to, message))
        except TaskIdUsed as used:
            if resend or used.after_retry:
                return Sent(msgid="", repeated=True)
            raise

    async def update_card(self, code: str, to: Sequence[str], card: Mapping[str, Any]) -> None:
        """Replaces a card in the chats of these people. Raises CodeSpent when the code is used or past 72 h."""
        await self._update(code, to, {"template_card": dict(card)})

    async def update_button(self, code: str, to: Sequence[str], text: str) -> None:
        """Turns the card's buttons into one grey button with this text."""
        await self._update(code, to, {"button": {"replace_name": text}})

    # people, menu, addresses, files

    async def member(self, userid: str) -> Member | None:
        """Returns a member, or None for a user id that WeCom does not know.

        Raises NotDelivered for somebody outside the app's visible range, who may still be a member.
        """
        _check_people("user/get", (userid,))
        try:
            return read_member(userid, await self._get("user/get", userid=userid))
        except NotDelivered as error:
            if error.code == _NO_SUCH_MEMBER:
                return None
            raise

    async def create_menu(self, menu: Mapping[str, Any]) -> None:
        await self._post("menu/create", menu, agentid=str(self._agent_id))

    async def callback_ips(self) -> tuple[str, ...]:
        """Returns the sources of callbacks: addresses, networks, or patterns such as `101.226.103.*`."""
        answer = await self._get("getcallbackip")
        return tuple(ip for ip in answer.get("ip_list") or () if isinstance(ip, str))

    async def upload_file(self, name: str, data: bytes) -> str:
        """Uploads a file and returns its media_id, which is valid for 3 days.

        Raises ValueError for a size that WeCom refuses, and for a name outside ASCII, on which it fails.
        """
        if _FILE_NAME.fullmatch(name) is None:
            raise ValueError("a file name must be 1 to 64 ASCII letters, digits, dots, dashes or underscores")
        if not 5 < len(data) <= MAX_FILE_BYTES:
            raise ValueError("a file must have more than 5 bytes and at most 20 MB")
        answer = await self._call(
            "media/upload", lambda params: self._transport.upload("media/upload", params, name, data), type="file"
        )
        return _needed(answer, "media_id", "media/upload")

    # the calls behind them

    async def _send_parts(self, kind: str, to: str, text: str, number: int) -> Sent:
        parts = split_text(text)
        if not parts:
            raise ValueError("a message needs words")
        for place, part in enumerate(parts, number * MOST_PARTS):
            message = {"msgtype": kind, kind: {"content": part}, **_duplicate_check(place)}
            sent = _sent(await self._send(to, message))
        return sent

    async def _send(self, to: str, message: Mapping[str, Any]) -> Answer:
        _check_people("message/send", (to,))
        payload = {"touser": to, "agentid": self._agent_id, **message}
        return await self._post("message/send", payload, people=(to,))

    async def _update(self, code: str, to: Sequence[str], change: Mapping[str, Any]) -> None:
        _check_people("message/update_template_card", to)
        payload = {"userids": list(to), "agentid": self._agent_id, "response_code": code, **change}
        await self._post("message/update_template_card", payload, people=tuple(to))

    async def _get(self, call: str, **params: str) -> Answer:
        return await self._call(call, lambda full: self._transport.get(call, full), **params)

    async def _post(
        self, call: str, payload: Mapping[str, Any], *, people: Sequence[str] = (), **params: str
    ) -> Answer:
        answer = await self._call(
            call, lambda full: self._transport.post(call, full, payload), people=people, **params
        )
        missed = _missed(answer)  # errcode is 0 even when nobody got it
        if missed:
            raise NotDelivered(call, 0, people=missed)
        return answer

    async def _call(
        self,
        call: str,
        ask: Callable[[Mapping[str, str]], Awaitable[Answer]],
        *,
        people: Sequence[str] = (),
        **params: str,
    ) -> Answer:
        """Makes one call, and tries it again while WeCom is busy."""
        for tried, pause in enumerate((*BUSY_PAUSES, None)):
            try:
                return await self._call_once(call, ask, params, people)
            except Busy:
                if pause is None:
                    raise
                await self._sleep(pause)
            except TaskIdUsed as used:
                # After a busy answer it may be the try before that has delivered the card.
                used.after_retry = tried > 0
                raise
        raise AssertionError("the last try returns or raises")

    async def _call_once(
        self,
        call: str,
        ask: Callable[[Mapping[str, str]], Awaitable[Answer]],
        params: Mapping[str, str],
        people: Sequence[str],
    ) -> Answer:
        """Makes one call; when the token has ended early, fetches another and repeats the call once."""
        token = await self._tokens.current()
        answer = await ask({**params, "access_token": token})
        if answer["errcode"] in TOKEN_DEAD | {WRONG_SECRET}:
            token = await self._tokens.renew(token)
            answer = await ask({**params, "access_token": token})
        code = answer["errcode"]
        if code == 0:
            return answer
        error = refusal(call, code, self._scrubbed(answer, token), people)
        if code == WRONG_SECRET:  # with a new token too: further tries would get our address banned
            await self._tokens.distrust(token, error)
        raise error

    async def _fetch_token(self) -> tuple[str, timedelta]:
        answer = await self._transport.get("gettoken", {"corpid": self._corp_id, "corpsecret": self._secret})
        if answer["errcode"] != 0:
            raise refusal("gettoken", answer["errcode"], self._scrubbed(answer))
        seconds = answer.get("expires_in")
        lifetime = timedelta(seconds=seconds if isinstance(seconds, int) and 0 < seconds <= 86400 else 7200)
        return _needed(answer, "access_token", "gettoken"), lifetime

    def _scrubbed(self, answer: Answer, token: str = "") -> str:
        """Returns errmsg for the log: cut to a bound, and without token and secret, should WeCom repeat them."""
        detail = str(answer.get("errmsg", ""))
        for secret in (token, self._secret):
            detail = detail.replace(secret, "***") if secret else detail
        return detail[:_MAX_DETAIL]


def _check_people(call: str, to: Sequence[str]) -> None:
    odd = [userid for userid in to if _USERID.fullmatch(userid) is None]
    if odd or not to:
        raise NotDelivered(call, 40003, people=odd)


def _duplicate_check(place: int) -> dict[str, int]:
    """Returns the fields that make WeCom drop a message whose JSON equals an earlier one within the interval.

    So a resend does no harm. But two answers may rightly have the same words: another place gives another interval
    and so other JSON. Of 3,150 deliveries in a row none equals another, and a resend equals its first try.
    """
    spread = place % (MOST_DUPLICATE_SECONDS - DUPLICATE_SECONDS)
    return {"enable_duplicate_check": 1, "duplicate_check_interval": DUPLICATE_SECONDS + spread}


def _missed(answer: Answer) -> tuple[str, ...]:
    """Returns the people who did not get the message although errcode is 0.

    WeCom joins them by `|` in the answer to a message, and lists them in the answer to an update.
    """
    missed: list[str] = []
    for field in ("invaliduser", "unlicenseduser"):
        named = answer.get(field) or ()
        missed += named.split("|") if isinstance(named, str) else [str(userid) for userid in named]
    return tuple(userid for userid in missed if userid)


def _sent(answer: Answer) -> Sent:
    code = answer.get("response_code")
    return Sent(str(answer.get("msgid") or ""), code if isinstance(code, str) and code else None)


def _needed(answer: Answer, field: str, call: str) -> str:
    value = answer.get(field)
    if not isinstance(value, str) or not value:
        raise PlatformUnreachable(call, f"an answer without {field}", sent=True)
    return value
