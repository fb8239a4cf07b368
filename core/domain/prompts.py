"""Prompts: open questions of the bot that a person answers with a line of text or a choice from a list."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.domain.actions import Action
from core.domain.operation.reason import Reason
from core.domain.people import PersonId
from core.domain.records import Kind


class Asking(StrEnum):
    """The kinds of questions; each is explained in the words of the question."""

    PICK = "pick"
    """Which of these records did you mean?"""
    REASON = "reason"
    """Please write one line: what is the reason of this operation?"""
    REJECTION = "rejection"
    """Please write one line: why do you reject this request?"""
    CONFIRM = "confirm"
    """Do you confirm? A confirm card is open, and 确认 or 取消 in words are about it."""
    DIGEST = "digest"
    """Which of these customers, whom nobody has spoken to lately, do you mean?"""
    FOLLOW_UP = "follow_up"
    """What shall happen to the customers you chose from the digest?"""


LISTS = frozenset({Asking.PICK, Asking.DIGEST})
"""Questions that are answered by a place in a list."""
IN_WORDS = frozenset(Asking) - {Asking.DIGEST, Asking.FOLLOW_UP}
"""Questions that want an answer now. A digest stays open for weeks, so 取消 must not be read as its answer."""


@dataclass(frozen=True, slots=True)
class Prompt:
    id: str
    person: PersonId
    asking: Asking
    expires_at: datetime
    operation: int | None = None
    action: Action | None = None
    """The action that follows the answer; None for 查, where the record is only looked at."""
    kind: Kind = Kind.CUSTOMER
    options: tuple[str, ...] = ()
    """The numbers of the records offered, in their order."""
    reason: Reason | None = None
    """The reason given with the command; it is used once the record is picked."""
    said: str = ""
    """The words of the message that the question follows from."""
    heading: str = ""
    """What the person searched for, or the customers that the question is about."""
    took_delete_as_void: bool = False
    """True when the person said 删除 and it was read as 作废, which the confirm card then says."""
