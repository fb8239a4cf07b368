"""Tells the manager and the administrators that somebody has left or come back."""

from cards.answering import admin_left, admin_returned
from cards.model import TextMessage
from cards.texts.say import say
from core.domain.events.people import PersonJoined, PersonLeft
from core.domain.people import Role
from core.ports.store import UnitOfWork
from notify.post import text_to


def tell_left(uow: UnitOfWork, event: PersonLeft) -> None:
    """Tells the manager how many requests have ended, and the administrators when the person had roles."""
    person, manager = event.person, event.manager
    if manager is not None and event.ended:
        words = say(manager.language, "leaver", name=person.name, count=event.ended)
        uow.outbox.send(text_to(manager.id, TextMessage(words)))
    if person.roles:  # without roles there is nothing for an administrator to do
        for admin in uow.people.with_role(Role.ADMIN):
            uow.outbox.send(text_to(admin.id, admin_left(admin.language, person.name, person.userid)))


def tell_returned(uow: UnitOfWork, event: PersonJoined) -> None:
    """Tells the administrators which line of the roles file would give the roles back."""
    person = event.person
    for admin in uow.people.with_role(Role.ADMIN):
        message = admin_returned(admin.language, person.name, person.userid, person.generation)
        uow.outbox.send(text_to(admin.id, message))
