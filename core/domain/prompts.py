"""What the bot last asked a person, when the answer comes as a line of text or a tick on a list."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.domain.actions import Action
from core.domain.operation.reason import Reason
from core.domain.people import PersonId
from core.domain.records import Kind


class Asking(StrEnum):
    PICK = "pick"
    """Which of these records did you mean?"""
    REASON = "reason"
    """Write one line: the reason of this operation."""
    REJECTION = "rejection"
    """Write one line: why the request is rejected."""
    CONFIRM = "confirm"
    """A confirm card is out; 确认 or 取消 in words mean that one."""
    DIGEST = "digest"
    """Which of these silent customers?"""
    FOLLOW_UP = "follow_up"
    """What about these of them?"""


LISTS = frozenset({Asking.PICK, Asking.DIGEST})
"""Questions that the place in a list answers."""
IN_WORDS = frozenset(Asking) - {Asking.DIGEST, Asking.FOLLOW_UP}
"""Questions that want an answer now. A digest stays for weeks, and must not take 取消 away from what is newer."""


@dataclass(frozen=True, slots=True)
class Prompt:
    id: str
    person: PersonId
    asking: Asking
    expires_at: datetime
    operation: int | None = None
    action: Action | None = None
    """None for 查: the pick leads to a look, not to a change."""
    kind: Kind = Kind.CUSTOMER
    options: tuple[str, ...] = ()
    """Numbers of the records offered, in order."""
    reason: Reason | None = None
    """Said with the command, for after the pick."""
    said: str = ""
    heading: str = ""
    """What was searched for."""
    took_delete_as_void: bool = False
