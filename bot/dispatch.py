"""Handles stored messages: finds person and route, asks the gate, runs the handler, stores what is to be sent."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import structlog

from core.domain.errors import AuditBroken, LeaseLost, Refusal, StoreUnavailable
from core.domain.events.domain_event import DomainEvent
from core.domain.events.messages import MessageReceived, MessageRefused
from core.domain.incoming import AppStanding, Incoming, Joined, Left, Tap, Text, Unknown
from core.domain.outbox import Envelope
from core.domain.people import Language, Person
from core.ports.messages import Claimed
from core.ports.store import UnitOfWork
from core.services.audit import report_broken, report_unsound
from core.services.gate import Asker, Unnamed, admit, somebody
from handlers.about import find_about
from handlers.context import Context, Desk, Pressed, Transaction
from handlers.prompts import line_wanted
from handlers.refusing import refuse
from handlers.rounds import of_this_round
from handlers.routing import Asked, read
from notify.publisher import Publisher

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=30)
TRIES = 3
"""Attempts at a message that fails by a defect, before it is kept for a human."""
HOPELESS = 10
"""Claims after which a message is kept for a human, even if no attempt lived long enough to report a failure."""


_CHANGES_WHO = Joined | Left
"""Contents whose handling itself changes who the sender is."""
_TOLD = Joined | Left | AppStanding | Unknown
"""Contents that no member wrote: with these the platform reports what has happened."""


class _SenderChanged(Exception):
    """The sender, or what the sender may do, has changed since the message was read."""


class Dispatcher:
    """Handles stored messages, each once: one sender's in their order, those of several senders side by side."""

    def __init__(self, desk: Desk, publish: Publisher, owner: str) -> None:
        self._desk = desk
        self._publish = publish
        self._owner = owner

    async def run_once(self, most: int) -> int:
        """Handles up to `most` waiting messages side by side and returns their number. Raises StoreUnavailable."""
        claimed = await self._desk.db.run(lambda uow: self._claim(uow, most))
        await asyncio.gather(*(self._handle(message) for message in claimed))
        return len(claimed)

    def _claim(self, uow: UnitOfWork, most: int) -> list[Claimed]:
        claimed = uow.inbox.claim(self._owner, LEASE, most)
        # The claim ends forged messages, which nobody meets again: the alarm commits with it.
        self._publish(uow, *report_unsound(uow, uow.unsound))
        return claimed

    async def _handle(self, message: Claimed) -> None:
        try:
            if message.attempts > HOPELESS:  # no attempt ever put it aside: it kills the process each time
                await self._put_aside(message)
                return
            await self._answer(message.incoming)
        except LeaseLost as lost:
            log.warning("message_taken_over", why=str(lost))
        except StoreUnavailable as away:
            log.warning("message_waits_for_database", why=str(away))  # tried again when its lease ends
        except AuditBroken as broken:
            log.error("log_broken", why=str(broken))  # noqa: TRY400  # no trace needed
            await self._answer_unlogged(message.incoming)
        except Exception:  # the outermost edge: a defect must cost one message, not the bot
            log.exception("message_failed", attempt=message.attempts)
            await self._put_aside(message)

    async def _answer(self, incoming: Incoming) -> None:
        context = await self._desk.db.read(lambda uow: self._context(uow, incoming))
        speaker: Person | None = None
        try:
            asked = await read(context)
            speaker = asked.person
            context = replace(context, person=speaker or context.person)
            then = await self._transaction(context, asked)
            await self._desk.db.run(lambda uow: self._commit(uow, context, then, speaker))
        except _SenderChanged:  # nothing was committed, so the message is handled anew, with the rights of now
            await self._answer(incoming)
        except Refusal as refusal:
            no = refusal  # Python deletes the name of an exception at the end of its block
            await self._desk.db.run(lambda uow: self._commit(uow, context, refuse(context, no), speaker, no))

    def _context(self, uow: UnitOfWork, incoming: Incoming) -> Context:
        person = _sender(uow, incoming)
        rights = uow.people.rights().of(person)
        asked = line_wanted(uow, incoming.address.person) if isinstance(incoming.content, Text) else None
        return Context(self._desk, incoming, person, rights, uow.now, asked)

    async def _transaction(self, context: Context, asked: Asked) -> Transaction:
        """Asks the gate and returns the transaction that the message leads to. Raises Refusal."""
        # Before the gate: some rights hang on the request or question that is meant.
        about = await find_about(context, asked.route.use_case, asked.value)
        admit(asked.route.use_case, _who_asks(context), about.matter)
        then = await asked.route.handle(context, about.value)
        return of_this_round(context, about.value, then) if isinstance(about.value, Pressed) else then

    def _commit(
        self,
        uow: UnitOfWork,
        context: Context,
        then: Transaction,
        speaker: Person | None = None,
        refusal: Refusal | None = None,
    ) -> None:
        """Does in one transaction all that the message changes: log, people, outbox and its own inbox row.

        `speaker` is the sender with the language of this message; None when that is the language kept already.
        """
        incoming = context.incoming
        uow.outbox.answer_at(incoming.address)
        sender, kind = incoming.address.person, type(incoming.content).__name__
        happened: list[DomainEvent | Envelope] = [MessageReceived(sender, kind, incoming.key, incoming.raw_hash)]
        if isinstance(incoming.content, Tap):  # its one-use code can redraw the tapped card
            uow.cards.tapped(incoming.content.task_id, incoming.content.response_code, uow.now)
        if refusal is not None:
            happened.append(MessageRefused(sender, refusal.text, incoming.key))
        if speaker is not None:
            uow.people.speak(speaker.id, speaker.language)
        self._publish(uow, *happened, *then(uow))
        if refusal is None and not isinstance(incoming.content, _CHANGES_WHO):
            self._refuse_changed_sender(uow, context)
        uow.inbox.finish(incoming.key, self._owner)

    def _refuse_changed_sender(self, uow: UnitOfWork, context: Context) -> None:
        """Raises _SenderChanged when the sender has left or lost a role since the message was read.

        It is asked last: once the transaction has locked an operation, people and rights cannot change any more.
        """
        person = _sender(uow, context.incoming)
        if (uow.people.rights().of(person), _without_language(person)) != (
            context.rights,
            _without_language(context.person),
        ):
            raise _SenderChanged

    async def _answer_unlogged(self, incoming: Incoming) -> None:
        """Answers a message while the log does not hold: the sender is refused, and the alarm is raised.

        Nothing else is done: no audit, no action.
        """

        def work(uow: UnitOfWork) -> None:
            uow.outbox.answer_at(incoming.address)
            answer = refuse(self._context(uow, incoming), Refusal("log_broken"))(uow)
            self._publish(uow, *answer, *report_broken(uow))
            uow.inbox.finish(incoming.key, self._owner)

        try:
            await self._desk.db.run(work)
        except (StoreUnavailable, LeaseLost) as error:
            log.warning("message_not_answered", why=str(error))

    async def _put_aside(self, message: Claimed) -> None:
        """Puts the message off to be tried again; after the last try keeps it for a human and tells the sender."""
        incoming = message.incoming
        try:
            if message.attempts < TRIES:
                wait = timedelta(seconds=2**message.attempts)  # 2 s, then 4 s
                await self._desk.db.run(lambda uow: uow.inbox.release(incoming.key, self._owner, uow.now + wait))
            else:
                await self._desk.db.run(lambda uow: self._give_up(uow, incoming))
        except (StoreUnavailable, LeaseLost, AuditBroken) as error:
            log.warning("message_not_put_aside", why=str(error))

    def _give_up(self, uow: UnitOfWork, incoming: Incoming) -> None:
        context = self._context(uow, incoming)
        uow.outbox.answer_at(incoming.address)
        refused = MessageRefused(incoming.address.person, "internal_error", incoming.key)
        self._publish(uow, refused, *refuse(context, Refusal("internal_error"))(uow))
        uow.inbox.give_up(incoming.key, self._owner)


def _sender(uow: UnitOfWork, incoming: Incoming) -> Person | None:
    person = uow.people.get(incoming.address.person)
    return person if person is not None and person.active else None  # somebody who has left is a stranger


def _who_asks(context: Context) -> Asker:
    if isinstance(context.incoming.content, _TOLD):
        return Unnamed.PLATFORM
    return somebody(context.person, context.rights)


def _without_language(person: Person | None) -> Person | None:
    # The message itself may have set a new language, which is no change of rights.
    return person and replace(person, language=Language.ZH)
