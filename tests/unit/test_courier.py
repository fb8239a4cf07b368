"""The courier's reading of WeCom's answers: what counts as shown, what counts as a try, and who must wait."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import update

from bot.channels.wecom_app.address import WECOM_APP
from bot.channels.wecom_app.client import WeComClient
from bot.channels.wecom_app.limits import MEMBER_LIMITS
from bot.channels.wecom_app.messenger import AppMessenger
from bot.courier import Courier
from core.domain.address import Address, Channel, home_of
from core.domain.audit import Tag
from core.domain.limits import SlidingLimits, Window
from core.domain.outbox import CardName, DeliveryKind, Envelope, Showing
from core.domain.people import PersonId
from core.ports.messages import Attempt
from core.ports.store import Queue
from core.storage.db import Clock, Database
from core.storage.tables import deliveries
from tests.memory import MEMORY, MemoryMessenger
from tests.publishing import log_only
from tests.unit.wecom_app.fake_wecom import CORP, SECRET, FakeWeCom, cut_off

WANG = home_of(PersonId("wangmin"))
TASK = "decide-1"
CARD, UPDATE = "message/send", "message/update_template_card"
SPENT, TOO_OFTEN, OK = {"errcode": 60140}, {"errcode": 45009}, {"errcode": 0}


@pytest.fixture
async def wecom() -> AsyncIterator[FakeWeCom]:
    fake = FakeWeCom()
    await fake.start()
    yield fake
    await fake.server.close()


@pytest.fixture
async def courier(db: Database, wecom: FakeWeCom) -> AsyncIterator[Courier]:
    async with app_messenger(wecom) as messenger:
        yield Courier(db, {WECOM_APP: messenger}, "me", log_only)


@asynccontextmanager
async def app_messenger(wecom: FakeWeCom) -> AsyncIterator[AppMessenger]:
    client = WeComClient(corp_id=CORP, agent_id=1, secret=SECRET, base_url=wecom.base)
    yield AppMessenger(client)
    await client.close()


def card(task: str = TASK, kind: DeliveryKind = DeliveryKind.CARD) -> Envelope:
    body = json.dumps({"card_type": "button_interaction", "task_id": task})
    return Envelope(WANG, kind, body, card=CardName.DECIDE, task_id=task)


async def shown(db: Database, courier: Courier, wecom: FakeWeCom, codes: int = 1) -> None:
    """Sends a card that so many codes can redraw, and queues a redraw of it."""
    wecom.script[CARD] = [{**OK, "response_code": "code-1"}]
    await db.run(lambda uow: uow.outbox.send(card()))
    await courier.run_once(8)
    for number in range(2, codes + 1):
        await db.run(partial(tapped, f"code-{number}"))
    await db.run(lambda uow: uow.outbox.send(card(kind=DeliveryKind.UPDATE)))


def tapped(code: str, uow: Any) -> None:
    uow.cards.tapped(TASK, code, uow.now)


async def logged(db: Database) -> list[str]:
    found: list[str] = await db.read(lambda uow: [entry.tag for entry in uow.audit.entries()])
    return found


async def until_done(db: Database, courier: Courier, times: Clock) -> None:
    for _ in range(6):
        await courier.run_once(8)
        times.offset += timedelta(seconds=61)
    assert (await db.read(lambda uow: uow.waiting()))["deliveries"] == 0


async def test_codes_spent_by_somebody_else_bring_a_fresh_card(
    db: Database, courier: Courier, wecom: FakeWeCom, times: Clock
) -> None:
    """When both codes turn out spent at their first try, the redraw was not shown, and the card is sent anew."""
    await shown(db, courier, wecom, codes=2)
    wecom.script[UPDATE] = [SPENT, SPENT]
    await until_done(db, courier, times)
    used = [asked.body["response_code"] for asked in wecom.calls(UPDATE)]
    assert used == ["code-2", "code-1"]
    assert len(wecom.calls(CARD)) == 2


async def test_a_code_spent_by_our_own_lost_try_has_shown_the_card(
    db: Database, courier: Courier, wecom: FakeWeCom, times: Clock
) -> None:
    """When the answer to a redraw was lost and the second try finds the code spent, it counts as shown, once."""
    await shown(db, courier, wecom)
    wecom.script[UPDATE] = [cut_off, SPENT]
    await until_done(db, courier, times)
    assert len(wecom.calls(CARD)) == 1
    assert (await logged(db)).count(Tag.CARD_SHOWN) == 2


async def test_a_try_that_wecom_refused_proves_nothing(
    db: Database, courier: Courier, wecom: FakeWeCom, times: Clock
) -> None:
    """After a try that WeCom refused, a spent code was used by another, so the card is sent anew."""
    await shown(db, courier, wecom)
    wecom.script[UPDATE] = [TOO_OFTEN, SPENT]
    await until_done(db, courier, times)
    assert len(wecom.calls(CARD)) == 2


async def test_a_code_that_died_of_age_proves_nothing(
    db: Database, courier: Courier, wecom: FakeWeCom, times: Clock
) -> None:
    """A code that is spent four days after a lost answer may have expired unused, so the card is sent anew."""
    await shown(db, courier, wecom)
    wecom.script[UPDATE] = [cut_off, SPENT]
    await courier.run_once(8)
    times.offset += timedelta(days=4)
    await until_done(db, courier, times)
    assert len(wecom.calls(CARD)) == 2


async def test_what_is_wrong_with_us_uses_up_no_tries(
    db: Database, courier: Courier, wecom: FakeWeCom, times: Clock
) -> None:
    """Failures that concern the bot, such as a missing permission or a rate limit, use up no try of a delivery."""
    wecom.script[CARD] = [{"errcode": 60020}, {"errcode": 48002}, TOO_OFTEN, {"errcode": 9999}]
    await db.run(lambda uow: uow.outbox.send(card()))
    await until_done(db, courier, times)
    assert await db.read(lambda uow: uow.cards.showing(TASK)) is Showing.SHOWN


async def test_waiting_for_a_member_limit_is_no_try(
    db: Database, courier: Courier, wecom: FakeWeCom, times: Clock
) -> None:
    """A card that waits for a member's limit has used up no try, however often it was looked at."""
    most = MEMBER_LIMITS.windows[0].most

    def a_busy_minute(uow: Any) -> None:
        uow.outbox.send(*(Envelope(WANG, DeliveryKind.TEXT, f"{number}") for number in range(most)))
        for _ in range(most):
            (delivery,) = uow.outbox.claim("busy", timedelta(minutes=1), 1)
            uow.outbox.sent(delivery, "busy", None)
        uow.outbox.send(card())

    await db.run(a_busy_minute)
    for _ in range(4):
        await courier.run_once(8)
        times.offset += timedelta(seconds=1)
        await db.run(due_now)
    assert wecom.calls(CARD) == []
    times.offset += timedelta(minutes=2)
    (delivery,) = await db.run(lambda uow: uow.outbox.claim("look", timedelta(0), 1))
    assert delivery.attempts == 1
    assert await db.read(lambda uow: uow.cards.showing(TASK)) is Showing.ON_ITS_WAY


