"""Tells administrators what the platform does to the app."""

from cards.notices import app_standing
from core.domain.events.messages import AppStandingReported
from core.domain.people import Role
from core.ports.store import UnitOfWork
from notify.audience import Audience
from notify.post import text_to


def tell_standing(uow: UnitOfWork, audience: Audience, event: AppStandingReported) -> None:
    """Tells all administrators. While the app is stopped, the message waits until it runs again."""
    for person in uow.people.with_role(Role.ADMIN):
        notice = app_standing(audience.viewer(uow, person), event.standing, event.effective_at)
        uow.outbox.send(text_to(person.id, notice))
