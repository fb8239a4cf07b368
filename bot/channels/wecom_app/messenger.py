"""Sends deliveries to the app's chats: the `Messenger` of the WeCom app channel."""

import json
from typing import Any

from bot.channels.wecom_app.client import WeComClient
from bot.channels.wecom_app.limits import APP_LIMITS, MEMBER_LIMITS
from core.domain.limits import SlidingLimits
from core.ports.messages import Attempt


class AppMessenger:
    """A `Messenger` that ignores the conversation of an address, as a member has only one chat with the app."""

    person_limits: SlidingLimits = MEMBER_LIMITS
    channel_limits: SlidingLimits = APP_LIMITS

    def __init__(self, client: WeComClient) -> None:
        self._client = client

    async def send_text(self, attempt: Attempt, text: str) -> None:
        await self._client.send_text(attempt.userid, text, number=attempt.delivery)

    async def send_markdown(self, attempt: Attempt, text: str) -> None:
        await self._client.send_markdown(attempt.userid, text, number=attempt.delivery)

    async def send_card(self, attempt: Attempt, card: str, task_id: str) -> str | None:
        body = {**_fresh(json.loads(card)), "task_id": task_id}
        sent = await self._client.send_card(attempt.userid, body, resend=attempt.again)
        return sent.response_code

    async def redraw(self, attempt: Attempt, card: str, code: str) -> None:
        body = json.loads(card)
        if set(body) == {"replace_name"}:  # a body that only greys the buttons goes by another kind of update
            await self._client.update_button(code, (attempt.userid,), body["replace_name"])
        else:
            await self._client.update_card(code, (attempt.userid,), body)


def _fresh(card: dict[str, Any]) -> dict[str, Any]:
    """Takes out the fields that only an update may hold (path/90236, 94888).

    An update for which no code is left is sent as a new card.
    """
    card.pop("replace_text", None)
    for holder in [card.get("button_selection"), card.get("checkbox"), *card.get("select_list", [])]:
        if holder:
            holder.pop("disable", None)
    return card