def due_now(uow: Any) -> None:
    """Makes all deliveries due now."""
    uow.connection.execute(update(deliveries).values(due_at=uow.now))


async def texts_for(db: Database, count: int) -> None:
    """Queues one text for each of so many people."""
    await db.run(
        lambda uow: uow.outbox.send(
            *(Envelope(home_of(PersonId(f"p{n}")), DeliveryKind.TEXT, f"{n}") for n in range(count))
        )
    )


async def test_when_wecom_blocks_the_app_everybody_waits(
    db: Database, courier: Courier, wecom: FakeWeCom, times: Clock
) -> None:
    """A rate limit (45009) stops all sending for a minute; then one message tries, and the others follow."""
    await texts_for(db, 3)
    wecom.script[CARD] = [TOO_OFTEN, TOO_OFTEN]
    await courier.run_once(1)
    for _ in range(3):
        await courier.run_once(8)
    assert len(wecom.calls(CARD)) == 1
    times.offset += timedelta(seconds=61)
    await courier.run_once(8)
    assert len(wecom.calls(CARD)) == 2
    await courier.run_once(8)
    assert len(wecom.calls(CARD)) == 2
    times.offset += timedelta(seconds=61)
    await courier.run_once(8)
    assert len(wecom.calls(CARD)) == 3
    await until_done(db, courier, times)
    assert sorted(asked.body["text"]["content"] for asked in wecom.calls(CARD)[2:]) == ["0", "1", "2"]


