"""The log: its head for those who decide, and the alarm when it does not hold."""

from cards.answering import anchor_notice, log_broken
from core.domain.audit import Head
from core.domain.people import Role
from core.ports.store import UnitOfWork
from notify.post import text_to


def tell_head(uow: UnitOfWork, head: Head) -> None:
    """To everybody who decides."""
    for person in uow.people.with_role(Role.APPROVER):
        uow.outbox.send(text_to(person.id, anchor_notice(person.language, head)))


def tell_log_broken(uow: UnitOfWork) -> None:
    """To administrators and auditors."""
    for person in uow.people.with_role(Role.ADMIN, Role.AUDITOR):
        uow.outbox.send(text_to(person.id, log_broken(person.language)))
