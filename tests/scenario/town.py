"""The small company of the stories: its people, the bot, and a pretend WeCom that is met over HTTP."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Unpack

import aiohttp
from sqlalchemy import Connection, exists, select

from config.settings import Settings
from core.crm.embedded.tables import customers, segments
from core.domain.operation.life import State
from core.domain.operation.operation import Operation
from core.domain.people import Role, person_id
from core.services.working_time import is_working_day
from core.storage.db import Database
from core.storage.tables import operations
from tests.scenario.listening import (
    A_MOMENT,
    PATIENCE,
    Expected,
    Facts,
    Listening,
    Message,
    Parts,
    card,
    look,
    text,
    told,
)

LEADERS = {"wangmin": "liqiang", "zhaojun": "liqiang", "liqiang": "chenjie"}
"""The approver who is asked about each person's requests, unless the policy says otherwise."""
ENDING = (State.DRAFT, State.PENDING, State.FINAL, State.STALE)
"""States that end when their time is over."""


@dataclass
class Town:
    """Acts for the people of a story: writes, taps, and expects what the bot sends."""

    wecom: str
    bot: str
    http: aiohttp.ClientSession
    db: Database
    settings: Settings
    listening: Listening = field(init=False)

    def __post_init__(self) -> None:
        self.listening = Listening(self.chat)

    # people

    async def say(self, who: str, text: str) -> dict[str, Any]:
        return await self.post(f"users/{who}/messages", {"text": text})

    async def tap(
        self, who: str, card: Message, button: str, *, force: bool = False, **selected: str | list[str]
    ) -> Any:
        choices = {key: value if isinstance(value, list) else [value] for key, value in selected.items()}
        body: dict[str, Any] = {"task_id": card["task_id"], "key": button, "force": force}
        if choices:
            body["selected"] = choices
        return await self.post(f"users/{who}/taps", body)

    async def event(self, who: str, name: str, **more: str) -> None:
        await self.post(f"users/{who}/events", {"event": name, **more})

    async def advance(self, span: str) -> None:
        await self.post("clock", {"advance": span})

    async def working_morning(self) -> None:
        """Moves the clock to ten o'clock of the next working day, when reminders are sent."""
        at = datetime.fromtimestamp((await self.get("clock"))["now"], self.settings.zone)
        morning = (at + timedelta(days=1)).replace(hour=10, minute=0, second=0)
        while not is_working_day(morning.date()):
            morning += timedelta(days=1)
        await self.advance(f"{int((morning - at).total_seconds())}s")

    async def fault(self, **faults: Any) -> None:
        await self.post("faults", faults)

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        async with self.http.post(f"{self.wecom}/sandbox/{path}", json=body) as answer:
            said: dict[str, Any] = await answer.json()
            assert answer.status == 200, (path, said)
            return said

    async def get(self, path: str) -> dict[str, Any]:
        async with self.http.get(f"{self.wecom}/sandbox/{path}") as answer:
            said: dict[str, Any] = await answer.json()
            return said

    # what they see

    async def chat(self, who: str, after: int = 0) -> list[Message]:
        """Returns the bot's messages to this person after the message of that number, as they look now."""
        messages: list[Message] = (await self.get(f"users/{who}/messages?after={after}"))["messages"]
        return [message for message in messages if message["from"] == "bot"]

    async def hears(self, who: str, *words: str) -> Message:
        """Waits for this person's next message: a text with all these words."""
        return await self.listening.next(who, text(*words))

    async def gets_card(self, who: str, **parts: Unpack[Parts]) -> Message:
        """Waits for this person's next message: a card with all these parts."""
        return await self.listening.next(who, card(**parts))

    async def gets_all(self, who: str, *expected: Expected) -> list[Message]:
        """Waits for this person's next messages, which may come in any order."""
        return await self.listening.next_all(who, *expected)

    async def becomes(self, who: str, shown: Message, **parts: Unpack[Parts]) -> Message:
        """Waits until this very card has been redrawn to have all these parts."""
        return await self.listening.becomes(who, shown, **parts)

    async def hears_nothing(self, who: str) -> None:
        """Waits until all is delivered, and checks that this person has got no unexpected message."""
        await self.settled()
        if unheard := await self.listening.unheard(who):
            raise AssertionError(told({who: unheard}))

    async def hears_only(self, who: str, *words: str) -> list[Message]:
        """Waits until all is delivered, and checks that this person has got only texts with all these words."""
        await self.settled()
        return [await self.hears(who, *words) for _ in await self.listening.unheard(who)]

    async def settled(self) -> None:
        """Waits until no message or operation is under way, and no request is past its term."""

        def on_its_way(uow: Any) -> bool:
            over = exists().where(operations.c.state.in_(ENDING), operations.c.expires_at <= uow.now)
            return any(uow.waiting().values()) or uow.connection.execute(select(over)).scalar_one()

        async with asyncio.timeout(PATIENCE):
            while await self.db.read(on_its_way):
                await asyncio.sleep(A_MOMENT)

    async def finish(self) -> None:
        """Ends a story: waits until all is delivered, and checks that nobody has got an unexpected message."""
        await self.settled()
        everybody = [person["id"] for person in (await self.get("users"))["users"]]
        unheard = {who: await self.listening.unheard(who) for who in everybody}
        if any(unheard.values()):
            raise AssertionError(told(unheard))

    # steps of many stories

    async def proposes(self, who: str, words: str, button: str = "确认作废", **parts: Unpack[Facts]) -> Message:
        """Lets this person ask for something and get the card to confirm it."""
        await self.say(who, words)
        return await self.gets_card(who, **parts, button=(button, "取消"))

    async def is_asked_which(self, who: str, words: str) -> Message:
        """Lets this person ask for something; the bot lists what may be meant and sends the card to choose one."""
        await self.say(who, words)
        await self.hears(who, "对得上的：\n1. ")
        return await self.gets_card(who, option="都不是", button="就是它")

    async def submits(
        self,
        who: str,
        words: str,
        button: str = "确认作废",
        *,
        asks: tuple[str, ...] = (),
        why: str = "",
        **selected: str,
    ) -> tuple[Message, ...]:
        """Lets this person ask for something and confirm it, and returns the cards of `is_submitted`."""
        confirm = await self.proposes(who, words, button)
        await self.tap(who, confirm, button, force=False, **selected)
        return await self.is_submitted(who, *asks, why=why)

    async def is_submitted(self, who: str, *asks: str, why: str = "") -> tuple[Message, ...]:
        """Waits for the requester's card of the submitted request, and for each approver's card with its reason.

        Returns them in this order.
        """
        submitted = await self.gets_card(who, title="已提交", button=("催一下", "撤回申请"))
        (target,) = [line for line in look(submitted).lines if line.startswith("对象 ")]
        number, facts = label_on(submitted), (target, f"原因 {why}")
        decide = [
            await self.gets_card(approver, source=number, line=facts, button=("同意", "驳回"))
            for approver in asks or (LEADERS[who.lower()],)
        ]
        return submitted, *decide

    async def writes_the_reason(self, who: str, words: str, why: str = "") -> tuple[Message, ...]:
        """Lets this person write the reason that the bot asked for, and returns the cards of `is_submitted`."""
        await self.say(who, words)
        cards = await self.is_submitted(who, why=why or words)
        await self.hears(who, f"原因已记下：{why or words}")
        return cards

    async def voids(self, who: str, name: str) -> Message:
        """Voids a customer with the leader's approval, and returns the requester's card with 撤销."""
        _, decide = await self.submits(who, f"作废客户 {name}")
        await self.tap(LEADERS[who.lower()], decide, "同意")
        return await self.gets_card(who, title=("已作废", name), button="撤销")

    async def undoes(self, who: str, done: Message) -> None:
        """Lets this person tap 撤销 on the card of what is done, and waits until it is undone."""
        await self.tap(who, done, "撤销")
        await self.is_undone(who, label_on(done))

    async def is_undone(self, who: str, number: str) -> None:
        """Waits until requester and approver have been told that all is as before."""
        for person in (who, LEADERS[who.lower()]):
            await self.hears(person, f"{number} 已撤销", "恢复原样 ✓")

    async def logs(self, times: int, tag: str) -> None:
        """Waits until the log holds this tag at least so many times."""

        def count(uow: Any) -> int:
            return sum(entry.tag == tag for entry in uow.audit.entries())

        async with asyncio.timeout(PATIENCE):
            while await self.db.read(count) < times:
                await asyncio.sleep(A_MOMENT)

    # what the database holds

    async def status(self, number: str) -> str:
        return await self.db.read(
            lambda uow: str(
                uow.connection.execute(select(customers.c.status).where(customers.c.number == number)).scalar_one()
            )
        )

    async def segment_status(self, number: str) -> str:
        return await self.db.read(
            lambda uow: str(
                uow.connection.execute(select(segments.c.status).where(segments.c.number == number)).scalar_one()
            )
        )

    async def operations(self) -> list[Any]:
        def read(uow: Any) -> list[Any]:
            numbers = range(1, 200)
            return [op for op in (uow.operations.get(number) for number in numbers) if op is not None]

        return await self.db.read(read)

    async def operation(self, number: int) -> Operation:
        found: Operation | None = await self.db.read(lambda uow: uow.operations.get(number))
        assert found is not None, number
        return found

    async def has_roles(self, who: str, *roles: Role) -> None:
        """Changes the roles of this person, as an administrator would."""

        def work(uow: Any) -> None:
            person = uow.people.get(person_id(who))
            uow.people.put(replace(person, roles=frozenset(roles)))

        await self.db.run(work)

    async def change(self, work: Callable[[Connection], object]) -> None:
        """Changes records without the bot's knowledge, as another program would."""
        await self.db.run(lambda uow: work(uow.connection))


def label_on(card: Message) -> str:
    """Returns the number of a card's operation, as people quote it."""
    number: str = re.findall(r"#\d{4,}", look(card).source)[0]
    return number


def button_of(card: Message, text: str) -> str:
    """Returns the key of a button, which a tap on it sends."""
    buttons: list[Message] = card["card"].get("button_list", [])
    return next(str(button["key"]) for button in buttons if button["text"] == text)
