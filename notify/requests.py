"""The requester: asked with K2 to confirm, told with K5 that it was submitted, and told when it has ended."""

from dataclasses import dataclass

from cards.answering import undelivered
from cards.deciding import submitted_card
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
        """K2. An undo needs none: it is confirmed by what asked for it."""
        operation = event.operation
        me = uow.people.get(operation.requester)
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
        task = self.audience.task(CardName.CONFIRM, me.id, operation)
        card = confirm_card(self.audience.viewer(uow, me), view, self.audience.keys_for(operation, me), task)
        uow.outbox.send(card_to(me.id, card, task, CardName.CONFIRM, operation))

    def replaced(self, uow: UnitOfWork, event: DraftReplaced) -> None:
        """Its card says by which draft it was replaced, or that a gentler action was chosen."""
        old, new = event.operation, event.by
        for me in self.audience.people(uow, [old.requester]):
            words = say(me.language, "replaced_by", operation=new.label)
            if old.action is not new.action:
                words = say(me.language, "archived_instead")
            self.copies.close(uow, old, {CardName.CONFIRM}, words)

    def submitted(self, uow: UnitOfWork, operation: Operation) -> None:
        """K2 says so; K5 to the requester, K6 to those who decide."""
        self.copies.confirmed(uow, operation)
        if operation.state is State.PENDING:  # else nobody needs to agree: the outcome follows at once
            self._send_request(uow, operation)
            self.deciding.ask_all(uow, operation)

    def reopened(self, uow: UnitOfWork, operation: Operation) -> None:
        """Votes or roles no longer satisfied the policy: those who may decide now are asked."""
        self.copies.close(uow, operation)
        self._send_request(uow, operation)
        self.deciding.ask_all(uow, operation)

    def _send_request(self, uow: UnitOfWork, operation: Operation) -> None:
        requester = uow.people.get(operation.requester)
        if requester is None:
            return
        view = RequestView(operation, self.audience.names(uow, operation.approvers))
        task = self.audience.task(CardName.SUBMITTED, requester.id, operation)
        keys = self.audience.keys_for(operation, requester)
        card = submitted_card(self.audience.viewer(uow, requester), view, keys, task)
        uow.outbox.send(card_to(requester.id, card, task, CardName.SUBMITTED, operation))

    def run_asked(self, uow: UnitOfWork, operation: Operation) -> None:
        """执行 was tapped: K8 loses its buttons, the outcome follows."""
        self.copies.answered(uow, operation, {CardName.FINAL})

    def stuck(self, uow: UnitOfWork, operation: Operation) -> None:
        """Nobody is left who may decide: the requester must know."""
        self.copies.drop_leavers(uow, operation)
        for person in self.audience.people(uow, [operation.requester]):
            told = undelivered(person.language, operation, (), everybody=True)
            uow.outbox.send(text_to(person.id, told, operation))

    def ended(self, uow: UnitOfWork, operation: Operation) -> None:
        """Cancelled, withdrawn or expired: cards close; whoever would wait in vain is told.

        A draft nobody confirmed bothers nobody: its card says how it ended.
        """
        self.copies.close(uow, operation)
        if operation.confirmed_at is None:
            return
        self.audience.notice(uow, operation, operation.requester)
        if operation.state is State.EXPIRED:
            for person in self.audience.people(uow, operation.approvers):
                told = expired_for_decider(self.audience.viewer(uow, person), operation)
                uow.outbox.send(text_to(person.id, told, operation))
