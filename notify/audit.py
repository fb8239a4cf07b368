"""Sends the head of the log to the approvers, and the alarm when the log does not hold."""

from cards.answering import anchor_notice, log_broken, row_unsound
from core.domain.audit import Head
from core.domain.events.log import RowUnsound, Telling
from core.domain.people import Role
from core.ports.store import UnitOfWork
from notify.post import text_to


def tell_head(uow: UnitOfWork, head: Head) -> None:
    """Sends the head of the log to all approvers, so that an anchor lies outside the database."""
    for person in uow.people.with_role(Role.APPROVER):
        uow.outbox.send(text_to(person.id, anchor_notice(person.language, head)))


def tell_log_broken(uow: UnitOfWork) -> None:
    """Sends the alarm to administrators and auditors."""
    for person in uow.people.with_role(Role.ADMIN, Role.AUDITOR):
        uow.outbox.send(text_to(person.id, log_broken(person.language)))


def tell_unsound(uow: UnitOfWork, event: RowUnsound) -> None:
    """Tells administrators and auditors of a row that somebody else wrote, unless they have heard of enough."""
    if event.telling is Telling.NONE:
        return
    last = event.telling is Telling.LAST
    for person in uow.people.with_role(Role.ADMIN, Role.AUDITOR):
        uow.outbox.send(text_to(person.id, row_unsound(person.language, event.found, last=last)))
