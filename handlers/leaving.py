"""Somebody has left, or may no longer decide: their cards close, others are asked, those concerned are told."""

from cards.answering import admin_left, admin_returned, not_known, returned
from cards.model import TextMessage
from cards.texts.say import say
from core.domain.people import Person, Role
from core.ports import UnitOfWork
from core.services.leave import Gone
from handlers.context import Context, Desk
from handlers.post import text_to


def tell_gone(uow: UnitOfWork, desk: Desk, gone: Gone) -> None:
    """In the transaction that took the rights."""
    for operation in gone.ended:
        desk.announcer.ended(uow, operation)
    for operation in gone.reassigned:
        impact = desk.crm.impact_within(uow, operation.targets.first[0].ref)
        desk.announcer.reassigned(uow, operation, impact)
    for operation in gone.stuck:
        desk.announcer.stuck(uow, operation)
    if gone.person is not None and gone.manager is not None and gone.ended:
        uow.outbox.send(text_to(gone.manager.id, _leaver_notice(gone.manager, gone.person, len(gone.ended))))


def tell_left(uow: UnitOfWork, desk: Desk, gone: Gone) -> None:
    """As `tell_gone`, for somebody who has left; administrators hear of it when there were roles to lose."""
    tell_gone(uow, desk, gone)
    if gone.person is not None and gone.person.roles:
        for admin in uow.people.with_role(Role.ADMIN):
            message = admin_left(admin.language, gone.person.name, gone.person.userid)
            uow.outbox.send(text_to(admin.id, message))


def tell_returned(uow: UnitOfWork, person: Person) -> None:
    """To the administrators: what would give the roles back."""
    for admin in uow.people.with_role(Role.ADMIN):
        message = admin_returned(admin.language, person.name, person.userid, person.generation)
        uow.outbox.send(text_to(admin.id, message))


def no_rights(uow: UnitOfWork, context: Context) -> TextMessage:
    """To somebody without any right: whom to ask for what. A leaving is not mended by a line in the roles file."""
    person = uow.people.get(context.sender)
    if person is None or (person.active and person.generation == 1):
        return not_known(context.language, context.incoming.sender_userid)
    generation = person.generation if person.active else person.generation + 1
    return returned(context.language, person.userid, generation)


def _leaver_notice(manager: Person, person: Person, ended: int) -> TextMessage:
    return TextMessage(say(manager.language, "leaver", name=person.name, count=ended))