async def test_no_more_leave_than_wecom_takes_of_an_app(db: Database, wecom: FakeWeCom, times: Clock) -> None:
    """The channel's limit counts what all processes have sent; the rest is sent when the minute is over."""
    async with app_messenger(wecom) as messenger:
        messenger.channel_limits = SlidingLimits((Window(timedelta(minutes=1), 3),))
        mine, others = (Courier(db, {WECOM_APP: messenger}, owner, log_only) for owner in ("a", "b"))
        await texts_for(db, 5)
        await mine.run_once(2)
        await others.run_once(8)
        await mine.run_once(8)
        assert len(wecom.calls(CARD)) == 3
        times.offset += timedelta(seconds=61)
        await mine.run_once(8)
        assert len(wecom.calls(CARD)) == 5


# several channels

BOB = PersonId("bob")
MINUTE = timedelta(minutes=1)


def note(channel: Channel, words: str, person: PersonId = BOB, conversation: str = "") -> Envelope:
    return Envelope(Address(channel, person, conversation), DeliveryKind.TEXT, words)


def in_memory(messenger: MemoryMessenger) -> list[str]:
    return [one.text for shown in messenger.shown.values() for one in shown]


async def test_each_goes_through_its_own_channel(db: Database, wecom: FakeWeCom) -> None:
    """A delivery goes through the channel of its address, in order for each person and channel."""
    memory = MemoryMessenger()
    async with app_messenger(wecom) as app:
        courier = Courier(db, {WECOM_APP: app, MEMORY: memory}, "me", log_only)
        in_a_group = note(MEMORY, "m2", conversation="g")
        await db.run(
            partial(send_all, [note(WECOM_APP, "a1"), note(MEMORY, "m1"), note(WECOM_APP, "a2"), in_a_group])
        )
        assert await courier.run_once(8) == 2
        assert await courier.run_once(8) == 2
    assert [asked.body["text"]["content"] for asked in wecom.calls(CARD)] == ["a1", "a2"]
    assert {to.conversation: one.text for to, (one,) in memory.shown.items()} == {"": "m1", "g": "m2"}


async def test_a_channel_nobody_serves_is_an_end(db: Database, courier: Courier, wecom: FakeWeCom) -> None:
    """A delivery to a channel that nobody serves is undelivered at once, logged, and delays no other."""
    gone = Channel("fax")
    await db.run(lambda uow: uow.outbox.send(note(gone, "1"), note(gone, "2"), note(WECOM_APP, "3")))
    assert await courier.run_once(8) == 2
    assert await courier.run_once(8) == 1
    assert await courier.run_once(8) == 0
    assert [asked.body["text"]["content"] for asked in wecom.calls(CARD)] == ["3"]
    assert (await logged(db)).count(Tag.CARD_UNDELIVERED) == 2


async def test_a_blocked_channel_blocks_no_other(db: Database, wecom: FakeWeCom, times: Clock) -> None:
    """While WeCom takes nothing for a minute, deliveries through another channel go on, to the same people too."""
    memory = MemoryMessenger()
    wecom.script[CARD] = [TOO_OFTEN]
    async with app_messenger(wecom) as app:
        courier = Courier(db, {WECOM_APP: app, MEMORY: memory}, "me", log_only)
        await db.run(lambda uow: uow.outbox.send(note(WECOM_APP, "a1")))
        await courier.run_once(8)
        await db.run(lambda uow: uow.outbox.send(note(MEMORY, "m1"), note(WECOM_APP, "a2", PersonId("ann"))))
        await courier.run_once(8)
        assert (in_memory(memory), len(wecom.calls(CARD))) == (["m1"], 1)
        times.offset += timedelta(seconds=61)
        await until_done(db, courier, times)
    assert len(wecom.calls(CARD)) == 3


async def test_a_channel_that_is_nearly_full_takes_what_it_can(db: Database, times: Clock) -> None:
    """A channel with room for one message takes one; its other deliveries wait and have used up no try."""
    narrow, wide = MemoryMessenger(), MemoryMessenger()
    narrow.channel_limits = SlidingLimits((Window(MINUTE, 1),))
    courier = Courier(db, {Channel("narrow"): narrow, Channel("wide"): wide}, "me", log_only)
    people = [PersonId(f"p{number}") for number in range(3)]
    for name in ("narrow", "wide"):
        await db.run(partial(send_all, [note(Channel(name), person, person) for person in people]))
    assert await courier.run_once(8) == 4
    while await courier.run_once(8):
        pass
    assert (in_memory(narrow), in_memory(wide)) == (["p0"], ["p0", "p1", "p2"])
    times.offset += timedelta(seconds=61)
    (waiting, *_) = await db.run(lambda uow: uow.outbox.claim("look", MINUTE, 1))
    assert (waiting.envelope.body, waiting.attempts) == ("p1", 1)


