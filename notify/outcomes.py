"""Tells everybody concerned what came of an approved operation: done, undone, failed, or on hold.

It runs inside the transaction that made the change.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from cards.keys import operation_task
from cards.notices import (
    backup_notice,
    failed_notice,
    failure_for_admin,
    owner_notice,
    restored_notice,
    undone_notice,
)
from cards.outcomes import changed_card, done_card, end_notice, stale_notice
from cards.views import Changed, ChangedView, DoneView
from core.domain.actions import Action
from core.domain.approval.vote import Decision
from core.domain.audit import Tag
from core.domain.events.execution import BackupRestored, OperationFinished
from core.domain.facts import Facts, changed_facts, owner_in
from core.domain.operation.life import CARRIED_OUT, State
from core.domain.operation.operation import Operation
from core.domain.operation.targets import Outcome
from core.domain.outbox import CardName
from core.domain.people import Role
from core.domain.records import RecordRef
from core.ports.store import UnitOfWork
from notify.audience import Audience
from notify.copies import Copies
from notify.post import card_to, text_to


@dataclass(frozen=True, slots=True)
class Outcomes:
    audience: Audience
    copies: Copies

    def finished(self, uow: UnitOfWork, finished: OperationFinished) -> None:
        """Tells of an operation that a worker has ended, or has put on hold because its records changed."""
        operation = finished.operation
        if operation.state is State.STALE:
            self._stale(uow, operation, finished.now)
            return
        if finished.undone is None and operation.state not in CARRIED_OUT:
            self.failed(uow, operation)
            return
        self.copies.close(uow, operation)
        # Approvers see the outcome on their closed cards; a partial one is told by a message as well.
        if operation.state is State.PARTLY_DONE:
            for approver in operation.approvers:
                self.audience.notice(uow, operation, approver)
        if finished.undone is not None:
            self._undone(uow, finished)
        else:
            self._send_done(uow, operation)
            self._tell_others(uow, operation)

    def _send_done(self, uow: UnitOfWork, operation: Operation) -> None:
        requester = uow.people.get(operation.requester)
        if requester is None:
            return
        viewer = self.audience.viewer(uow, requester)
        if operation.undo_until is None:  # the card with its button is only for what can be undone
            uow.outbox.send(text_to(requester.id, end_notice(viewer, operation), operation))
            return
        view = DoneView(operation, uow.operations.tally(operation.number), self._failures(uow, operation))
        task = operation_task(CardName.DONE, requester.id, operation)
        card = done_card(viewer, view, self.audience.keys_for(operation, requester, operation.undo_until), task)
        uow.outbox.send(card_to(requester.id, card, task, CardName.DONE, operation))

    def _failures(self, uow: UnitOfWork, operation: Operation) -> dict[Outcome, int]:
        listed = uow.operations.targets(operation.number, limit=10_000)
        return dict(Counter(t.outcome for t in listed if t.outcome is not None and not t.outcome.good))

    def _undone(self, uow: UnitOfWork, finished: OperationFinished) -> None:
        """Closes the cards of the undone operation and tells those concerned whether all is as before (K13)."""
        undone = finished.undone
        assert undone is not None  # the caller has checked it
        self.copies.close(uow, undone)
        by = finished.operation.requester
        told = {undone.requester, by, *undone.approvers, *uow.operations.owners(undone.number)}
        (who,) = self.audience.names(uow, (by,))
        for person in self.audience.people(uow, sorted(told)):
            viewer = self.audience.viewer(uow, person)
            notice = undone_notice(viewer, undone, finished.changed_since, "" if person.id == by else who)
            uow.outbox.send(text_to(person.id, notice, undone))

    def _tell_others(self, uow: UnitOfWork, operation: Operation) -> None:
        """Tells owners whose records somebody else changed, and those who had wanted what a 恢复 took back."""
        (who,) = self.audience.names(uow, (operation.requester,))
        agreed = {vote.person for vote in operation.current_votes(Decision.APPROVE)}
        # The requester and those who approved know of it already.
        owners = uow.operations.owners(operation.number)
        for person in self.audience.people(uow, sorted(owners.keys() - agreed - {operation.requester})):
            told = owner_notice(self.audience.viewer(uow, person), operation, who, owners[person.id])
            uow.outbox.send(text_to(person.id, told, operation))
        before = _taken_back(uow, operation)
        if before is None:
            return
        wanted = {before.requester} | {vote.person for vote in before.current_votes(Decision.APPROVE)}
        for person in self.audience.people(uow, sorted(wanted - owners.keys() - {operation.requester})):
            told = restored_notice(self.audience.viewer(uow, person), operation, before, who)
            uow.outbox.send(text_to(person.id, told, operation))

    def restored_from_backup(self, uow: UnitOfWork, event: BackupRestored) -> None:
        """Tells all concerned and the administrators that an operator restored records on the command line."""
        operation = event.operation
        if operation is None:
            return  # the database is new and knows nobody whom the operation concerned
        done = event.counts.get(Outcome.DONE, 0)
        left = sum(count for outcome, count in event.counts.items() if not outcome.good)
        if operation.state is State.UNDONE:
            self.copies.close(uow, operation)
        told = {operation.requester, *operation.approvers, *uow.operations.owners(operation.number)}
        admins = {person.id for person in uow.people.with_role(Role.ADMIN)}
        for person in self.audience.people(uow, sorted(told | admins)):
            notice = backup_notice(self.audience.viewer(uow, person), operation, done, left)
            uow.outbox.send(text_to(person.id, notice, operation))

    def failed(self, uow: UnitOfWork, operation: Operation) -> None:
        """Tells the requester, the approvers and the administrators that nothing was changed, and why."""
        self.copies.close(uow, operation)
        admins = {person.id for person in uow.people.with_role(Role.ADMIN)}
        unproven = bool(uow.audit.of_operation(operation.number, 1, {Tag.BACKUP_FAILED}))
        (who,) = self.audience.names(uow, (operation.requester,))
        failures = self._failures(uow, operation)
        for person in self.audience.people(uow, sorted({operation.requester, *operation.approvers} | admins)):
            viewer = self.audience.viewer(uow, person)
            told = failed_notice(viewer, operation, unproven=unproven)
            if person.id in admins:  # an administrator gets the details, as requester or approver too
                told = failure_for_admin(viewer, operation, who, failures)
            uow.outbox.send(text_to(person.id, told, operation))

    def _stale(self, uow: UnitOfWork, operation: Operation, now: Mapping[RecordRef, Facts]) -> None:
        """Asks the requester whether to keep the records that changed after the vote, or to ask again (K12)."""
        self.copies.close(uow, operation)
        view = self._changes(uow, operation, now)
        for person in self.audience.people(uow, list(operation.approvers)):
            told = stale_notice(self.audience.viewer(uow, person), view)
            uow.outbox.send(text_to(person.id, told, operation))
        requester = uow.people.get(operation.requester)
        if requester is None:
            return
        task = operation_task(CardName.CHANGED, requester.id, operation)
        card = changed_card(
            self.audience.viewer(uow, requester),
            view,
            self.audience.keys_for(operation, requester),
            task,
        )
        uow.outbox.send(card_to(requester.id, card, task, CardName.CHANGED, operation))

    def _changes(self, uow: UnitOfWork, operation: Operation, now: Mapping[RecordRef, Facts]) -> ChangedView:
        """Returns the changed ones among the few records that the operation names, or all of these if none is."""
        every = [Changed(target, now.get(target.ref)) for target in operation.targets.first]
        moved = [c for c in every if c.after is None or changed_facts(c.before.facts, c.after)]
        changes = moved or every
        owners = {owner_in(facts) for change in changes for facts in (change.before.facts, change.after or {})}
        names = uow.people.names(owners)
        return ChangedView(operation, tuple(changes), names)


def _taken_back(uow: UnitOfWork, operation: Operation) -> Operation | None:
    """Returns the operation that a 恢复 by name has taken back: the last one that changed the record before it."""
    if operation.action is not Action.RESTORE or operation.targets.count != 1:
        return None
    touched = uow.operations.touching(operation.targets.first[0].ref, CARRIED_OUT, limit=5)
    return next((each for each in touched if each.action is not Action.RESTORE), None)
