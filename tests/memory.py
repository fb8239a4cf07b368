"""A channel in memory: sent messages are kept in a dict, and what people say goes straight into the inbox.

It has no HTTP and no platform. As a second channel it shows that nothing but a channel knows which channel it is.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from core.domain.address import Address, Channel
from core.domain.errors import CardRefused, CodeSpent, NotDelivered, TaskIdUsed
from core.domain.incoming import Content, Incoming, Tap, Text
from core.domain.limits import UNLIMITED
from core.domain.people import PersonId, person_id
from core.ports.messages import Attempt
from core.storage.db import Database

MEMORY = Channel("memory")


@dataclass
class Shown:
    """One message that a person sees."""

    delivery: int
    text: str = ""
    card: dict[str, Any] | None = None
    task_id: str = ""


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
            body = {**(one.card or {}), "button_list": [{"text": body["replace_name"]}]}
        one.card = body

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


@dataclass
class MemoryDoor:
    """A person at the other end of a conversation, who writes, taps and looks."""

    messenger: MemoryMessenger
    db: Database
    who: str
    stored: Callable[[], None] = lambda: None
    """Wakes the bot after a message was stored."""
    conversation: str = ""
    _count: int = 0

    @property
    def address(self) -> Address:
        return Address(MEMORY, person_id(self.who), self.conversation)

    async def say(self, text: str) -> None:
        await self._comes(Text(text))

    async def tap(self, one: Shown, button: str, **selected: str) -> None:
        assert one.card is not None
        (key,) = [str(each["key"]) for each in one.card["button_list"] if each["text"] == button]
        chosen = {question: (option,) for question, option in selected.items()}
        code = self.messenger.new_code(one) if one in self.messenger.shown[self.address] else ""
        await self._comes(Tap(one.task_id, key, code, chosen))

    async def _comes(self, content: Content) -> None:
        self._count += 1
        digest = hashlib.sha1(f"{self.address} {self._count}".encode()).hexdigest()
        incoming = Incoming(f"memory:{digest}", self.address, self.who, datetime.now(UTC), content, digest)
        assert await self.db.run(lambda uow: uow.inbox.add([(incoming, digest)])) == [True]
        self.stored()

    def texts(self) -> list[str]:
        return [one.text for one in self.messenger.shown[self.address] if one.text]

    def cards(self, *words: str) -> list[Shown]:
        """Returns the cards that now show all these words."""
        seen = [one for one in self.messenger.shown[self.address] if one.card is not None]
        return [one for one in seen if all(word in str(one.card) for word in words)]
