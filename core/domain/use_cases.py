"""What a use case is: one thing that can be done, who may do it, and what it does to data.

The list of all of them is `core/services/use_cases.py`.
"""

from dataclasses import dataclass
from enum import Enum

from core.domain.people import Right


class RightOf(Enum):
    """A right that hangs on what is asked about. The door finds that, the gate asks for the right."""

    REQUEST = "request"
    """What the request's action needs: 确认 of a draft that deletes needs delete."""
    QUESTION = "question"
    """What the answer leads to: the action a record is picked for, the request a reason is written for."""


class Effect(Enum):
    """What it does to records, requests, people and settings, once it is confirmed. The mildest first."""

    LOOKS = "looks"
    """None of them is different afterwards; at most a message goes out."""
    REVERSIBLE = "changes, can be taken back"
    """It can be undone, asked again, or set anew, or it passes by itself."""
    FOR_GOOD = "changes for good"
    """The bot has no way back from it."""


class Confirmation(Enum):
    """What stands between asking for it and its being done."""

    NONE = "none"
    """It is done at once."""
    CARD = "own card, then approval"
    """The person sees a confirm card first; then whoever the policy asks must agree."""
    APPROVAL = "approval"
    """Whoever the policy asks must agree, which for some actions is nobody."""
    TWO_PEOPLE = "two people and a wait"
    """More than one person must agree, and time must pass."""
    COMMAND = "own command"
    """An operator types that very command on the machine."""


class ForWhom(Enum):
    """Who it is for."""

    ANYBODY = "anybody"
    """Strangers too."""
    MEMBERS = "members"
    """People the bot knows who hold the right."""
    PLATFORM = "platform"
    """Nobody asks for it: WeCom tells that something has happened."""
    OPERATOR = "operator"
    """Only whoever runs commands on the bot's machine."""


_STRONG = frozenset({Confirmation.TWO_PEOPLE, Confirmation.COMMAND})


@dataclass(frozen=True, slots=True)
class UseCase:
    """One thing that a person or a program can do, the same through every door.

    Making one that must not be raises ValueError: a right asked of others than members, or a change for good that
    one person could cause alone.
    """

    name: str
    """Stable, for other programs: lower-case English."""
    right: Right | RightOf | None
    """What a member must hold. Whose request it is, and who decides it, is asked of the request."""
    effect: Effect
    confirmation: Confirmation
    for_whom: ForWhom
    zh: str
    en: str
    """What it does, for pages and help."""

    def __post_init__(self) -> None:
        if (self.right is not None) is not (self.for_whom is ForWhom.MEMBERS):
            raise ValueError(f"{self.name}: a right is what members need, and only they")
        if self.effect is Effect.FOR_GOOD and self.confirmation not in _STRONG:
            raise ValueError(f"{self.name}: nobody changes anything for good alone")

    @property
    def words(self) -> str:
        """What it does, in both languages."""
        return f"{self.zh} · {self.en}"
