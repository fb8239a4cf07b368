"""Asks a requester to confirm (K2), shows that the request was submitted (K5), and tells when it has ended."""

from dataclasses import dataclass

from cards.answering import nobody_left
from cards.deciding import submitted_card
from cards.keys import operation_task
from cards.outcomes import expired_for_decider
from cards.proposing import confirm_card
from cards.texts.say import say
from cards.views import ConfirmView, RequestView
from core.domain.events.requests import DraftReplaced, OperationDrafted
from core.domain.operation.life import State
from core.domain.operation.operation import Mode, Operation
from core.domain.outbox import CardName
from core.ports.store import UnitOfWork
from notify.audience import Audience
from notify.copies import Copies
from notify.deciding import Deciding
from notify.post import card_to, text_to


@dataclass(frozen=True, slots=True)
class Requests:
    audience: Audience
    copies: Copies
    deciding: Deciding

    def drafted(self, uow: UnitOfWork, event: OperationDrafted) -> None:
        """Sends the confirm card (K2)."""
        operation = event.operation
        me = uow.people.get(operation.requester)
        # An undo is confirmed by the tap or the words that asked for it.
        if operation.mode is Mode.UNDO or me is None:
            return
        names = uow.people.names((*event.approvers, event.owner))
        view = ConfirmView(
            operation=operation,
            impact=event.impact,
            owner=names.get(event.owner, str(event.owner)) if event.owner else "",
            level=event.level,
            approvers=tuple(names[person] for person in event.approvers),
            votes_needed=event.votes_needed,
            undo_until=event.undo_until,
            took_delete_as_void=event.took_delete_as_void,
        )
        task = operation_task(CardName.CONFIRM, me.id, operation)
        card = confirm_card(self.audience.viewer(uow, me), view, self.audience.keys_for(operation, me), task)
        uow.outbox.send(card_to(me.id, card, task, CardName.CONFIRM, operation))

    def replaced(self, uow: UnitOfWork, event: DraftReplaced) -> None:
        """Closes the card of a draft; it says which draft has replaced it, or that 归档 was chosen instead."""
        old = event.operation
        for me in self.audience.people(uow, [old.requester]):
            words = say(me.language, "replaced_by", operation=event.by.label)
            if event.gentler:
                words = say(me.language, "archived_instead")
            self.copies.close(uow, old, {CardName.CONFIRM}, words)

    def submitted(self, uow: UnitOfWork, operation: Operation) -> None:
        """Closes the confirm card, sends the requester the card to follow (K5) and asks the approvers (K6)."""
        self.copies.confirmed(uow, operation)
        if operation.state is State.PENDING:  # else no vote is needed, and the outcome follows at once
            self._send_request(uow, operation)
            self.deciding.ask_all(uow, operation)

    def reopened(self, uow: UnitOfWork, operation: Operation) -> None:
        """Asks those who may decide now, because votes or roles no longer satisfied the policy."""
        self.copies.close(uow, operation)
        self._send_request(uow, operation)
        self.deciding.ask_all(uow, operation)

    def _send_request(self, uow: UnitOfWork, operation: Operation) -> None:
        requester = uow.people.get(operation.requester)
        if requester is None:
            return
        view = RequestView(operation, self.audience.names(uow, operation.approvers))
        task = operation_task(CardName.SUBMITTED, requester.id, operation)
        keys = self.audience.keys_for(operation, requester)
        card = submitted_card(self.audience.viewer(uow, requester), view, keys, task)
        uow.outbox.send(card_to(requester.id, card, task, CardName.SUBMITTED, operation))

    def run_asked(self, uow: UnitOfWork, operation: Operation) -> None:
        """Takes the buttons off the card of the final confirmation (K8); the outcome follows."""
        self.copies.answered(uow, operation, {CardName.FINAL})

    def stuck(self, uow: UnitOfWork, operation: Operation) -> None:
        """Tells the requester that nobody is left who may decide the request."""
        self.copies.drop_leavers(uow, operation)
        for person in self.audience.people(uow, [operation.requester]):
            told = nobody_left(person.language, operation)
            uow.outbox.send(text_to(person.id, told, operation))

    def ended(self, uow: UnitOfWork, operation: Operation) -> None:
        """Closes the cards of a cancelled, withdrawn or expired request; tells those who would wait in vain."""
        self.copies.close(uow, operation)
        if operation.confirmed_at is None:  # only its requester knows of a draft, and the card says how it ended
            return
        self.audience.notice(uow, operation, operation.requester)
        # Approvers are told that nothing is left to do.
        if operation.state is State.EXPIRED:
            for person in self.audience.people(uow, operation.approvers):
                voted = operation.has_voted(person.id)
                told = expired_for_decider(self.audience.viewer(uow, person), operation, voted=voted)
                uow.outbox.send(text_to(person.id, told, operation))
