"""A town with a second door, made of memory: a story must expect what comes through either of them."""

import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Unpack

from sqlalchemy import select

from core.domain.address import OWN_CHAT, Address, Channel
from core.domain.audit import Tag
from core.domain.incoming import Content, Incoming, Tap, Text
from core.domain.outbox import DeliveryKind
from core.domain.people import PersonId, person_id
from core.storage.tables import deliveries, inbox
from tests.memory import MEMORY, MemoryMessenger
from tests.scenario.listening import Listening, Message, Parts, card, look, text, told
from tests.scenario.town import Town
from tests.scenario.weather import open_town


@dataclass
class House:
    """A town with two doors: everybody has the app, and writes through memory as well."""

    town: Town
    messenger: MemoryMessenger
    listening: Listening = field(init=False)
    """One for the whole memory channel; it knows a conversation by `_name`."""
    said: int = 0

    def __post_init__(self) -> None:
        self.listening = Listening(self._chat)

    def at(self, who: str, conversation: str = OWN_CHAT) -> "MemoryDoor":
        return MemoryDoor(self, Address(MEMORY, person_id(who), conversation), who)

    async def finish(self) -> None:
        """Ends a story: nobody has got an unexpected message through either door, and no answer went astray."""
        await self.town.finish()
        unheard = {name: await self.listening.unheard(name) for name in map(_name, self.messenger.shown)}
        if any(unheard.values()):
            raise AssertionError(told(unheard))
        answers = await self.answers()
        assert any(asked.channel == MEMORY for asked, _ in answers), "nothing was answered, so nothing is proven"
        assert [answer for answer in answers if answer[0] != answer[1]] == []

    async def answers(self) -> list[tuple[Address, Address]]:
        """Returns where each message came from and where its sender was told something in its transaction.

        A transaction has one moment, which the log keeps for the message and the outbox for what it stored.
        """
        asked, sent = inbox.c, deliveries.c
        addresses = select(asked.key, asked.channel, asked.sender, asked.conversation)
        messages = select(sent.created_at, sent.channel, sent.person, sent.conversation)

        def read(uow: Any) -> list[tuple[Address, Address]]:
            log = [entry for entry in uow.audit.entries() if entry.tag == Tag.MESSAGE_RECEIVED]
            came = {key: _address(*where) for key, *where in uow.connection.execute(addresses)}
            at = {entry.at: came[json.loads(entry.detail)["key"]] for entry in log}
            rows = uow.connection.execute(messages.where(sent.kind != DeliveryKind.UPDATE))
            went = [(at.get(moment), _address(*where)) for moment, *where in rows]
            return [(here, there) for here, there in went if here is not None and here.person == there.person]

        return await self.town.db.read(read)

    async def _chat(self, name: str, after: int) -> list[Message]:
        person, _, conversation = name.partition(" in ")
        shown = self.messenger.shown[Address(MEMORY, PersonId(person), conversation)]
        every = [
            {"id": place, "text": one.text}
            if one.card is None
            else {"id": place, "card": one.card, "task_id": one.task_id, "updated": one.updated}
            for place, one in enumerate(shown, 1)
        ]
        return every[after:]


@dataclass(frozen=True)
class MemoryDoor:
    """One person in one conversation of the memory channel: writes, taps, and expects what the bot sends."""

    house: House
    address: Address
    userid: str

    async def say(self, words: str) -> None:
        await self._comes(Text(words))

    async def tap(self, shown: Message, button: str, **selected: str) -> None:
        """Taps a button that can be tapped, with options that the card offers."""
        (one,) = [each for each in self.house.messenger.shown[self.address] if each.task_id == shown["task_id"]]
        assert one.card is not None
        assert button in look({"card": one.card}).buttons
        controls = [*one.card.get("button_list", ()), *filter(None, [one.card.get("submit_button")])]
        (key,) = [str(control["key"]) for control in controls if control["text"] == button]
        assert all(f'"id": "{option}"' in json.dumps(one.card) for option in selected.values())
        chosen = {question: (option,) for question, option in selected.items()}
        await self._comes(Tap(one.task_id, key, self.house.messenger.new_code(one), chosen))

    async def hears(self, *words: str) -> Message:
        """Waits for the next message in this conversation: a text with all these words."""
        return await self.house.listening.next(_name(self.address), text(*words))

    async def gets_card(self, **parts: Unpack[Parts]) -> Message:
        """Waits for the next message in this conversation: a card with all these parts."""
        return await self.house.listening.next(_name(self.address), card(**parts))

    async def becomes(self, shown: Message, **parts: Unpack[Parts]) -> Message:
        """Waits until this very card has been redrawn to have all these parts."""
        return await self.house.listening.becomes(_name(self.address), shown, **parts)

    async def _comes(self, content: Content) -> None:
        """Stores the message in the inbox, which wakes the bot."""
        self.house.said += 1
        digest = hashlib.sha1(f"{self.house.said}".encode()).hexdigest()

        def store(uow: Any) -> list[bool]:
            incoming = Incoming(f"memory:{digest}", self.address, self.userid, uow.now, content, digest)
            stored: list[bool] = uow.inbox.add([(incoming, digest)])
            return stored

        assert await self.house.town.db.run(store) == [True]


@asynccontextmanager
async def open_house(database_url: str, folder: Path) -> AsyncIterator[House]:
    messenger = MemoryMessenger()
    async with open_town(database_url, folder, messengers={MEMORY: messenger}) as town:
        yield House(town, messenger)


def _name(address: Address) -> str:
    return " in ".join(filter(None, (address.person, address.conversation)))


def _address(channel: str, person: str, conversation: str) -> Address:
    return Address(Channel(channel), PersonId(person), conversation)
