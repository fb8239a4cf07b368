"""恢复 昨天删的那三个, 恢复刚才那个: what is meant but not named is the last own operation."""

from core.domain.actions import Action
from handlers.commands import Undo
from handlers.language.names import after_verb, is_indirect
from handlers.language.normal import Said
from handlers.language.verbs import opening


def last_of_mine(head: Said) -> Undo | None:
    found = opening(head)
    if found is None or found.verb.action is not Action.RESTORE:
        return None
    return Undo() if is_indirect(after_verb(found.rest).trim(" :,。.!")) else None
