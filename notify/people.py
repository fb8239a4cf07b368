"""Somebody has left, or may no longer decide: their cards close, others are asked, those concerned are told."""

from cards.answering import admin_left, admin_returned
from cards.model import TextMessage
from cards.texts.say import say
from core.domain.people import Person, Role
from core.ports.crm import LocalConnector
from core.ports.store import UnitOfWork
from core.services.people import Gone
from notify.post import text_to
from notify.requests import Announcer


def tell_gone(uow: UnitOfWork, announcer: Announcer, crm: LocalConnector, gone: Gone) -> None:
    """In the transaction that took the rights."""
    for operation in gone.ended:
        announcer.ended(uow, operation)
    for operation in gone.reassigned:
        impact = crm.impact_within(uow, operation.targets.first[0].ref)
        announcer.reassigned(uow, operation, impact)
    for operation in gone.stuck:
        announcer.stuck(uow, operation)
    if gone.person is not None and gone.manager is not None and gone.ended:
        uow.outbox.send(text_to(gone.manager.id, _leaver_notice(gone.manager, gone.person, len(gone.ended))))


def tell_left(uow: UnitOfWork, announcer: Announcer, crm: LocalConnector, gone: Gone) -> None:
    """As `tell_gone`, for somebody who has left; administrators hear of it when there were roles to lose."""
    tell_gone(uow, announcer, crm, gone)
    if gone.person is not None and gone.person.roles:
        for admin in uow.people.with_role(Role.ADMIN):
            message = admin_left(admin.language, gone.person.name, gone.person.userid)
            uow.outbox.send(text_to(admin.id, message))


def tell_returned(uow: UnitOfWork, person: Person) -> None:
    """To the administrators: what would give the roles back."""
    for admin in uow.people.with_role(Role.ADMIN):
        message = admin_returned(admin.language, person.name, person.userid, person.generation)
        uow.outbox.send(text_to(admin.id, message))


def _leaver_notice(manager: Person, person: Person, ended: int) -> TextMessage:
    return TextMessage(say(manager.language, "leaver", name=person.name, count=ended))
