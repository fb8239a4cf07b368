"""A channel in memory: sent messages are kept in a dict.

It has no HTTP and no platform. As a second channel it shows that nothing but a channel knows which channel it is.
`tests/scenario/memory_door.py` has the people at its other end.
"""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from core.domain.address import Address, Channel
from core.domain.errors import CardRefused, CodeSpent, NotDelivered, TaskIdUsed
from core.domain.limits import UNLIMITED
from core.domain.people import PersonId
from core.ports.messages import Attempt

MEMORY = Channel("memory")


@dataclass
class Shown:
    """One message that a person sees."""

    delivery: int
    text: str = ""
    card: dict[str, Any] | None = None
    task_id: str = ""
    updated: int = 0
    """How often the card was redrawn."""


@dataclass
class MemoryMessenger:
    """A `Messenger` that reaches everybody except the people in `away`."""

    person_limits = UNLIMITED
    channel_limits = UNLIMITED
    shown: dict[Address, list[Shown]] = field(default_factory=lambda: defaultdict(list))
    away: set[PersonId] = field(default_factory=set)
    _codes: dict[str, Shown] = field(default_factory=dict)
    _count: int = 0

    async def send_text(self, attempt: Attempt, text: str) -> None:
        self._say(attempt, text)

    async def send_markdown(self, attempt: Attempt, text: str) -> None:
        self._say(attempt, text)

    async def send_card(self, attempt: Attempt, card: str, task_id: str) -> str | None:
        chat = self._chat(attempt)
        if any(one.task_id == task_id for chat_ in self.shown.values() for one in chat_):
            if attempt.again:
                return None
            raise TaskIdUsed("send_card", 0)
        body = json.loads(card)
        if "card_type" not in body:
            raise CardRefused("send_card", 0)
        chat.append(Shown(attempt.delivery, card=body, task_id=task_id))
        return self.new_code(chat[-1])

    async def redraw(self, attempt: Attempt, card: str, code: str) -> None:
        self._chat(attempt)  # raises for people in `away`
        if code not in self._codes:
            raise CodeSpent("redraw", 0)
        one = self._codes.pop(code)
        body = json.loads(card)
        if set(body) == {"replace_name"}:
            body = {**(one.card or {}), "replace_text": body["replace_name"]}
        one.card = body
        one.updated += 1

    def new_code(self, one: Shown) -> str:
        self._count += 1
        code = f"code-{self._count}"
        self._codes[code] = one
        return code

    def _say(self, attempt: Attempt, text: str) -> None:
        chat = self._chat(attempt)
        if all(one.delivery != attempt.delivery for one in chat):  # sending again shows nothing again
            chat.append(Shown(attempt.delivery, text))

    def _chat(self, attempt: Attempt) -> list[Shown]:
        if attempt.to.person in self.away:
            raise NotDelivered("send", 0, people=(attempt.userid,))
        return self.shown[attempt.to]
