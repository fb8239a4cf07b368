"""The seal of the day: the log's head, told where it lies outside the database."""

from cards.answering import anchor_notice
from core.domain.people import Role
from core.ports.store import UnitOfWork
from notify.post import text_to


def tell_head(uow: UnitOfWork) -> None:
    """To everybody who decides."""
    head = uow.audit.head()
    for person in uow.people.with_role(Role.APPROVER):
        uow.outbox.send(text_to(person.id, anchor_notice(person.language, head)))
