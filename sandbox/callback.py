"""Sends callbacks to the bot, signed and encrypted: in order per person, with retries and passive replies."""

import asyncio
import contextlib
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout
from yarl import URL

from sandbox.chat import Message
from sandbox.crypto import Envelope, Seal
from sandbox.plaintext import BadReply, Tree, to_xml
from sandbox.replies import apply
from sandbox.world import World

LONGEST_WAIT_TO_BE_OVERTAKEN = 10.0
"""Seconds that the fault `out_of_order` holds a callback back at most."""


@dataclass(slots=True)
class Delivery:
    """One callback; `status` is the HTTP status of the bot's answer, 0 while there is none."""

    xml: str
    user: str
    label: str
    msgid: str = ""
    event: str = ""
    task_id: str = ""
    status: int = 0
    attempts: int = 0
    error: str = ""
    envelope: Envelope | None = None
    line: dict[str, Any] = field(default_factory=dict)
    """Its entry in the log of callbacks."""
    message: Message | None = None
    """The person's own message in the chat, which shows the result of the delivery."""

    def as_json(self) -> dict[str, Any]:
        return {"msgid": self.msgid, "status": self.status, "attempts": self.attempts, "error": self.error}


class Postman:
    """The sender of all requests to the bot."""

    def __init__(self, world: World) -> None:
        self._world = world
        settings = world.settings
        self.seal = Seal(settings.token, settings.aes_key, settings.corp_id)
        self._session: ClientSession | None = None
        # One lock per person: their callbacks arrive in the order in which they were made.
        self._turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._tasks: set[asyncio.Task[None]] = set()
        self._overtaken = asyncio.Event()
        self.delivered: list[Delivery] = []

    async def start(self) -> None:
        self._session = ClientSession()

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def settle(self) -> None:
        """Waits until no retry and no duplicate is running."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def deliver(
        self, user: str, tree: Tree, *, task_id: str = "", message: Message | None = None
    ) -> Delivery:
        """Delivers a callback; returns after the first attempt, while retries go on in the background."""
        faults = self._world.faults
        event = str(tree.get("Event", ""))
        delivery = Delivery(
            to_xml(tree), user, event or str(tree["MsgType"]), str(tree.get("MsgId", "")), event, task_id
        )
        delivery.message = message
        delivery.line = self._world.callbacks.add(
            user=user, kind=delivery.label, msgid=delivery.msgid, task_id=task_id, at=self._world.clock.unix()
        )
        self.delivered = [*self.delivered[-499:], delivery]  # for replays; the newest 500 are kept
        if faults.take("lost_callbacks"):
            delivery.error = "lost on the way, as asked"
            self._note(delivery)
            return delivery
        if faults.take("out_of_order"):
            self._overtaken.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._overtaken.wait(), LONGEST_WAIT_TO_BE_OVERTAKEN)
        async with self._turns[user.lower()]:
            started = time.monotonic()
            done = await self._attempt(delivery)
        self._overtaken.set()
        if not done:
            self._behind(self._retry(delivery, started))
        elif faults.take("duplicate_callbacks"):
            self._behind(self._again(delivery))
        return delivery

    def _behind(self, work: Any) -> None:
        """Runs work in the background."""
        # The set keeps a reference: the event loop alone would let the task be garbage-collected.
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _again(self, delivery: Delivery) -> None:
        await self._attempt(delivery)

    async def _retry(self, delivery: Delivery, started: float) -> None:
        """Makes up to three more attempts, each 5 s after the start of the last (not a documented interval)."""
        for _ in range(self._world.settings.retries):
            await asyncio.sleep(max(0.0, started + self._world.settings.retry_wait - time.monotonic()))
            started = time.monotonic()
            if await self._attempt(delivery):
                return

    async def _attempt(self, delivery: Delivery) -> bool:
        """Sends one request. Returns True when the callback needs no further attempt."""
        # Whether a retry repeats the signed bytes is not documented (settings.py, Doubts).
        if delivery.envelope is None or not self._world.doubts.retry_repeats_bytes:
            delivery.envelope = self.seal.envelope(delivery.xml, str(self._world.clock.unix()))
        delivery.attempts += 1
        delivery.status, body, delivery.error = await self._post(delivery.envelope)
        if delivery.status == 200:
            self._passive(delivery, body)
        self._note(delivery)
        if delivery.status == 0:  # no answer at all is always retried
            return False
        return delivery.status == 200 or not self._world.doubts.retry_on_status

    def _passive(self, delivery: Delivery, body: str) -> None:
        if not body.strip():
            return
        try:
            notes = apply(
                self._world,
                self.seal,
                body,
                user=delivery.user,
                event=delivery.event,
                task_id=delivery.task_id,
            )
        # WeCom ignores a reply that it does not understand; the log of callbacks tells why.
        except BadReply as error:
            delivery.error = f"passive reply ignored: {error}"
        else:
            delivery.line["reply"] = notes or "applied"

    def _note(self, delivery: Delivery) -> None:
        delivery.line |= delivery.as_json()
        if delivery.message is not None:
            delivery.message.delivery = delivery.as_json()
            self._world.show(delivery.message)
        self._world.feed.tell("callback", {**delivery.as_json(), "user": delivery.user, "kind": delivery.label})

    async def _post(self, envelope: Envelope) -> tuple[int, str, str]:
        settings = self._world.settings
        agent = (
            f"<AgentID><![CDATA[{settings.agent_id}]]></AgentID>" if self._world.doubts.envelope_agent_id else ""
        )
        body = (
            f"<xml><ToUserName><![CDATA[{settings.corp_id}]]></ToUserName>"
            f"<Encrypt><![CDATA[{envelope.sealed}]]></Encrypt>{agent}</xml>"
        )
        return await self.raw("POST", query_of(envelope), body.encode(), {"Content-Type": "text/xml"})

    async def raw(
        self, method: str, query: dict[str, str], body: bytes, headers: dict[str, str]
    ) -> tuple[int, str, str]:
        """Sends a request and returns (status, body, "") of the answer, or (0, "", what went wrong)."""
        if self._session is None:
            raise RuntimeError("the postman was not started")
        url = URL(self._world.settings.callback).update_query(query)
        patience = ClientTimeout(total=self._world.settings.callback_timeout)
        try:
            async with self._session.request(
                method, url, data=body, headers=headers, timeout=patience
            ) as response:
                return response.status, (await response.read()).decode(errors="replace"), ""
        except TimeoutError:
            return 0, "", f"no answer within {self._world.settings.callback_timeout:g} s"
        except ClientError as error:
            return 0, "", f"{type(error).__name__}: {error}"

    async def replay(self, delivery: Delivery) -> tuple[int, str, str]:
        """Sends exactly the same signed bytes again. A passive reply to them is returned, but not applied."""
        if delivery.envelope is None:
            return 0, "", "was never sent"
        return await self._post(delivery.envelope)

    async def verify(self) -> dict[str, Any]:
        """Makes the check of the callback URL (path/90930): the bot must echo a number within one second."""
        number = str(time.time_ns())
        envelope = self.seal.envelope(number, str(self._world.clock.unix()))
        query = {**query_of(envelope), "echostr": envelope.sealed}
        started = time.monotonic()
        status, body, error = await self.raw("GET", query, b"", {})
        within = time.monotonic() - started < 1
        return {
            "ok": status == 200 and body == number and within,
            "status": status,
            "echoed": body == number,
            "within_one_second": within,
            "error": error,
        }


def query_of(envelope: Envelope) -> dict[str, str]:
    return {"msg_signature": envelope.signature, "timestamp": envelope.timestamp, "nonce": envelope.nonce}
