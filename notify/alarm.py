"""What the administrators must hear at once, whatever else still works."""

from datetime import timedelta

from cards.answering import log_broken
from core.domain.people import Role
from core.ports.store import UnitOfWork
from notify.post import text_to

JOB = "alarm_log"
AGAIN = timedelta(hours=1)


def tell_log_broken(uow: UnitOfWork) -> None:
    """Once an hour over all processes, to administrators and auditors. Logged nowhere: the log is what broke."""
    slot = int(uow.now().timestamp() // AGAIN.total_seconds())
    if not uow.reminders.claim_slot(JOB, str(slot)):
        return
    for person in uow.people.with_role(Role.ADMIN, Role.AUDITOR):
        uow.outbox.send(text_to(person.id, log_broken(person.language)))
