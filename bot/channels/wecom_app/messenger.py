"""The app's chats as a `Messenger`: deliveries in, WeCom's calls out."""

import json
from typing import Any

from bot.channels.wecom_app.client import WeComClient
from bot.channels.wecom_app.limits import APP_LIMITS, MEMBER_LIMITS
from core.domain.limits import SlidingLimits
from core.ports.messages import Attempt


class AppMessenger:
    """A member has one chat with the app, so the conversation of an address says nothing here."""

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
        if set(body) == {"replace_name"}:
            await self._client.update_button(code, (attempt.userid,), body["replace_name"])
        else:
            await self._client.update_card(code, (attempt.userid,), body)


def _fresh(card: dict[str, Any]) -> dict[str, Any]:
    """What an update may hold and a new card may not, taken out (path/90236, 94888): where no code is left, an
    update is sent as a card of its own.
    """
    card.pop("replace_text", None)
    for holder in [card.get("button_selection"), card.get("checkbox"), *card.get("select_list", [])]:
        if holder:
            holder.pop("disable", None)
    return card
