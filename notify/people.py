"""Somebody has left or come back: the manager and the administrators are told."""

from cards.answering import admin_left, admin_returned
from cards.model import TextMessage
from cards.texts.say import say
from core.domain.events.people import PersonJoined, PersonLeft
from core.domain.people import Role
from core.ports.store import UnitOfWork
from notify.post import text_to


def tell_left(uow: UnitOfWork, event: PersonLeft) -> None:
    """The manager hears what has ended; administrators hear of it when there were roles to lose."""
    person, manager = event.person, event.manager
    if manager is not None and event.ended:
        words = say(manager.language, "leaver", name=person.name, count=event.ended)
        uow.outbox.send(text_to(manager.id, TextMessage(words)))
    if person.roles:
        for admin in uow.people.with_role(Role.ADMIN):
            uow.outbox.send(text_to(admin.id, admin_left(admin.language, person.name, person.userid)))


def tell_returned(uow: UnitOfWork, event: PersonJoined) -> None:
    """To the administrators: what would give the roles back."""
    person = event.person
    for admin in uow.people.with_role(Role.ADMIN):
        message = admin_returned(admin.language, person.name, person.userid, person.generation)
        uow.outbox.send(text_to(admin.id, message))
