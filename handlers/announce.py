"""Tells everybody concerned how an operation stands: cards sent, every open copy redrawn.

Used by handlers, by the executor and by jobs alike, always inside the transaction that made the change.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from cards.answering import anchor_notice, half_time, handed_on, push_sent, pushed, undelivered, vote_counted
from cards.deciding import decide_card, final_card, submitted_card
from cards.keys import CardKeys, KeyRing, task_id
from cards.model import TextMessage, update_json
from cards.outcome import changed_card, closed_card, done_card, end_notice
from cards.texts.say import say
from cards.views import Changed, ChangedView, DecideView, DoneView, FinalView, Names, Reader, RequestView
from core.domain.audit import Head
from core.domain.impact import Impact
from core.domain.operation import Decision, Operation, Outcome, State
from core.domain.outbox import Step
from core.domain.people import Person, PersonId, Role
from core.domain.policy import Policy
from core.domain.records import RecordState
from core.ports import UnitOfWork
from core.services.finish import Finished
from core.services.history import recent_record
from handlers.post import card_to, redraw, text_to

UNDO_KEY_LIFE = timedelta(days=366)
"""For cards whose operation has no term of its own."""


@dataclass(frozen=True, slots=True)
class Announcer:
    keys: KeyRing
    policy: Policy
    zone: tzinfo

    # a request and its votes

    def submitted(self, uow: UnitOfWork, operation: Operation, impact: Impact) -> None:
        """K2 loses its buttons; K5 to the requester, K6 to those who decide."""
        self._show(uow, operation, {Step.CONFIRM, Step.CHANGED}, at_latest_now=operation.state is State.PENDING)
        if operation.state is not State.PENDING:
            return  # nobody needs to agree: the outcome follows at once
        self._send_request(uow, operation)
        self.ask_deciders(uow, operation, impact)

    def _send_request(self, uow: UnitOfWork, operation: Operation) -> None:
        requester = uow.people.get(operation.requester)
        if requester is None:
            return
        view = RequestView(operation, self._names(uow, operation.approvers))
        task = self._task(Step.SUBMITTED, requester.id, operation)
        card = submitted_card(self._reader(uow, requester), view, self._keys_for(operation, requester), task)
        uow.outbox.send(card_to(requester.id, card, task, Step.SUBMITTED, operation))

    def ask_deciders(self, uow: UnitOfWork, operation: Operation, impact: Impact) -> None:
        """K6 to each of them who has not voted in this round."""
        requester = uow.people.get(operation.requester)
        changes, undone = recent_record(uow, operation.requester)
        view = DecideView(
            operation=operation,
            requester=requester.name if requester else str(operation.requester),
            head=uow.audit.head(),
            impact=impact,
            recent_changes=changes,
            recent_undone=undone,
        )
        voted = {vote.person for vote in operation.votes if vote.round == operation.round}
        for person in self._people(uow, [who for who in operation.approvers if who not in voted]):
            task = self._task(Step.DECIDE, person.id, operation)
            card = decide_card(self._reader(uow, person), view, self._keys_for(operation, person), task)
            uow.outbox.send(card_to(person.id, card, task, Step.DECIDE, operation))

    def voted(self, uow: UnitOfWork, operation: Operation) -> None:
        """After a vote. A card can be redrawn once per code, so the others wait for what comes of it."""
        if operation.state is State.REJECTED:
            self._close(uow, operation)
            self._notice(uow, operation, operation.requester)
            return
        self._show(uow, operation, {Step.DECIDE}, of=operation.votes[-1].person)
        if operation.state is State.PENDING:
            self._count_vote(uow, operation)
        elif operation.state is State.FINAL:
            self._send_final(uow, operation)

    def _count_vote(self, uow: UnitOfWork, operation: Operation) -> None:
        """One of several: the requester hears how far it is."""
        requester = uow.people.get(operation.requester)
        if requester is None:
            return
        votes = operation.current_votes(Decision.APPROVE)
        (voter,) = self._names(uow, (votes[-1].person,))
        told = vote_counted(requester.language, operation, voter, len(votes))
        uow.outbox.send(text_to(requester.id, told, operation))

    def _send_final(self, uow: UnitOfWork, operation: Operation) -> None:
        requester = uow.people.get(operation.requester)
        if requester is None:
            return
        last = operation.current_votes(Decision.APPROVE)[-1]
        (approver,) = self._names(uow, (last.person,))
        task = self._task(Step.FINAL, requester.id, operation)
        card = final_card(
            self._reader(uow, requester),
            FinalView(operation, approver, last.at),
            self._keys_for(operation, requester),
            task,
        )
        uow.outbox.send(card_to(requester.id, card, task, Step.FINAL, operation))

    def run_asked(self, uow: UnitOfWork, operation: Operation) -> None:
        """执行 was tapped: K8 loses its buttons, the outcome follows."""
        self._show(uow, operation, {Step.FINAL})

    def ended(self, uow: UnitOfWork, operation: Operation) -> None:
        """Cancelled, withdrawn or expired: cards close; whoever would wait in vain is told.

        A draft nobody confirmed bothers nobody: its card says how it ended.
        """
        self._close(uow, operation)
        if operation.confirmed_at is None:
            return
        self._notice(uow, operation, operation.requester)
        if operation.state is State.EXPIRED:
            for approver in operation.approvers:
                self._notice(uow, operation, approver)

    def nudged(self, uow: UnitOfWork, operation: Operation, *, by_hand: bool) -> None:
        """Remind those who have not voted; by hand the requester hears that it was done."""
        requester = uow.people.get(operation.requester)
        name = requester.name if requester else str(operation.requester)
        voted = {vote.person for vote in operation.votes if vote.round == operation.round}
        waiting = self._people(uow, [who for who in operation.approvers if who not in voted])
        remind = pushed if by_hand else half_time
        for person in waiting:
            uow.outbox.send(text_to(person.id, remind(self._reader(uow, person), operation, name), operation))
        if by_hand and requester is not None:
            self._redraw_request(uow, operation)
            told = push_sent(requester.language, tuple(person.name for person in waiting))
            uow.outbox.send(text_to(requester.id, told, operation))

    # what came of it

    def finished(self, uow: UnitOfWork, finished: Finished) -> None:
        operation = finished.operation
        if operation.state is State.STALE:
            return  # `stale` tells it, with what changed
        if finished.undone is None and operation.state not in {State.DONE, State.PARTLY_DONE}:
            self.failed(uow, operation)
            return
        self._close(uow, operation)
        if operation.state is State.PARTLY_DONE:
            for approver in operation.approvers:
                self._notice(uow, operation, approver)
        if finished.undone is not None:
            self._undone(uow, finished)
        else:
            self._send_done(uow, operation)

    def _send_done(self, uow: UnitOfWork, operation: Operation) -> None:
        requester = uow.people.get(operation.requester)
        if requester is None:
            return
        reader = self._reader(uow, requester)
        if operation.undo_until is None:
            uow.outbox.send(text_to(requester.id, end_notice(reader, operation), operation))
            return
        view = DoneView(operation, uow.operations.tally(operation.number), self._failures(uow, operation))
        task = self._task(Step.DONE, requester.id, operation)
        card = done_card(reader, view, self._keys_for(operation, requester, operation.undo_until), task)
        uow.outbox.send(card_to(requester.id, card, task, Step.DONE, operation))

    def _failures(self, uow: UnitOfWork, operation: Operation) -> dict[Outcome, int]:
        listed = uow.operations.targets(operation.number, limit=10_000)
        return dict(Counter(t.outcome for t in listed if t.outcome is not None and not t.outcome.good))

    def _undone(self, uow: UnitOfWork, finished: Finished) -> None:
        """K13: its cards close; requester and deciders hear that all is as before, or what is not."""
        undone = finished.undone
        assert undone is not None  # asked by the caller
        self._close(uow, undone)
        told = {undone.requester, finished.operation.requester, *undone.approvers}
        for person in self._people(uow, sorted(told)):
            reader = self._reader(uow, person)
            uow.outbox.send(text_to(person.id, _undone_notice(reader, undone, finished.changed_since), undone))

    def failed(self, uow: UnitOfWork, operation: Operation) -> None:
        """Nothing was changed: the requester, those who agreed and the administrators are told."""
        self._close(uow, operation)
        admins = {person.id for person in uow.people.everybody() if person.has(Role.ADMIN)}
        for person in self._people(uow, sorted({operation.requester, *operation.approvers} | admins)):
            self._notice(uow, operation, person.id)

    def reopened(self, uow: UnitOfWork, operation: Operation, impact: Impact) -> None:
        """Votes or roles no longer satisfied the policy: those who may decide now are asked."""
        self._close(uow, operation)
        self._send_request(uow, operation)
        self.ask_deciders(uow, operation, impact)

    def reassigned(self, uow: UnitOfWork, operation: Operation, impact: Impact) -> None:
        """Somebody who was asked has left: others are asked in the same round, and the requester is told."""
        self._drop_leavers(uow, operation)
        self.ask_deciders(uow, operation, impact)
        requester = uow.people.get(operation.requester)
        if requester is not None:
            told = handed_on(requester.language, operation, self._names(uow, operation.approvers))
            uow.outbox.send(text_to(requester.id, told, operation))

    def stuck(self, uow: UnitOfWork, operation: Operation) -> None:
        """Nobody is left who may decide: the requester must know."""
        self._drop_leavers(uow, operation)
        for person in self._people(uow, [operation.requester]):
            told = undelivered(person.language, operation, (), everybody=True)
            uow.outbox.send(text_to(person.id, told, operation))

    def stale(self, uow: UnitOfWork, operation: Operation, now: dict[str, RecordState]) -> None:
        """K12: the records changed since the vote. Keep them, or ask again?"""
        self._close(uow, operation)
        for approver in operation.approvers:
            self._notice(uow, operation, approver)
        requester = uow.people.get(operation.requester)
        if requester is None:
            return
        changes = tuple(Changed(target, now.get(target.ref.number)) for target in operation.targets.first)
        task = self._task(Step.CHANGED, requester.id, operation)
        card = changed_card(
            self._reader(uow, requester),
            ChangedView(operation, changes),
            self._keys_for(operation, requester),
            task,
        )
        uow.outbox.send(card_to(requester.id, card, task, Step.CHANGED, operation))

    def anchored(self, uow: UnitOfWork, head: Head) -> None:
        """The seal of the day, to everybody who decides."""
        for person in uow.people.everybody():
            if person.has(Role.APPROVER):
                uow.outbox.send(text_to(person.id, anchor_notice(person.language, head)))

    # redrawing

    def replaced(self, uow: UnitOfWork, operation: Operation, words: str) -> None:
        """A draft gave way to another one: its card says to which."""
        self._close(uow, operation, {Step.CONFIRM}, words)

    def _close(
        self, uow: UnitOfWork, operation: Operation, steps: set[Step] | None = None, words: str = ""
    ) -> None:
        """Every open copy loses its buttons and says how the operation stands, or `words`."""
        self._drop_leavers(uow, operation)
        for copy in uow.outbox.copies(operation.number):
            person = uow.people.get(copy.person)
            if person is None or (steps is not None and copy.step not in steps):
                continue
            body = closed_card(self._reader(uow, person), operation, words, self._name_map(uow))
            uow.outbox.send(redraw(copy, body, open_=False))

    def _show(
        self,
        uow: UnitOfWork,
        operation: Operation,
        steps: set[Step],
        *,
        of: PersonId | None = None,
        at_latest_now: bool = False,
    ) -> None:
        """Cards just answered lose their buttons, and stay open for the outcome to be drawn on them too.

        A tap brings a second code along. A card answered in words has one, which is kept for the outcome, or spent
        now (`at_latest_now`) where that may be long in coming.
        """
        for copy in uow.outbox.copies(operation.number):
            person = uow.people.get(copy.person)
            if person is None or copy.step not in steps or of not in {None, copy.person}:
                continue
            twice = uow.outbox.codes(copy.task_id) > 1
            if twice or at_latest_now:
                body = closed_card(self._reader(uow, person), operation, names=self._name_map(uow))
                uow.outbox.send(redraw(copy, body, open_=twice))

    def _drop_leavers(self, uow: UnitOfWork, operation: Operation) -> None:
        """Their cards are out of reach: nothing is sent, and a tap on one finds it closed."""
        for copy in uow.outbox.copies(operation.number):
            person = uow.people.get(copy.person)
            if person is not None and not person.active:
                uow.outbox.close(copy.task_id)

    def _redraw_request(self, uow: UnitOfWork, operation: Operation) -> None:
        """K5 again, as it stands now; its last code is kept for the outcome."""
        requester = uow.people.get(operation.requester)
        view = RequestView(operation, self._names(uow, operation.approvers))
        for copy in uow.outbox.copies(operation.number):
            if requester is not None and copy.step is Step.SUBMITTED and uow.outbox.codes(copy.task_id) > 1:
                keys = self._keys_for(operation, requester)
                card = submitted_card(self._reader(uow, requester), view, keys, copy.task_id, self._name_map(uow))
                uow.outbox.send(redraw(copy, update_json(card), open_=True))

    def _notice(self, uow: UnitOfWork, operation: Operation, to: PersonId) -> None:
        for person in self._people(uow, [to]):
            uow.outbox.send(text_to(person.id, end_notice(self._reader(uow, person), operation), operation))

    # small things

    def _reader(self, uow: UnitOfWork, person: Person) -> Reader:
        return Reader(person.language, self.zone, uow.now())

    def _keys_for(self, operation: Operation, person: Person, expires: datetime | None = None) -> CardKeys:
        until = expires or operation.expires_at or operation.created_at + UNDO_KEY_LIFE
        return self.keys.for_card(
            person.id,
            until,
            operation=operation.number,
            fingerprint=operation.fingerprint,
            round_=operation.round,
        )

    def _task(self, step: Step, person: PersonId, operation: Operation) -> str:
        return task_id(step, person, operation.number, operation.created_at, operation.round)

    def _people(self, uow: UnitOfWork, ids: list[PersonId]) -> list[Person]:
        found = (uow.people.get(person) for person in ids)
        return [person for person in found if person is not None and person.active]

    def _names(self, uow: UnitOfWork, ids: tuple[PersonId, ...]) -> tuple[str, ...]:
        known = self._name_map(uow)
        return tuple(known.get(person, str(person)) for person in ids)

    def _name_map(self, uow: UnitOfWork) -> Names:
        return {person.id: person.name for person in uow.people.everybody()}


def _undone_notice(reader: Reader, undone: Operation, changed_since: tuple[str, ...] | None) -> TextMessage:
    if changed_since is None:
        return TextMessage(say(reader.language, "notice_undone_unproven", operation=undone.label))
    if not changed_since:
        return end_notice(reader, undone)
    return TextMessage(say(reader.language, "notice_undone_but", operation=undone.label, count=len(changed_since)))
