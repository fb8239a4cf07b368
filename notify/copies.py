"""Open cards of an operation, redrawn: what was shown in a chat never asks for what is over."""

from dataclasses import dataclass

from cards.deciding import submitted_card
from cards.model import update_json
from cards.outcomes import closed_card, confirmed_card
from cards.views import RequestView, Viewer
from core.domain.operation.life import State
from core.domain.operation.operation import Operation
from core.domain.outbox import CardCopy, CardName
from core.domain.people import PersonId
from core.ports.store import UnitOfWork
from notify.audience import Audience
from notify.post import redraw


@dataclass(frozen=True, slots=True)
class Copies:
    """A card can be redrawn once per code: a tap brings one along, the sending another."""

    audience: Audience

    def close(
        self, uow: UnitOfWork, operation: Operation, cards: set[CardName] | None = None, words: str = ""
    ) -> None:
        """Every open copy loses its buttons and says how the operation stands, or `words`."""
        self.drop_leavers(uow, operation)
        for copy in uow.cards.copies(operation.number):
            person = uow.people.get(copy.person)
            if person is None or (cards is not None and copy.card not in cards):
                continue
            voters = self.audience.voters(uow, operation)
            body = closed_card(self.audience.viewer(uow, person), operation, words, voters)
            uow.outbox.send(redraw(copy, body, open_=False))

    def answered(
        self, uow: UnitOfWork, operation: Operation, cards: set[CardName], *, of: PersonId | None = None
    ) -> None:
        """Cards just answered lose their buttons, and stay open for the outcome to be drawn on them too.

        A tap brings a second code along. A card answered in words has one, which is kept for the outcome.
        """
        for copy, viewer in self._of(uow, operation, cards):
            if of in {None, copy.person} and uow.cards.codes(copy.task_id) > 1:
                body = closed_card(viewer, operation, names=self.audience.voters(uow, operation))
                uow.outbox.send(redraw(copy, body, open_=True))

    def confirmed(self, uow: UnitOfWork, operation: Operation) -> None:
        """The card that was confirmed says so; its only code is spent where the outcome may be long in coming."""
        for copy, viewer in self._of(uow, operation, {CardName.CONFIRM, CardName.CHANGED}):
            twice = uow.cards.codes(copy.task_id) > 1
            if twice or operation.state is State.PENDING:
                uow.outbox.send(redraw(copy, confirmed_card(viewer, operation), open_=twice))

    def _of(self, uow: UnitOfWork, operation: Operation, cards: set[CardName]) -> list[tuple[CardCopy, Viewer]]:
        copies = [copy for copy in uow.cards.copies(operation.number) if copy.card in cards]
        known = [(copy, uow.people.get(copy.person)) for copy in copies]
        return [(copy, self.audience.viewer(uow, person)) for copy, person in known if person is not None]

    def drop_leavers(self, uow: UnitOfWork, operation: Operation) -> None:
        """Their cards are out of reach: nothing is sent, and a tap on one finds it closed."""
        for copy in uow.cards.copies(operation.number):
            person = uow.people.get(copy.person)
            if person is not None and not person.active:
                uow.cards.close(copy.task_id)

    def redraw_request(self, uow: UnitOfWork, operation: Operation) -> None:
        """K5 again, as it stands now; its last code is kept for the outcome."""
        requester = uow.people.get(operation.requester)
        view = RequestView(operation, self.audience.names(uow, operation.approvers))
        for copy in uow.cards.copies(operation.number):
            if requester is not None and copy.card is CardName.SUBMITTED and uow.cards.codes(copy.task_id) > 1:
                keys = self.audience.keys_for(operation, requester)
                card = submitted_card(
                    self.audience.viewer(uow, requester),
                    view,
                    keys,
                    copy.task_id,
                    self.audience.voters(uow, operation),
                )
                uow.outbox.send(redraw(copy, update_json(card), open_=True))
