"""Somebody has left, or may no longer decide: their cards close, others are asked, those concerned are told."""

from cards.model import TextMessage
from cards.texts.say import say
from core.domain.people import Person
from core.ports import UnitOfWork
from core.services.leave import Gone
from handlers.context import Desk
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


def _leaver_notice(manager: Person, person: Person, ended: int) -> TextMessage:
    return TextMessage(say(manager.language, "leaver", name=person.name, count=ended))
