"""The type of a use case: one thing that can be done, who may do it, and what it does to data.

The list of all of them is `core/services/use_cases.py`.
"""

from dataclasses import dataclass
from enum import Enum

from core.domain.people import Right


class RightOf(Enum):
    """A right that depends on what a message is about, which the door finds out before it asks the gate."""

    REQUEST = "request"
    """The right that the request's action needs: 确认 of a draft that deletes needs delete."""
    QUESTION = "question"
    """The right for what the answer leads to: the action a record is picked for, the request a line is about."""


class Effect(Enum):
    """What a use case does to records, requests, people and settings once it is confirmed, from the mildest on."""

    LOOKS = "looks"
    """It changes nothing; at most a message goes out."""
    REVERSIBLE = "changes, can be taken back"
    """It can be undone, asked again or set anew, or it passes by itself."""
    FOR_GOOD = "changes for good"
    """The bot cannot take it back."""


class Confirmation(Enum):
    """What must happen between asking for a use case and doing it."""

    NONE = "none"
    """It is done at once."""
    CARD = "own card, then approval"
    """The person sees a confirm card first; then the people whom the policy asks must agree."""
    APPROVAL = "approval"
    """The people whom the policy asks must agree; for some actions it asks nobody."""
    TWO_PEOPLE = "two people and a wait"
    """More than one person must agree, and a waiting time must pass."""
    COMMAND = "own command"
    """An operator types this command on the machine."""


class ForWhom(Enum):
    """The kinds of askers that a use case is for."""

    ANYBODY = "anybody"
    """Everybody who writes to the bot, strangers included."""
    MEMBERS = "members"
    """People whom the bot knows and who hold the right."""
    PLATFORM = "platform"
    """WeCom, which reports what has happened; no person asks for it."""
    OPERATOR = "operator"
    """Whoever runs commands on the bot's machine, and nobody else."""


# One person alone must not be able to cause a change that cannot be taken back.
_STRONG = frozenset({Confirmation.TWO_PEOPLE, Confirmation.COMMAND})


@dataclass(frozen=True, slots=True)
class UseCase:
    """One thing that a person or a program can do, the same through every door.

    Raises ValueError for a use case for members without a right, for one with a right that is not for members, and
    for a change for good that one person could cause alone.
    """

    name: str
    """A stable name for other programs, in lower-case English."""
    right: Right | RightOf | None
    """The right that a member must hold. Whose request it is, and who decides it, is a question to the request."""
    effect: Effect
    confirmation: Confirmation
    for_whom: ForWhom
    zh: str
    en: str
    """What it does, in Chinese and in English, for pages and help."""

    def __post_init__(self) -> None:
        if (self.right is not None) is not (self.for_whom is ForWhom.MEMBERS):
            raise ValueError(f"{self.name}: a right is what members need, and only they")
        if self.effect is Effect.FOR_GOOD and self.confirmation not in _STRONG:
            raise ValueError(f"{self.name}: nobody changes anything for good alone")

    @property
    def words(self) -> str:
        """The description in both languages."""
        return f"{self.zh} · {self.en}"