async def test_a_sent_delivery_lets_the_next_one_to_its_person_go(db: Database) -> None:
    """What ends a delivery wakes the loop when another waits behind it, and only then."""
    courier = Courier(db, {MEMORY: MemoryMessenger()}, "me", log_only)
    woken: list[Iterable[Queue]] = []
    await db.run(lambda uow: uow.outbox.send(note(MEMORY, "1"), note(MEMORY, "2")))
    db.on_stored = woken.append
    assert await courier.run_once(8) == 1
    assert woken == [[Queue.OUTBOX]]
    assert await courier.run_once(8) == 1
    assert woken == [[Queue.OUTBOX]]


async def test_the_alarm_about_a_forged_delivery_commits_with_its_end(db: Database) -> None:
    """A forged delivery is never met again, so a kill behind the claim must not lose the alarm."""
    courier = Courier(db, {MEMORY: MemoryMessenger()}, "me", log_only)
    await db.run(lambda uow: uow.outbox.send(note(MEMORY, "1")))
    await db.run(lambda uow: uow.connection.execute(update(deliveries).values(body="2")))
    assert await courier.run_once(8) == 0
    assert await logged(db) == [Tag.ROW_UNSOUND]


async def test_a_body_that_cannot_be_read_uses_up_no_code(
    db: Database, courier: Courier, wecom: FakeWeCom, times: Clock
) -> None:
    """A redraw that fails before its call leaves the card's code to the next redraw."""
    await shown(db, courier, wecom)
    broken = Envelope(WANG, DeliveryKind.UPDATE, "{", card=CardName.DECIDE, task_id="other")
    await db.run(lambda uow: uow.cards.tapped(TASK, "code-2", uow.now))
    await db.run(lambda uow: uow.outbox.send(replace(broken, task_id=TASK)))
    await until_done(db, courier, times)
    assert await db.read(lambda uow: uow.cards.codes(TASK)) == 1


class Overtaken(MemoryMessenger):
    """A channel whose first try of a card arrives after the second, and is answered before it."""

    def __init__(self) -> None:
        super().__init__()
        self.first_out, self.second_in, self.first_over = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def send_card(self, attempt: Attempt, card: str, task_id: str) -> str | None:
        if not attempt.again:
            self.first_out.set()
            await self.second_in.wait()
            return await super().send_card(attempt, card, task_id)
        code = await super().send_card(attempt, card, task_id)
        self.second_in.set()
        await self.first_over.wait()
        return code


async def test_a_try_that_outlives_its_lease_settles_nothing(db: Database, times: Clock) -> None:
    """A try that hangs, and at last finds its card in the chat by a second try, brings no fresh card."""
    slow = Overtaken()
    courier = Courier(db, {WECOM_APP: slow}, "me", log_only)
    await db.run(lambda uow: uow.outbox.send(card()))
    first = asyncio.create_task(courier.run_once(8))
    await slow.first_out.wait()
    times.offset += timedelta(seconds=61)
    second = asyncio.create_task(courier.run_once(8))
    await first
    slow.first_over.set()
    await second
    assert await courier.run_once(8) == 0
    assert [one.task_id for one in slow.shown[WANG]] == [TASK]
    assert await db.read(lambda uow: uow.cards.codes(TASK)) == 1


def send_all(envelopes: list[Envelope], uow: Any) -> None:
    uow.outbox.send(*envelopes)


async def test_limits_of_a_person_are_counted_by_channel(db: Database, times: Clock) -> None:
    """A person whose limit in one channel is reached still gets messages through another."""
    strict, other = MemoryMessenger(), MemoryMessenger()
    strict.person_limits = SlidingLimits((Window(MINUTE, 1),))
    courier = Courier(db, {Channel("strict"): strict, Channel("other"): other}, "me", log_only)
    await db.run(
        lambda uow: uow.outbox.send(
            note(Channel("strict"), "s1"),
            note(Channel("strict"), "s2", conversation="g"),
            note(Channel("other"), "o1"),
        )
    )
    while await courier.run_once(8):
        pass
    assert (in_memory(strict), in_memory(other)) == (["s1"], ["o1"])
    times.offset += timedelta(seconds=61)
    await courier.run_once(8)
    assert in_memory(strict) == ["s1", "s2"]
