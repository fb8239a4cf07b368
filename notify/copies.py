"""Redraws the open cards of an operation, so that no card in a chat asks for something that is over."""

from dataclasses import dataclass
from functools import cache

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
    """Redraws the copies of cards. A redraw spends a one-use code; sending a card gives one, each tap another."""

    audience: Audience

    def close(
        self, uow: UnitOfWork, operation: Operation, cards: set[CardName] | None = None, words: str = ""
    ) -> None:
        """Closes the open copies of `cards`, or all of them: each says `words`, or how the operation stands."""
        voters = self.audience.voters(uow, operation)
        # Drawn once for each language: the copies of one look alike.
        body = cache(lambda viewer: closed_card(viewer, operation, words, voters))
        for copy, viewer in self.drop_leavers(uow, operation):
            if cards is None or copy.card in cards:
                uow.outbox.send(redraw(copy, body(viewer), open_=False))

    def answered(
        self, uow: UnitOfWork, operation: Operation, cards: set[CardName], *, of: PersonId | None = None
    ) -> None:
        """Takes the buttons off cards that were just answered, of one person or of all.

        They stay open, so that the outcome can be drawn on them too.
        """
        voters = self.audience.voters(uow, operation)
        for copy, viewer in self.drop_leavers(uow, operation):
            if copy.card not in cards or of not in {None, copy.address.person}:
                continue
            # A tap has brought a second code. A card answered in words has only one, which the outcome needs.
            if uow.cards.codes(copy.task_id) > 1:
                body = closed_card(viewer, operation, names=voters)
                uow.outbox.send(redraw(copy, body, open_=True))

    def confirmed(self, uow: UnitOfWork, operation: Operation) -> None:
        """Draws on the card that was confirmed that it was."""
        for copy, viewer in self.drop_leavers(uow, operation):
            if copy.card not in {CardName.CONFIRM, CardName.CHANGED}:
                continue
            # A last code is spent only on a request that waits for votes, as its outcome may take long.
            twice = uow.cards.codes(copy.task_id) > 1
            if twice or operation.state is State.PENDING:
                uow.outbox.send(redraw(copy, confirmed_card(viewer, operation), open_=twice))

    def drop_leavers(self, uow: UnitOfWork, operation: Operation) -> list[tuple[CardCopy, Viewer]]:
        """Returns the open copies, each with the person who sees it.

        Those of people who have left are marked as closed, without a redraw: nothing can be sent to them.
        """
        copies = uow.cards.copies(operation.number)
        people = uow.people.get_all(copy.address.person for copy in copies)
        seen: list[tuple[CardCopy, Viewer]] = []
        for copy in copies:
            person = people.get(copy.address.person)
            if person is not None and person.active:
                seen.append((copy, self.audience.viewer(uow, person)))
            elif person is not None:
                uow.cards.close(copy.task_id)
        return seen

    def redraw_request(self, uow: UnitOfWork, operation: Operation) -> None:
        """Redraws the card of the submitted request (K5) as the request stands now."""
        requester = uow.people.get(operation.requester)
        view = RequestView(operation, self.audience.names(uow, operation.approvers))
        for copy in uow.cards.copies(operation.number):
            # More than one code: the last one is kept for the outcome.
            if requester is not None and copy.card is CardName.SUBMITTED and uow.cards.codes(copy.task_id) > 1:
                keys = self.audience.keys_for(operation, requester)
                card = submitted_card(self.audience.viewer(uow, requester), view, keys, copy.task_id)
                uow.outbox.send(redraw(copy, update_json(card), open_=True))
