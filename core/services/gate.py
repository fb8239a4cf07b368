"""The gate: every door asks it once whether somebody may do something, before anything is done.

The right that a use case needs is data in `use_cases.py`. Rules about one object ("may this person decide this
request") are not asked here: they live in that object.
"""

from dataclasses import dataclass
from enum import Enum

from core.domain.errors import NotAllowed, NotYours, Refusal
from core.domain.operation.life import State
from core.domain.operation.operation import Operation
from core.domain.people import Person, PersonId, Right
from core.domain.prompts import Asking, Prompt
from core.domain.use_cases import ForWhom, RightOf, UseCase


@dataclass(frozen=True, slots=True)
class Member:
    """A person the bot knows, with the rights that their roles grant at this moment; `somebody` makes it."""

    person: Person
    rights: frozenset[Right]


class Unnamed(Enum):
    """The askers that are no person the bot knows."""

    STRANGER = "stranger"
    """Somebody in WeCom whom the bot does not know, or who has left."""
    PLATFORM = "platform"
    """WeCom itself, which reports what has happened."""
    OPERATOR = "operator"
    """Whoever runs a command on the bot's machine."""


Asker = Member | Unnamed


@dataclass(frozen=True, slots=True)
class Matter:
    """The request or the question that a message is about. It is empty when the right does not depend on them."""

    operation: Operation | None = None
    prompt: Prompt | None = None


NOTHING = Matter()


def somebody(person: Person | None, rights: frozenset[Right]) -> Asker:
    """Returns who is asking from a chat. A person who has left is a stranger, whatever rights are passed along."""
    if person is None or not person.active:
        return Unnamed.STRANGER
    return Member(person, rights)


def admit(case: UseCase, asker: Asker, matter: Matter = NOTHING) -> None:
    """Returns when the asker may do it; otherwise raises the Refusal with which the asker is answered.

    NotAllowed names the missing right. When that is the right to approve and `matter` holds a request, the refusal
    is about the request: NotYours, or AlreadyClosed when it is the asker's own and is not pending any more.
    Raises ValueError when the right depends on a request or a question that `matter` lacks.
    """
    match case.for_whom:
        case ForWhom.ANYBODY:
            return
        case ForWhom.PLATFORM:
            _admit_only(Unnamed.PLATFORM, asker)
        case ForWhom.OPERATOR:
            _admit_only(Unnamed.OPERATOR, asker)
        case ForWhom.MEMBERS:
            _admit_member(case, asker, matter)


def _admit_only(one: Unnamed, asker: Asker) -> None:
    # No right and no role of a member opens these use cases.
    if asker is not one:
        raise NotAllowed("not_for_members")


def _admit_member(case: UseCase, asker: Asker, matter: Matter) -> None:
    if not isinstance(asker, Member):
        raise NotAllowed("not_known")
    right = _needed(case, matter)
    if right not in asker.rights:
        raise _refusal(asker.person.id, right, matter.operation)


def _needed(case: UseCase, matter: Matter) -> Right:
    match case.right:
        case RightOf.REQUEST if matter.operation is not None:
            return matter.operation.action.right
        case RightOf.QUESTION if matter.prompt is not None:
            return _led_to(matter.prompt, matter.operation)
        case Right() as right:
            return right
    raise ValueError(f"{case.name}: the door has to find what it is about before it asks")


def _led_to(prompt: Prompt, operation: Operation | None) -> Right:
    """Returns the right that an answer to this question needs: the right for what the answer leads to."""
    match prompt.asking:
        case Asking.REJECTION:  # the line is the vote
            return Right.APPROVE
        case Asking.REASON if operation is not None:  # the line submits the request
            return operation.action.right
        case _:  # a record picked without an action is only looked at
            return prompt.action.right if prompt.action else Right.VIEW


def _refusal(person: PersonId, right: Right, operation: Operation | None) -> Refusal:
    """Returns the refusal for a person who lacks this right: about the request to decide, or about the right."""
    if right is not Right.APPROVE or operation is None:
        return NotAllowed(right=right)
    own = operation.requester == person
    # The refusal of an own request offers to remind the approvers; after the end there is nobody to remind.
    if own and operation.state is not State.PENDING:
        return operation.closed()
    return NotYours("requester_cannot_decide" if own else "not_approver", operation=operation.label)
