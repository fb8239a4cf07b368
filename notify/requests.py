"""Tells everybody concerned how a request and its votes stand: cards sent, open copies redrawn.

Used by handlers, by the executor and by jobs alike, always inside the transaction that made the change.
What came of it is told in outcomes.py.
"""

from dataclasses import dataclass

from cards.answering import half_time, handed_on, push_sent, pushed, undelivered, vote_counted
from cards.deciding import decide_card, final_card, submitted_card
from cards.outcomes import expired_for_decider
from cards.views import DecideView, FinalView, RequestView
from core.domain.approval.vote import Decision
from core.domain.facts import owner_in
from core.domain.impact import Impact
from core.domain.operation.life import State
from core.domain.operation.operation import Operation
from core.domain.outbox import CardName
from core.domain.people import Person
from core.ports.store import UnitOfWork
from core.services.history import recent_record
from notify.audience import Audience
from notify.copies import Copies
from notify.post import card_to, text_to


@dataclass(frozen=True, slots=True)
class Announcer:
    audience: Audience

    @property
    def copies(self) -> Copies:
        return Copies(self.audience)

    # asking, and what the votes say

    def submitted(self, uow: UnitOfWork, operation: Operation, impact: Impact) -> None:
        """K2 says so; K5 to the requester, K6 to those who decide."""
        self.copies.confirmed(uow, operation)
        if operation.state is not State.PENDING:
            return  # nobody needs to agree: the outcome follows at once
        self._send_request(uow, operation)
        self.ask_deciders(uow, operation, impact)

    def _send_request(self, uow: UnitOfWork, operation: Operation) -> None:
        requester = uow.people.get(operation.requester)
        if requester is None:
            return
        view = RequestView(operation, self.audience.names(uow, operation.approvers))
        task = self.audience.task(CardName.SUBMITTED, requester.id, operation)
        card = submitted_card(
            self.audience.viewer(uow, requester), view, self.audience.keys_for(operation, requester), task
        )
        uow.outbox.send(card_to(requester.id, card, task, CardName.SUBMITTED, operation))

    def ask_deciders(self, uow: UnitOfWork, operation: Operation, impact: Impact) -> None:
        """K6 to each of them who has not voted in this round."""
        for person in self.audience.people(uow, operation.still_to_vote()):
            self.ask_decider(
                uow, operation, impact, person, self.audience.task(CardName.DECIDE, person.id, operation)
            )

    def ask_decider(
        self, uow: UnitOfWork, operation: Operation, impact: Impact, person: Person, task: str
    ) -> None:
        """K6 to one of them; the same `task` is sent once."""
        requester = uow.people.get(operation.requester)
        changes, undone = recent_record(uow, operation.requester)
        view = DecideView(
            operation=operation,
            requester=requester.name if requester else str(operation.requester),
            head=uow.audit.head(),
            impact=impact,
            owner=self._owner(uow, operation),
            recent_changes=changes,
            recent_undone=undone,
        )
        card = decide_card(
            self.audience.viewer(uow, person), view, self.audience.keys_for(operation, person), task
        )
        uow.outbox.send(card_to(person.id, card, task, CardName.DECIDE, operation))

    def _owner(self, uow: UnitOfWork, operation: Operation) -> str:
        owners = {owner_in(target.facts) for target in operation.targets.first} - {None}
        return "、".join(self.audience.names(uow, tuple(sorted(owner for owner in owners if owner))))

    def voted(self, uow: UnitOfWork, operation: Operation) -> None:
        """After a vote. A card can be redrawn once per code, so the others wait for what comes of it."""
        if operation.state is State.REJECTED:
            self.copies.close(uow, operation)
            self.audience.notice(uow, operation, operation.requester)
            return
        self.copies.answered(uow, operation, {CardName.DECIDE}, of=operation.votes[-1].person)
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
        (voter,) = self.audience.names(uow, (votes[-1].person,))
        told = vote_counted(requester.language, operation, voter, len(votes))
        uow.outbox.send(text_to(requester.id, told, operation))

    def _send_final(self, uow: UnitOfWork, operation: Operation) -> None:
        requester = uow.people.get(operation.requester)
        if requester is None:
            return
        last = operation.current_votes(Decision.APPROVE)[-1]
        (approver,) = self.audience.names(uow, (last.person,))
        task = self.audience.task(CardName.FINAL, requester.id, operation)
        card = final_card(
            self.audience.viewer(uow, requester),
            FinalView(operation, approver, last.at),
            self.audience.keys_for(operation, requester),
            task,
        )
        uow.outbox.send(card_to(requester.id, card, task, CardName.FINAL, operation))

    def run_asked(self, uow: UnitOfWork, operation: Operation) -> None:
        """执行 was tapped: K8 loses its buttons, the outcome follows."""
        self.copies.answered(uow, operation, {CardName.FINAL})

    # asking others, asking again

    def nudged(self, uow: UnitOfWork, operation: Operation, *, by_hand: bool) -> None:
        """Remind those who have not voted; by hand the requester hears that it was done."""
        requester = uow.people.get(operation.requester)
        name = requester.name if requester else str(operation.requester)
        waiting = self.audience.people(uow, operation.still_to_vote())
        remind = pushed if by_hand else half_time
        for person in waiting:
            uow.outbox.send(
                text_to(person.id, remind(self.audience.viewer(uow, person), operation, name), operation)
            )
        if by_hand and requester is not None:
            self.copies.redraw_request(uow, operation)
            told = push_sent(requester.language, tuple(person.name for person in waiting))
            uow.outbox.send(text_to(requester.id, told, operation))

    def reopened(self, uow: UnitOfWork, operation: Operation, impact: Impact) -> None:
        """Votes or roles no longer satisfied the policy: those who may decide now are asked."""
        self.copies.close(uow, operation)
        self._send_request(uow, operation)
        self.ask_deciders(uow, operation, impact)

    def reassigned(self, uow: UnitOfWork, operation: Operation, impact: Impact) -> None:
        """Somebody who was asked has left: others are asked in the same round, and the requester is told."""
        self.copies.drop_leavers(uow, operation)
        self.ask_deciders(uow, operation, impact)
        requester = uow.people.get(operation.requester)
        if requester is not None:
            told = handed_on(requester.language, operation, self.audience.names(uow, operation.approvers))
            uow.outbox.send(text_to(requester.id, told, operation))

    def stuck(self, uow: UnitOfWork, operation: Operation) -> None:
        """Nobody is left who may decide: the requester must know."""
        self.copies.drop_leavers(uow, operation)
        for person in self.audience.people(uow, [operation.requester]):
            told = undelivered(person.language, operation, (), everybody=True)
            uow.outbox.send(text_to(person.id, told, operation))

    # no outcome to wait for

    def ended(self, uow: UnitOfWork, operation: Operation) -> None:
        """Cancelled, withdrawn or expired: cards close; whoever would wait in vain is told.

        A draft nobody confirmed bothers nobody: its card says how it ended.
        """
        self.copies.close(uow, operation)
        if operation.confirmed_at is None:
            return
        self.audience.notice(uow, operation, operation.requester)
        if operation.state is State.EXPIRED:
            for person in self.audience.people(uow, list(operation.approvers)):
                told = expired_for_decider(self.audience.viewer(uow, person), operation)
                uow.outbox.send(text_to(person.id, told, operation))

    def replaced(self, uow: UnitOfWork, operation: Operation, words: str) -> None:
        """A draft gave way to another one: its card says to which."""
        self.copies.close(uow, operation, {CardName.CONFIRM}, words)
