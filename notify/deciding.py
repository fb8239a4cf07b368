"""Asks the approvers with a card (K6), reminds them, and tells the requester how the votes stand."""

import hashlib
from dataclasses import dataclass

from cards.answering import half_time, handed_on, push_sent, pushed, vote_counted
from cards.deciding import decide_card, final_card
from cards.keys import operation_task
from cards.views import DecideView, FinalView
from core.domain.approval.vote import Decision
from core.domain.events.messages import DecisionUnseen
from core.domain.events.requests import OperationReassigned
from core.domain.facts import owner_in
from core.domain.operation.life import State
from core.domain.operation.operation import Operation
from core.domain.outbox import CardName
from core.domain.people import Person
from core.ports.crm import LocalConnector
from core.ports.store import UnitOfWork
from core.services.history import recent_record
from notify.audience import Audience
from notify.copies import Copies
from notify.post import card_to, text_to


@dataclass(frozen=True, slots=True)
class Deciding:
    audience: Audience
    copies: Copies
    crm: LocalConnector

    def ask_all(self, uow: UnitOfWork, operation: Operation) -> None:
        """Sends the card to decide on (K6) to each approver who has not voted in this round."""
        view = self._view(uow, operation)
        for person in self.audience.people(uow, operation.still_to_vote()):
            self._ask(uow, view, person, operation_task(CardName.DECIDE, person.id, operation))

    def show_again(self, uow: UnitOfWork, event: DecisionUnseen) -> None:
        """Sends the card of this round (K6) once more when it never arrived."""
        if not event.missed:
            return
        task = operation_task(CardName.DECIDE, event.voter, event.operation)
        # WeCom refuses a task id that was used before. This one comes from the message that asked for the card, so
        # that the same message, handled again, sends one card.
        fresh = f"{task}-{hashlib.sha256(event.key.encode()).hexdigest()[:8]}"
        for person in self.audience.people(uow, [event.voter]):
            self._ask(uow, self._view(uow, event.operation), person, fresh)

    def _view(self, uow: UnitOfWork, operation: Operation) -> DecideView:
        """Reads what the card shows, which is the same for all approvers."""
        requester = uow.people.get(operation.requester)
        changes, undone = recent_record(uow, operation)
        return DecideView(
            operation=operation,
            requester=requester.name if requester else str(operation.requester),
            head=uow.audit.head(),  # an anchor of the log outside the database
            impact=self.crm.impact_within(uow, operation.targets.first[0].ref),
            owners=self._owners(uow, operation),
            recent_changes=changes,
            recent_undone=undone,
        )

    def _ask(self, uow: UnitOfWork, view: DecideView, person: Person, task: str) -> None:
        keys = self.audience.keys_for(view.operation, person)
        card = decide_card(self.audience.viewer(uow, person), view, keys, task)
        uow.outbox.send(card_to(person.id, card, task, CardName.DECIDE, view.operation))

    def _owners(self, uow: UnitOfWork, operation: Operation) -> tuple[str, ...]:
        owners = {owner for target in operation.targets.first if (owner := owner_in(target.facts))}
        return self.audience.names(uow, tuple(sorted(owners)))

    def voted(self, uow: UnitOfWork, operation: Operation) -> None:
        """Tells what a vote has led to: a rejection, one vote more, or the question for the final confirmation."""
        if operation.state is State.REJECTED:
            self.copies.close(uow, operation)
            self.audience.notice(uow, operation, operation.requester)
            return
        # Only the voter's card is redrawn now: the others keep their code for the outcome.
        self.copies.answered(uow, operation, {CardName.DECIDE}, of=operation.votes[-1].person)
        if operation.state is State.PENDING:
            self._count_vote(uow, operation)
        elif operation.state is State.FINAL:
            self._ask_final(uow, operation)

    def _count_vote(self, uow: UnitOfWork, operation: Operation) -> None:
        """Tells the requester how many of the votes needed there are."""
        requester = uow.people.get(operation.requester)
        if requester is None:
            return
        votes = operation.current_votes(Decision.APPROVE)
        (voter,) = self.audience.names(uow, (votes[-1].person,))
        told = vote_counted(requester.language, operation, voter, len(votes))
        uow.outbox.send(text_to(requester.id, told, operation))

    def _ask_final(self, uow: UnitOfWork, operation: Operation) -> None:
        """Asks the requester for the final confirmation (K8)."""
        requester = uow.people.get(operation.requester)
        if requester is None:
            return
        last = operation.current_votes(Decision.APPROVE)[-1]
        (approver,) = self.audience.names(uow, (last.person,))
        task = operation_task(CardName.FINAL, requester.id, operation)
        view = FinalView(operation, approver, last.at)
        keys = self.audience.keys_for(operation, requester)
        card = final_card(self.audience.viewer(uow, requester), view, keys, task)
        uow.outbox.send(card_to(requester.id, card, task, CardName.FINAL, operation))

    def nudged(self, uow: UnitOfWork, operation: Operation, *, by_hand: bool) -> None:
        """Reminds those who have not voted. A requester who asked for it by hand is told that it was done."""
        requester = uow.people.get(operation.requester)
        name = requester.name if requester else str(operation.requester)
        waiting = self.audience.people(uow, operation.still_to_vote())
        remind = pushed if by_hand else half_time
        for person in waiting:
            told = remind(self.audience.viewer(uow, person), operation, name)
            uow.outbox.send(text_to(person.id, told, operation))
        if by_hand and requester is not None:
            self.copies.redraw_request(uow, operation)
            told = push_sent(requester.language, tuple(person.name for person in waiting))
            uow.outbox.send(text_to(requester.id, told, operation))

    def reassigned(self, uow: UnitOfWork, event: OperationReassigned) -> None:
        """Asks the new approvers in the same round, and tells the requester who they are."""
        operation = event.operation
        if not event.others_asked:  # those who are left were asked before
            return
        self.copies.drop_leavers(uow, operation)
        self.ask_all(uow, operation)
        requester = uow.people.get(operation.requester)
        if requester is not None:
            told = handed_on(requester.language, operation, self.audience.names(uow, operation.approvers))
            uow.outbox.send(text_to(requester.id, told, operation))
