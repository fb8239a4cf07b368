"""Makes the questions that the bot asks a person and remembers until they are answered."""

import secrets
from datetime import datetime

from core.domain.actions import Action
from core.domain.operation.reason import Reason
from core.domain.people import Person
from core.domain.prompts import Asking, Prompt
from core.domain.records import Kind


def new_prompt(
    person: Person,
    asking: Asking,
    expires_at: datetime,
    *,
    operation: int | None = None,
    action: Action | None = None,
    kind: Kind = Kind.CUSTOMER,
    options: tuple[str, ...] = (),
    reason: Reason | None = None,
    said: str = "",
    heading: str = "",
    took_delete_as_void: bool = False,
) -> Prompt:
    """Returns a question with an id of its own."""
    return Prompt(
        # The id is part of a card's task id, which WeCom never forgets, so it must differ in a new database too.
        id=secrets.token_hex(8),
        person=person.id,
        asking=asking,
        expires_at=expires_at,
        operation=operation,
        action=action,
        kind=kind,
        options=options,
        reason=reason,
        said=said,
        heading=heading,
        took_delete_as_void=took_delete_as_void,
    )
